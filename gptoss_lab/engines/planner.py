"""What fits this machine, why, and what to start it with. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.engines.engine_setting import setting_of
from gptoss_lab.engines.installed import Installed
from gptoss_lab.engines.model_shape import ModelShape, known_shape
from gptoss_lab.engines.plan_attach import attach_options
from gptoss_lab.engines.plan_cpu import cpu_option
from gptoss_lab.engines.plan_flags import plan_flags
from gptoss_lab.engines.plan_gpu import gpu_options
from gptoss_lab.engines.plan_transformers import transformers_options
from gptoss_lab.engines.plan_words import gib
from gptoss_lab.engines.weights import Weights
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import FoundServer, Gpu, Hardware, ModelPlan, Option

SPARE_DISK_BYTES = 512 << 20
__all__ = ["make_plan", "model_name", "setting_of"]


def make_plan(
    config: ModelConfig,
    hardware: Hardware,
    weights: Weights | None,
    installed: Installed,
    found: Sequence[FoundServer] = (),
) -> ModelPlan:
    """Return every way to serve the model here, best first.

    Args:
        config: The person's choices, which go before ours.
        hardware: What the machine has; read it before our own engine takes its part.
        weights: Those on this disk, or None; then what is known of the model for its name is used.
        installed: The engines' environments.
        found: Servers on this machine that answer; they are offered, never chosen.
    """
    shape = weights.shape if weights else known_shape(config.source)
    gpus, unknown = _named(config, hardware.gpus)
    attached = attach_options(config, hardware, shape, found)
    by_transformers = transformers_options(config, hardware, gpus, shape, installed)
    slow = [option for option in by_transformers if _is_slow(option, shape)]
    options = [
        *(attached if config.url else ()),
        *gpu_options(config, gpus, shape, installed),
        cpu_option(config, hardware, shape, installed),
        *(option for option in by_transformers if option not in slow),
        *(() if config.url else attached),
        *slow,
    ]
    if unknown:
        options = [_refused(option, unknown) if option.device != "" else option for option in options]
    options = [_with_fault(option, installed) for option in options]
    if weights is None and 0 < hardware.disk_free_bytes < shape.disk_bytes + SPARE_DISK_BYTES:
        options = [_without_room(option, hardware) for option in options]
    ranked = sorted((plan_flags(option, config) for option in options), key=lambda option: not option.fits)
    chosen = _chosen(config, ranked, shape)
    return ModelPlan(
        model=model_name(config),
        hardware=hardware,
        options=tuple(ranked),
        chosen=chosen,
        summary=_summary(config, ranked, chosen),
        found=tuple(found),
    )


def model_name(config: ModelConfig) -> str:
    """Return the name under which a hosted model answers."""
    return config.name or config.source.rstrip("/").rpartition("/")[2] or "model"


def _named(config: ModelConfig, gpus: Sequence[Gpu]) -> tuple[list[Gpu], str]:
    """Return the GPUs that `devices` names, all without it; and those words that name none."""
    words = [word for word in config.devices.split(",") if word]
    if not words:
        return list(gpus), ""
    named = [gpu for gpu in gpus if any(word == str(gpu.index) or word == gpu.uuid for word in words)]
    known = {str(gpu.index) for gpu in gpus} | {gpu.uuid for gpu in gpus}
    return named, ", ".join(word for word in words if word not in known)


def _with_fault(option: Option, installed: Installed) -> Option:
    """Return an option that fits with what is wrong with its engine's environment, if anything."""
    fault = installed.faults.get(option.engine) if option.engine != "attached" else None
    if fault is None or not option.install:
        return option
    return option.model_copy(update={"reasons": (*option.reasons, f"{fault.message}."), "hint": fault.hint})


def _without_room(option: Option, hardware: Hardware) -> Option:
    """Return an option whose weights would have to be downloaded onto a disk that is too full for them."""
    if not option.fits or option.engine == "attached":
        return option
    room = f"{hardware.disk_free_bytes / 1e9:.1f} GB of disk are free"
    words = f"Its weights take {option.disk_bytes / 1e9:.1f} GB, and {room}."
    hint = "Free some space, or move the data folder with GPTOSS_LAB_DATA_DIR."
    return option.model_copy(
        update={"fits": False, "reasons": (words, *option.reasons), "hint": hint, "install": ""}
    )


def _refused(option: Option, unknown: str) -> Option:
    words = f"`devices` names {unknown}, and this machine has no such GPU."
    change = {
        "fits": False,
        "reasons": (words,),
        "hint": "Correct `devices`, or leave it unset.",
        "install": "",
    }
    return option.model_copy(update=change)


def _is_slow(option: Option, shape: ModelShape) -> bool:
    """Say whether it would be a token a second: large weights, expanded, on a processor."""
    return option.engine == "transformers" and option.device == "cpu" and bool(shape.quantization)


def _chosen(config: ModelConfig, options: Sequence[Option], shape: ModelShape) -> int | None:
    """Return the first option that fits and that the configuration lets this server take by itself."""
    engines = {"attach": ("attached",), "vllm": ("vllm",), "transformers": ("transformers",)}.get(
        config.engine
    )
    if config.engine == "none":
        return None
    for place, option in enumerate(options):
        if not option.fits or (option.engine == "attached" and not config.url):
            continue
        if (option.engine in engines) if engines else not _is_slow(option, shape):
            return place
    return None


def _summary(config: ModelConfig, options: Sequence[Option], chosen: int | None) -> str:
    name = model_name(config)
    if config.engine == "none":
        return f"The configuration hosts no model, so {name} is not started."
    if chosen is not None:
        option = options[chosen]
        if option.engine == "attached":
            return f"The model is served by {option.title[0].lower()}{option.title[1:]}."
        end = f", once `{option.install}` was run" if option.install else ""
        size = f"{option.max_model_len:,} tokens in about {gib(option.memory_bytes)}"
        return f"{name} fits this machine: {option.title}, {size}{end}."
    wanted = [option for option in options if config.engine in {"auto", "attach", option.engine}] or options
    why = next(
        (option.reasons[0] for option in wanted if not option.fits and option.reasons), "nothing serves it."
    )
    other = next((option.title for option in options if option.fits), "")
    also = f"; what fits is {other}" if other else ""
    return f"{name} cannot be hosted here: {_lower(why).rstrip('.')}{also}."


def _lower(sentence: str) -> str:
    """Return a sentence as it stands after a colon; names keep their letters."""
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() else sentence
