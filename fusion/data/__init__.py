"""Multimodal training data: reading, aligning, varying and batching it."""

from fusion.data.dataset import MultiModalDataset, Sample
from fusion.data.media import RowError

__all__ = ["MultiModalDataset", "RowError", "Sample"]
