"""Threads share the arenas of the C library."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from app.arenas import ARENAS

ROOT = Path(__file__).parents[2]
_COUNT = """
import ctypes, sys, threading
from app.arenas import share_arenas

done = share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.fopen.restype = ctypes.c_void_p
together = threading.Barrier(12)

def take():
    together.wait()
    libc.malloc(1000)
    together.wait()

threads = [threading.Thread(target=take) for _ in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
print(done)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
@pytest.mark.parametrize("chosen", ["", "3"])
def test_threads_share_few_arenas_unless_the_environment_says_how_many(
    tmp_path: Path, chosen: str
) -> None:
    told = tmp_path / "arenas.xml"
    kept = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    environment = {**kept, "MALLOC_ARENA_MAX": chosen} if chosen else kept
    command = [sys.executable, "-c", _COUNT, str(told)]
    ran = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=True)
    assert ran.stdout.strip() == (b"False" if chosen else b"True")
    assert told.read_text().count("<heap nr=") <= (int(chosen) if chosen else ARENAS)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_what_was_freed_goes_back_to_the_system() -> None:
    ran = subprocess.run([sys.executable, "-c", _GIVEN_BACK], cwd=ROOT, capture_output=True)
    held, left = map(int, ran.stdout.split())
    assert left < held - 50_000


_GIVEN_BACK = """
import ctypes
from pathlib import Path
from app.arenas import give_back

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p

def resident():  # KB
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0])

taken = [ctypes.c_void_p(libc.malloc(100_000)) for _ in range(1000)]
[ctypes.memset(each, 1, 100_000) for each in taken]
[libc.free(each) for each in taken[:-1]]  # the last keeps the heap's end where it is
held = resident()
give_back()
print(held, resident())
"""
