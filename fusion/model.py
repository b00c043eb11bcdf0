"""FusionModel: encoders into one trunk, attention across modalities, a gate and a head per task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from fusion.attention import CrossModal, Trunk
from fusion.config import ConfigError, ModelConfig
from fusion.encoders import ModalityEncoder, build_encoder
from fusion.gate import Gate, Pooling
from fusion.heads import task_heads
from fusion.padded import Padded
from fusion.residual import Agreement, Correction, SingleHeads, averaged_logits, instead

PARTS = ("encoders", "trunk", "cross", "gate", "heads")
"""What a stage of training may thaw."""


@dataclass(frozen=True, slots=True, eq=False)
class FusionOutput:
    """What one forward pass gives."""

    logits: dict[str, Tensor]
    """(batch, outputs) by task."""
    weights: Tensor
    """(batch, tasks, modalities): how much each modality counted."""
    cross_modal: Tensor
    """(batch,) share of attention between modalities."""
    tokens: dict[str, Padded]
    """By modality, after the trunk and before modalities meet: what alignment compares."""
    alone: dict[str, Tensor] = field(default_factory=dict)
    """(batch, modalities, outputs) each modality's own logits by task; empty where gated."""
    present: Tensor | None = None
    """(batch, modalities) what each row has."""


class FusionModel(nn.Module):
    """Any subset of its modalities in, an answer to each of its tasks out."""

    cross: nn.Module
    gate: nn.ModuleDict
    heads: nn.Module

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.modalities = tuple(config.modalities)
        self.tasks = tuple(config.tasks)
        width, heads, dropout = config.width, config.heads, config.dropout
        self.encoders = nn.ModuleDict(
            {name: build_encoder(name, width, given) for name, given in config.modalities.items()}
        )
        self.trunk = Trunk(
            self.modalities, width, config.layers, heads, dropout, shared=config.shared_trunk
        )
        if config.join == "residual":
            self._join_heads()
        else:
            self.cross = CrossModal(width, config.cross_layers, heads, dropout)
            self.gate = nn.ModuleDict(
                {"pool": Pooling(width), "weigh": Gate(width, self.modalities, self.tasks)}
            )
            self.heads = task_heads(config.tasks, width, dropout)

    def _join_heads(self) -> None:
        """A head for each modality, and what moves their average."""
        config, width = self.config, self.config.width
        self.cross = Correction(
            width, config.cross_layers, config.heads, config.dropout, config.tasks
        )
        agreements = {t: Agreement(len(self.modalities), task) for t, task in config.tasks.items()}
        self.gate = nn.ModuleDict(
            {
                "weigh": Gate(width, self.modalities, self.tasks, trust=0.0),
                "agree": nn.ModuleDict(agreements),
            }
        )
        self.heads = SingleHeads(width, self.modalities, config.tasks, config.dropout)

    def encoder(self, modality: str) -> ModalityEncoder:
        """The encoder of `modality`; ConfigError lists those there are."""
        if modality not in self.modalities:
            listed = ", ".join(self.modalities)
            raise ConfigError(f"unknown modality {modality}; this model has: {listed}")
        found: ModalityEncoder = self.encoders[modality]  # type: ignore[assignment]
        return found

    def forward(
        self,
        batch: Mapping[str, Padded],
        quality: Tensor | None = None,
        answers: Mapping[str, Tensor] | None = None,
    ) -> FusionOutput:
        """Logits of every task from the modalities in `batch`.

        `quality` (batch, modalities) from 0 to 1, in the model's order; 1 where it is None.
        `answers` of heads from elsewhere by task, see `instead`; a gated model takes none.
        """
        given = {name: batch[name] for name in self.modalities if name in batch}
        if not given:
            raise ConfigError(f"no modality to read; this model has: {', '.join(self.modalities)}")
        tokens = {name: self.trunk(name, self.encoders[name](rows)) for name, rows in given.items()}
        present = self._present(given)
        first = next(iter(tokens.values())).values
        quality = torch.ones_like(present, dtype=first.dtype) if quality is None else quality
        if self.config.join == "residual":
            return self._residual(tokens, quality, present, answers)
        return self._gated(tokens, quality, present)

    def _gated(self, tokens: dict[str, Padded], quality: Tensor, present: Tensor) -> FusionOutput:
        """One vector a task: the gated sum of modalities that have seen each other."""
        seen, ratio = self.cross(tokens)
        pooled = {name: self.gate["pool"](each) for name, each in seen.items()}
        weights = self.gate["weigh"](pooled, quality, present)
        nothing = ratio.new_zeros(ratio.shape[0], self.config.width)
        stacked = torch.stack([pooled.get(m, nothing) for m in self.modalities], dim=1)
        fused = weights.to(stacked.dtype) @ stacked
        logits = {
            name: self.heads.get_submodule(name)(fused[:, i]) for i, name in enumerate(self.tasks)
        }
        return FusionOutput(logits, weights, ratio, tokens)

    def _residual(
        self,
        tokens: dict[str, Padded],
        quality: Tensor,
        present: Tensor,
        answers: Mapping[str, Tensor] | None,
    ) -> FusionOutput:
        """The average of the heads' answers, corrected where there is more than one."""
        pooled, said = self.heads(tokens)
        weights = self.gate["weigh"](pooled, quality, present)
        told, ratio = self.cross(tokens)
        several = (present.sum(dim=1, keepdim=True) > 1).to(ratio.dtype)
        logits, alone = {}, {}
        for i, (name, task) in enumerate(self.config.tasks.items()):
            agree = self.gate.get_submodule(f"agree.{name}")
            assert isinstance(agree, Agreement)
            own = agree.calibrated(said[name])
            given = (answers or {}).get(name)
            alone[name] = own if given is None else instead(own, given, task)
            mean = averaged_logits(alone[name], weights[:, i], task.kind)
            logits[name] = mean + several * (told[name] + agree(alone[name], present))
        return FusionOutput(logits, weights, ratio, tokens, alone, present)

    def _present(self, given: Mapping[str, Padded]) -> Tensor:
        """(batch, modalities) what each row has."""
        first = next(iter(given.values()))
        nothing = torch.zeros(first.mask.shape[0], dtype=torch.bool, device=first.mask.device)
        columns = [given[m].present if m in given else nothing for m in self.modalities]
        return torch.stack(columns, dim=1)
