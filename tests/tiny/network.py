"""The tiny model as it is trained: a gpt-oss over the tokens that it knows, its weights on a grid.

Each row of a weight is whole numbers times a power of two, which bfloat16 holds exactly: the committed
file is small, and what it restores is what was trained. Needs torch and transformers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from transformers import GptOssConfig
from transformers.models.gpt_oss.modeling_gpt_oss import GptOssExperts, GptOssModel

_LEVELS = 63
_NAMES = {"table_in": "model.embed_tokens.weight", "table_out": "lm_head.weight"}


class Grid(nn.Module):  # type: ignore[misc]  # torch is not in this environment
    """Shows a weight on its grid; the gradient passes unchanged."""

    def forward(self, weight: Tensor) -> Tensor:
        """Return the weight, rounded."""
        step = torch.exp2(_powers(weight)).unsqueeze(-1)
        return weight + (torch.round(weight / step) * step - weight).detach()


class Tiny(nn.Module):  # type: ignore[misc]  # torch is not in this environment
    """The model; the last row of each table stands for all tokens that it does not know.

    Args:
        config: The form of the model.
        known_in: The tokens that it hears.
        known_out: The tokens that it says.
    """

    def __init__(self, config: GptOssConfig, known_in: list[int], known_out: list[int]) -> None:
        super().__init__()
        self.known_in, self.known_out = known_in, known_out
        self.others = config.vocab_size - len(known_out)
        self.body = GptOssModel(config)
        del self.body.embed_tokens
        for layer in self.body.layers:
            layer.mlp.experts.forward = dense(layer.mlp.experts)
        self.table_in = nn.Parameter(torch.randn(len(known_in) + 1, config.hidden_size) * 0.5)
        self.table_out = nn.Parameter(torch.randn(len(known_out) + 1, config.hidden_size) * 0.1)
        self._start()
        for module in list(self.modules()):
            for name, _ in list(module.named_parameters(recurse=False)):
                parametrize.register_parametrization(module, name, Grid())

    def forward(self, tokens: Tensor, places: Tensor) -> Tensor:
        """Return the logits at some places of the flattened rows; the last is that of one other token."""
        hidden = self.body(inputs_embeds=self.table_in[tokens], use_cache=False).last_hidden_state
        return hidden.reshape(-1, hidden.shape[-1])[places].float() @ self.table_out.T

    def save(self, file: Path) -> None:
        """Write the whole numbers and their powers of two, under the names of a checkpoint."""
        weights: dict[str, Any] = {"rows.in": self.known_in, "rows.out": self.known_out}
        for name, parameter in self._originals():
            weight = parameter.detach().float().cpu()
            powers = _powers(weight)
            levels = torch.round(weight / torch.exp2(powers).unsqueeze(-1)).to(torch.int8)
            weights[name] = {"levels": levels.tolist(), "powers": powers.to(torch.int8).tolist()}
        file.write_text(json.dumps(weights, separators=(",", ":")), encoding="utf-8")

    def restore(self, file: Path) -> None:
        """Go on from weights that were saved."""
        weights = json.loads(file.read_text(encoding="utf-8"))
        with torch.no_grad():
            for name, parameter in self._originals():
                powers = torch.tensor(weights[name]["powers"]).float()
                levels = torch.tensor(weights[name]["levels"]).float()
                parameter.copy_(levels * torch.exp2(powers).unsqueeze(-1))

    def _originals(self) -> Iterator[tuple[str, nn.Parameter]]:
        for path, module in self.named_modules():
            for name in getattr(module, "parametrizations", {}):
                full = f"{path}.{name}".lstrip(".").replace("body.", "model.", 1)
                yield _NAMES.get(full, full), getattr(module.parametrizations, name).original

    def _start(self) -> None:
        with torch.no_grad():
            self.table_in[-1] *= 0.1
            for name, weight in self.body.named_parameters():
                if name.endswith("sinks"):
                    weight.zero_()
                elif "experts" in name or name.endswith("proj.weight"):
                    weight.normal_(0, 0.08)


def dense(experts: GptOssExperts) -> Any:
    """Return a way to ask all experts and weigh them: the same sum, without a wait for the device."""

    def forward(hidden: Tensor, router_indices: Tensor, routing_weights: Tensor) -> Tensor:
        share = torch.zeros(
            hidden.shape[0], experts.num_experts, device=hidden.device, dtype=routing_weights.dtype
        )
        share = share.scatter(1, router_indices, routing_weights)
        gate_up = torch.einsum("th,ehi->tei", hidden, experts.gate_up_proj) + experts.gate_up_proj_bias
        out = torch.einsum("tei,eih->teh", experts._apply_gate(gate_up), experts.down_proj)
        return torch.einsum("teh,te->th", out + experts.down_proj_bias, share.to(out.dtype))

    return forward


def _powers(weight: Tensor) -> Tensor:
    """Return the power of two of each row."""
    most = weight.detach().abs().amax(-1).clamp_min(1e-6)
    return torch.ceil(torch.log2(most / _LEVELS))
