"""The section of the model in the configuration."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator
from typing_extensions import Self

from gptoss_lab.schemas.base import Effort, Wire


class ModelConfig(Wire):
    """The model: one that this server hosts, or one that is attached by `url`.

    Until a model is there the examples generator answers. `api_key_env` names the environment
    variable that holds the key of an attached server, `api_key_file` a file that does; the key itself
    is never part of the configuration.

    Attributes:
        engine: "auto" takes what the planner finds best; "attach" needs `url`; "none" hosts nothing.
        url: The address of a server that is attached, ending in /v1; empty hosts a model here.
        name: What the model is called in requests; empty asks the server.
        api_key_env: The environment variable that holds the key of an attached server.
        api_key_file: A file of yours alone that holds it, where the variable is empty.
        effort: How long the model may reason where a request does not say.
        temperature: How freely the model draws its words; gpt-oss is made for 1.
        top_p: From how much of what is likely it draws; gpt-oss is made for 1.
        context_tokens: The most of the model's window that is used.
        first_byte_timeout_s: How long the first word of an answer may take.
        idle_timeout_s: How long an answer may be silent between two words.
        connect_timeout_s: How long a connection may take.
        source: The Hugging Face repository, or a folder with the weights.
        revision: The revision of the repository; empty pins the one that is found first.
        engine_python: The Python of the engine's own environment; empty is what
            `jupyter gptoss model install` made.
        adapter: The version of the model that is served: empty is what `jupyter gptoss tune use` chose,
            "none" the model itself.
        tuner_python: The Python of the tuner's own environment; empty is what
            `jupyter gptoss tune install` made.
        start: "manual" waits for the person, "on_demand" starts with the first generation.
        max_model_len: The window of a hosted model, in tokens; None lets the planner choose.
        gpu_memory_utilization: The share of a GPU's memory; None lets the planner choose.
        kv_cache_dtype: The numbers that the cache keeps; smaller ones hold more and are less exact.
        kv_cache_bytes: The size of the cache; None lets the planner choose.
        tensor_parallel_size: Over how many GPUs the model is spread; None lets the planner choose.
        devices: Which GPUs, as CUDA_VISIBLE_DEVICES takes them; empty takes those that are there.
        max_num_seqs: How many answers are written at once.
        max_cudagraph_capture: Up to how many answers at once GPU graphs are made for.
        optimization_level: How much vLLM compiles before it answers, from 0 to 3.
        eager: Neither compile nor capture graphs: a faster start, slower answers.
        prefix_retention: Tokens between kept prefixes of the cache; 0 is the engine's own default.
        warm_up: Send the documents ahead when they change, so that the first question finds them.
        sketch: Ask the model first, at low effort, which calls it would use, and look these up.
        speculative: A way to guess words ahead, which costs memory; "off" guesses none.
        speculator: The model that guesses with "eagle3".
        start_timeout_s: How long an engine may take to answer, once its weights are here.
        shutdown_timeout_s: How long answers may end when the model is stopped.
        extra_args: Further arguments of the engine; refused unless `allow_extra_args`.
        allow_extra_args: Take `extra_args`; some are refused even then.
        idle_stop_s: Stop (or, with `sleep`, put to sleep) after so long without a request; 0 never.
        sleep: Put an idle model to sleep in memory instead of stopping it.
        offline: "auto" asks the network only for what is missing, "on" never, "off" always looks.
    """

    engine: Literal["auto", "vllm", "transformers", "attach", "none"] = "auto"
    url: str = ""
    name: str = ""
    api_key_env: str = "GPTOSS_LAB_API_KEY"
    api_key_file: str = ""
    effort: Effort = "medium"
    temperature: float = Field(default=1.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    context_tokens: int = Field(default=32_768, ge=1024)
    first_byte_timeout_s: float = Field(default=60.0, gt=0)
    idle_timeout_s: float = Field(default=60.0, gt=0)
    connect_timeout_s: float = Field(default=5.0, gt=0)
    source: str = "openai/gpt-oss-20b"
    revision: str = Field(default="", pattern=r"^[A-Za-z0-9][A-Za-z0-9._/\-]{0,100}$|^$")
    engine_python: str = ""
    adapter: str = Field(default="", pattern=r"^(none|v[1-9][0-9]{0,5})?$")
    tuner_python: str = ""
    start: Literal["manual", "on_demand"] = "manual"
    max_model_len: int | None = Field(default=None, ge=1024)
    gpu_memory_utilization: float | None = Field(default=None, gt=0.05, le=0.98)
    kv_cache_dtype: Literal["auto", "fp8", "fp8_e4m3", "fp8_e5m2", "bfloat16"] = "auto"
    kv_cache_bytes: int | None = Field(default=None, ge=1 << 20)
    tensor_parallel_size: int | None = Field(default=None, ge=1, le=64)
    devices: str = Field(default="", pattern=r"^[A-Za-z0-9_,\-]{0,200}$")
    max_num_seqs: int = Field(default=8, ge=1, le=1024)
    max_cudagraph_capture: int = Field(default=16, ge=1, le=1024)
    optimization_level: Literal[0, 1, 2, 3] = 2
    eager: bool = False
    prefix_retention: int = Field(default=512, ge=0)
    warm_up: bool = True
    sketch: bool = False
    speculative: Literal["off", "ngram", "suffix", "eagle3"] = "off"
    speculator: str = "RedHatAI/gpt-oss-20b-speculator.eagle3"
    start_timeout_s: float = Field(default=1800.0, gt=0)
    shutdown_timeout_s: float = Field(default=10.0, ge=0)
    idle_stop_s: float = Field(default=1800.0, ge=0)
    sleep: bool = False
    offline: Literal["auto", "on", "off"] = "auto"
    extra_args: tuple[str, ...] = ()
    allow_extra_args: bool = False

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if url and not re.match(r"https?://[^/\s]|unix:///", url, re.IGNORECASE):
            raise ValueError("it must begin with http://, https:// or unix:///")
        if "@" in url.partition("://")[2].partition("/")[0]:
            raise ValueError("it holds a name or a password: put the key into `api_key_file`")
        return url

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.extra_args and not self.allow_extra_args:
            raise ValueError("extra_args are refused unless allow_extra_args is true")
        if any("trust-remote-code" in word.replace("_", "-").lower() for word in self.extra_args):
            raise ValueError("trust_remote_code is never allowed: it runs code that comes with the weights")
        if self.engine == "attach" and not self.url:
            raise ValueError("the engine attach needs a url")
        return self
