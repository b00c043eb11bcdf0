"""Sentences that were spoken before, kept in memory and on disk."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialogue.types import AudioClip, Language
from dialogue.types.marks import unmarked
from speech.engines import Synthesizer

logger = logging.getLogger(__name__)

MEMORY_BYTES = 32 << 20
FOLDER_BYTES = 512 << 20
_LONGEST_WAIT = 20.0
"""Seconds that one thread waits for another to make the same sound."""
_BACKLOG = 32
"""Phrases that may wait for the disk; who makes more writes them before they sound."""
_Kept = tuple[NDArray[np.int16], int]
"""One clip in 16 bit, half of what it takes as float32, and its rate in Hz."""
_writer = ThreadPoolExecutor(1, thread_name_prefix="phrases")
"""Writes what was made, one phrase after the other, and finishes before the program ends."""


class PhraseCache:
    """A synthesizer that remembers what another one made. Thread-safe, also between processes."""

    def __init__(
        self,
        engine: Synthesizer,
        folder: Path | None,
        version: str,
        memory_bytes: int = MEMORY_BYTES,
        folder_bytes: int = FOLDER_BYTES,
    ) -> None:
        """`version` names engine and weights: another one never answers with old sound."""
        self._engine = engine
        self._folder = folder
        self._version = version
        self._limits = (memory_bytes, folder_bytes)
        self._memory: OrderedDict[str, tuple[_Kept, ...]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._making: dict[str, tuple[threading.Lock, int]] = {}
        """What is being made, and by how many threads it is wanted."""
        self._unwritten: set[str] = set()
        """Made, and on its way to the disk."""
        self._on_disk = 0
        """Bytes in the folder as far as this process knows: those of others count at a prune."""
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            with suppress(OSError):  # another process cleans up at the same moment
                self._on_disk = _prune(folder, folder_bytes)

    @property
    def engine(self) -> Synthesizer:
        """What remembers nothing."""
        return self._engine

    @property
    def language(self) -> Language:
        """The language it speaks."""
        return self._engine.language

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        """The engine's clips, from memory or disk where they are there."""
        key = self._key(text, voice, speed)
        known = self._find(key)
        if known is not None:
            return iter(known)
        return self._make(key, self._engine.speak(text, voice, speed))

    def holds(self, text: str, voice: str = "", speed: float = 1.0) -> bool:
        """Whether `text` would sound at once."""
        return self._find(self._key(text, voice, speed)) is not None

    def _make(self, key: str, clips: Iterator[AudioClip]) -> Iterator[AudioClip]:
        with self._alone(key):
            known = self._find(key)
            if known is not None:  # another thread was faster
                yield from known
                return
            made = []
            for clip in clips:
                made.append(clip)
                yield clip
            self._keep(key, tuple(made))

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Has threads that want the same sound wait for the first of them."""
        with self._lock:
            making, wanted = self._making.get(key, (threading.Lock(), 0))
            self._making[key] = making, wanted + 1
        taken = making.acquire(timeout=_LONGEST_WAIT)
        try:
            yield
        finally:
            if taken:
                making.release()
            with self._lock:
                wanted = self._making[key][1] - 1
                self._making[key] = making, wanted
                if not wanted:
                    del self._making[key]

    def _key(self, text: str, voice: str, speed: float) -> str:
        how: tuple[str, ...] = (self._version, self.language, voice, f"{speed:.2f}")
        if "<" in text:  # the sentence is named without its marks, so that it can be forgotten
            how = (*how, " ".join(text.split()))
        return f"{_sentence(text)}-{_digest(chr(0).join(how))}"

    def _find(self, key: str) -> tuple[AudioClip, ...] | None:
        with self._lock:
            # What another process had to forget is forgotten here too.
            waiting = key in self._unwritten
            if self._folder and not waiting and not (self._folder / f"{key}.npz").exists():
                self._bytes -= _size(self._memory.pop(key, ()))
            found = self._memory.get(key)
            if found is not None:
                self._memory.move_to_end(key)
        if found is None:
            found = self._read(key)
            if found is not None:
                self._remember(key, found)
        return None if found is None else tuple(_sound(each) for each in found)

    def _keep(self, key: str, clips: tuple[AudioClip, ...]) -> None:
        """Keeps `clips` in memory at once and on disk soon: the caller need not wait for that."""
        with self._lock:
            full = len(self._unwritten) >= _BACKLOG
            self._unwritten.add(key)
        kept = tuple((_pcm(clip), clip.rate) for clip in clips)
        self._remember(key, kept)
        if full:
            self._store(key, kept)
        else:
            _writer.submit(self._store, key, kept)

    def _store(self, key: str, clips: tuple[_Kept, ...]) -> None:
        try:
            self._write(key, clips)
        except OSError:  # a full disk: the phrase was heard, and is made again next time
            logger.warning("a phrase could not be kept on disk", exc_info=True)
        finally:
            with self._lock:
                self._unwritten.discard(key)

    def _remember(self, key: str, clips: tuple[_Kept, ...]) -> None:
        with self._lock:
            if key in self._memory:
                return
            self._memory[key] = clips
            self._bytes += _size(clips)
            while self._bytes > self._limits[0] and len(self._memory) > 1:
                self._bytes -= _size(self._memory.popitem(last=False)[1])

    def _read(self, key: str) -> tuple[_Kept, ...] | None:
        if not self._folder:
            return None
        path = self._folder / f"{key}.npz"
        try:
            with np.load(io.BytesIO(path.read_bytes())) as file:
                rate = int(file["rate"])
                count = len(file.files) - 1
                pieces = [file[f"clip{n}"] for n in range(count)]
        except (
            OSError,
            ValueError,
            KeyError,
            EOFError,
            zipfile.BadZipFile,
        ):  # absent, or half of a crashed disk
            return None
        path.touch()
        return tuple((piece, rate) for piece in pieces)

    def _write(self, key: str, clips: tuple[_Kept, ...]) -> None:
        if not self._folder or not clips:
            return
        arrays: dict[str, Any] = {f"clip{n}": pcm for n, (pcm, _) in enumerate(clips)}
        arrays["rate"] = np.array(clips[0][1])
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=self._folder)
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        Path(name).replace(self._folder / f"{key}.npz")
        self._on_disk += (self._folder / f"{key}.npz").stat().st_size
        if self._on_disk > self._limits[1]:
            self._on_disk = _prune(self._folder, self._limits[1])


def settle() -> None:
    """Returns when every phrase that this process has made so far is on disk."""
    _writer.submit(int).result()


def forget(folder: Path, texts: Iterable[str]) -> int:
    """Removes the sound of these sentences in every voice; how many files that were."""
    settle()  # or a phrase on its way to the disk would come back
    count = 0
    for name in {_sentence(text) for text in texts}:
        for path in folder.glob(f"{name}-*.npz"):
            path.unlink(missing_ok=True)
            count += 1
    return count


def _sentence(text: str) -> str:
    return _digest(" ".join(unmarked(text).split()))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _pcm(clip: AudioClip) -> NDArray[np.int16]:
    return np.round(np.clip(clip.samples, -1, 1) * 32767).astype(np.int16)


def _sound(kept: _Kept) -> AudioClip:
    pcm, rate = kept
    return AudioClip(pcm.astype(np.float32) / np.float32(32767), rate)


def _size(clips: tuple[_Kept, ...]) -> int:
    return sum(pcm.nbytes for pcm, _ in clips)


def _prune(folder: Path, limit: int) -> int:
    """Removes the files unused for longest until `folder` holds at most `limit` bytes; how many
    it holds then."""
    files = [(path.stat().st_mtime, path.stat().st_size, path) for path in folder.glob("*.npz")]
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total <= limit:
            break
        path.unlink(missing_ok=True)
        total -= size
    return total
