"""MultiModalDataset: rows of any modalities, decoded, aligned and varied when asked for."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from torch.utils.data import Dataset

from fusion.alignment import TimedText
from fusion.config import ConfigError
from fusion.data.augment import spoil
from fusion.data.manifest import Row, read_manifest
from fusion.data.measure import measured_quality
from fusion.data.media import RowError, open_raw

Strategy = Literal["frame_level", "clip_level"]
Transform = Callable[[dict[str, Any], random.Random], dict[str, Any]]

LEAST_WEIGHT = 0.1
"""What a row of no measurable quality still counts: its label may be right."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One row, decoded."""

    id: str
    place: str
    """File and line, for messages."""
    raws: dict[str, Any]
    """What encoders read, by modality."""
    targets: dict[str, Any]
    quality: dict[str, float]
    """0 to 1, given or measured, by modality."""
    weight: float
    """Of the row in the loss."""
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What heads from elsewhere say, by modality, then task."""


class MultiModalDataset(Dataset[Sample]):
    """Files of one to four modalities that belong together, or the rows of a manifest.

    Clips are aligned by id: the file's name without its ending, so that `scans/0007.png` and
    `reports/0007.txt` are one row and lists may differ in length. `"frame_level"` also keeps the
    times of words (a text file of JSON with `text` and `words`), by which frames of sound and
    video are matched to words; it refuses a row that has words and sound but no times.
    """

    def __init__(
        self,
        text_paths: Sequence[Path | str] = (),
        image_paths: Sequence[Path | str] = (),
        audio_paths: Sequence[Path | str] = (),
        video_paths: Sequence[Path | str] = (),
        alignment_strategy: Strategy = "clip_level",
        transform: Transform | None = None,
        *,
        targets: Mapping[str, Mapping[str, Any]] | None = None,
        rows: Sequence[Row] = (),
        seed: int = 0,
    ) -> None:
        """`targets` by id, then task. `rows` instead of paths comes from `read_manifest`."""
        if alignment_strategy not in ("frame_level", "clip_level"):
            raise ConfigError(
                f"unknown alignment {alignment_strategy}; choose from: frame_level, clip_level"
            )
        paths = {
            "text": text_paths, "image": image_paths, "audio": audio_paths, "video": video_paths,
        }  # fmt: skip
        self.rows = list(rows) or _matched(paths, targets or {})
        self.alignment, self.transform, self.seed = alignment_strategy, transform, seed
        self.epoch = 0
        """Part of the seed of every variation."""

    @classmethod
    def from_manifest(
        cls,
        path: Path | str,
        modalities: Sequence[str],
        tasks: Sequence[str] = (),
        alignment_strategy: Strategy = "clip_level",
        transform: Transform | None = None,
        *,
        seed: int = 0,
    ) -> MultiModalDataset:
        """The rows of a JSON Lines file; see docs/fusion.md for its columns."""
        rows = read_manifest(Path(path), modalities, tasks)
        return cls((), (), (), (), alignment_strategy, transform, rows=rows, seed=seed)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Sample:
        """Row `index`, varied anew each epoch. RowError names the file and the row."""
        row = self.rows[index]
        raws = {modality: _opened(row, modality) for modality in row.values}
        raws = spoil(self._timed(row, raws), row.noise)
        if self.transform is not None:
            raws = self.transform(raws, self.rng(index))
        quality = {m: row.quality.get(m, measured_quality(m, raw)) for m, raw in raws.items()}
        mean = sum(quality.values()) / len(quality)
        weight = max(LEAST_WEIGHT, mean) if row.weight is None else row.weight
        return Sample(row.id, row.place, raws, row.targets, quality, weight, row.answers)

    def values(self, modality: str, *, skip_bad: bool = False) -> Iterator[Any]:
        """Every row's value of one modality as it lies in the file; bad ones raise or are left out.

        It is what an encoder learns its vocabulary or its means from.
        """
        for row in self.rows:
            if modality not in row.values:
                continue
            try:
                yield _opened(row, modality)
            except RowError:
                if not skip_bad:
                    raise

    def rng(self, index: int, purpose: str = "vary") -> random.Random:
        """The source of chance of row `index` in this epoch: the same in every process."""
        return random.Random(f"{self.seed}/{purpose}/{self.epoch}/{index}")  # noqa: S311 - not for secrets

    def _timed(self, row: Row, raws: dict[str, Any]) -> dict[str, Any]:
        text = raws.get("text")
        if self.alignment == "clip_level":
            return raws | ({"text": text.text} if isinstance(text, TimedText) else {})
        clocked = raws.keys() & {"audio", "video"}
        if isinstance(text, str) and clocked:
            raise RowError(f"{row.place}: frame_level alignment needs words with start and end")
        return raws


def _opened(row: Row, modality: str) -> Any:
    try:
        return open_raw(modality, row.values[modality])
    except RowError as error:
        raise RowError(f"{row.place}: {error}") from error


def _matched(
    paths: Mapping[str, Sequence[Path | str]], targets: Mapping[str, Mapping[str, Any]]
) -> list[Row]:
    """One row per id, in order of appearance. ConfigError where a modality has an id twice."""
    values: dict[str, dict[str, Any]] = {}
    for modality, given in paths.items():
        for path in map(Path, given):
            row = values.setdefault(path.stem, {})
            if modality in row:
                raise ConfigError(f"two {modality} files have the id {path.stem}: {path}")
            row[modality] = path
    if not values:
        raise ConfigError("no files: give at least one list of paths")
    stray = sorted(set(targets) - set(values))
    if stray:
        raise ConfigError(f"targets for ids without a file: {', '.join(stray[:5])}")
    return [Row(f"row {id}", id, row, dict(targets.get(id, {}))) for id, row in values.items()]  # noqa: A001
