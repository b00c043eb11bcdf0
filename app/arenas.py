"""Arenas: how much of what was freed the C library keeps for each thread."""

from __future__ import annotations

import ctypes
import os

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""
ARENAS = 2


def share_arenas(count: int = ARENAS) -> bool:
    """Has all threads share `count` arenas of glibc; whether that was done.

    By default each thread gets its own, up to eight a core, and what is freed in one helps no
    other: a server with thirty threads that hear and speak in turn keeps a piece of each. Call it
    before threads are started. MALLOC_ARENA_MAX in the environment wins; other C libraries know
    nothing of it.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(_ARENA_MAX, count))


def give_back() -> bool:
    """Returns the free pages of every arena to the system; whether there were any."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return bool(trim and trim(0))
