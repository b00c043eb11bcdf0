"""PreparedRows: a dataset behind its encoders, read once where nothing varies."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from fusion.config import TaskConfig
from fusion.data.augment import spec_augment
from fusion.data.collate import Prepared, dropped, prepare
from fusion.data.dataset import MultiModalDataset
from fusion.data.media import RowError
from fusion.encoders import ModalityEncoder

logger = logging.getLogger(__name__)


class PreparedRows:
    """Rows as tensors. Where the dataset varies, each epoch reads and prepares them anew."""

    def __init__(
        self,
        dataset: MultiModalDataset,
        encoders: Mapping[str, ModalityEncoder],
        tasks: Mapping[str, TaskConfig],
    ) -> None:
        self.dataset, self.encoders, self.tasks = dataset, encoders, tasks
        self.varied = dataset.transform is not None
        self.bad: list[str] = []
        """What was wrong with the rows that were skipped."""
        self.places: list[int] = []
        """Numbers of the usable rows in the dataset."""
        self._kept: dict[int, Prepared] = {}
        self.lengths: list[int] = []
        """Steps of each usable row, which batches are planned by."""

    def __len__(self) -> int:
        return len(self.places)

    def read(self, rows: Iterable[int], *, skip_bad: bool) -> None:
        """Reads rows for the first time. RowError at the first bad one, unless they are skipped."""
        for place in rows:
            try:
                row = self._prepare(place)
            except RowError as error:
                if not skip_bad:
                    raise
                logger.warning("skipped %s", error)
                self.bad.append(str(error))
                continue
            self.places.append(place)
            self.lengths.append(row.length)
            if not self.varied:
                self._kept[place] = row
        if not self.places:
            raise RowError(f"no usable row of {len(self.dataset)}")

    def __getitem__(self, index: int) -> Prepared:
        """The `index`-th usable row."""
        place = self.places[index]
        return self._kept[place] if place in self._kept else self._prepare(place)

    def take(self, indices: Sequence[int]) -> list[Prepared]:
        """Several usable rows."""
        return [self[index] for index in indices]

    def hidden(self, index: int, row: Prepared, share: float) -> set[str]:
        """Modalities to hide from usable row `index` in this epoch, each with that probability."""
        return dropped(row, share, self.dataset.rng(self.places[index], "hide"))

    def _prepare(self, place: int) -> Prepared:
        row = prepare(self.dataset[place], self.encoders, self.tasks)
        names = getattr(self.dataset.transform, "names", ())
        if "audio" in names and "audio" in row.steps:
            row.steps["audio"] = spec_augment(row.steps["audio"], self.dataset.rng(place, "mask"))
        return row
