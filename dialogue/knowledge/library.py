"""Library: the articles of a folder, searched as they are now; edits need no restart."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from dialogue.engines import Embedder, Passage, Vectors, VectorsAwayError
from dialogue.knowledge.articles import read_articles
from dialogue.knowledge.coverage import Lexicon
from dialogue.knowledge.index import KnowledgeIndex
from dialogue.types import Language, Posterior

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""The folder is looked at no more often."""
Stamp = tuple[tuple[str, int, int], ...]


class Library:
    """Implements `Knowledge` over a folder of articles. Safe to share between threads."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        vectors: Vectors | None = None,
        clock: Callable[[], float] = time.monotonic,
        lexicons: Mapping[Language, Lexicon] = MappingProxyType({}),
    ) -> None:
        """`vectors` keeps them between starts (without it, memory until the end); `clock` counts
        seconds; by the words in `lexicons` an answer is the surer or less sure.

        Raises ValueError naming the file where an article cannot be read.
        """
        self._folder, self._embedder, self._vectors, self._clock = folder, embedder, vectors, clock
        self._stamp = _stamp(folder)
        self._lexicons = lexicons
        self._index = KnowledgeIndex(read_articles(folder), embedder, vectors, self._lexicons)
        self._looked, self._looking = clock(), threading.Lock()

    def search(
        self,
        query: str,
        language: Language,
        topics: Posterior = (),
        n: int = 3,
        within: str = "",
        naming: str = "",
    ) -> tuple[Passage, ...]:
        """The `n` best passages of the articles as last read; a change is read in a thread."""
        if self._clock() - self._looked >= LOOK_SECONDS:
            self._looked = self._clock()
            if _stamp(self._folder) != self._stamp:
                threading.Thread(target=self.refresh, name="articles").start()
        return self._index.search(query, language, topics, n, within, naming)

    def refresh(self) -> bool:
        """Reads the folder again where a file changed; whether another index is in use now.

        An article that cannot be read leaves the shelf as it was.
        """
        with self._looking:
            stamp = _stamp(self._folder)
            if stamp == self._stamp:
                return False
            try:
                articles = read_articles(self._folder)
                self._index = KnowledgeIndex(
                    articles, self._embedder, self._vectors, self._lexicons
                )
            except VectorsAwayError:
                logger.warning("articles were changed; read when their vectors can be kept again")
                return False
            except (OSError, ValueError):
                self._stamp = stamp
                logger.exception("the articles were changed and cannot be read; the old ones stay")
                return False
            self._stamp = stamp
            logger.info("%d articles read anew", len(articles))
            return True


def _stamp(folder: Path) -> Stamp:
    files = ((path, path.stat()) for path in sorted(folder.glob("*.md")))
    return tuple((path.name, seen.st_mtime_ns, seen.st_size) for path, seen in files)
