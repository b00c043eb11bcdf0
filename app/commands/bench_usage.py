"""What a server under measurement uses: processor, memory, and a GPU where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

_MEGA = 2**20
_SAMPLE_SECONDS = 1.0


@dataclass(slots=True)
class Usage:
    """Of one server process, between the start and the end of a measurement."""

    cores: float = 0.0
    """Busy on average."""
    memory_mb: float = 0.0
    """Resident, at most."""
    gpu: list[tuple[float, float]] = field(default_factory=list)
    """Each second: share of the time that it was busy, and MB of its memory."""

    def figures(self) -> dict[str, float]:
        """For a report; nothing of a GPU where there is none."""
        found = {"cores": round(self.cores, 2), "memory_mb": round(self.memory_mb)}
        if self.gpu:
            found["gpu_busy"] = round(fmean(busy for busy, _ in self.gpu), 3)
            found["gpu_memory_mb"] = round(max(memory for _, memory in self.gpu))
        return found


@contextmanager
def watched(pid: int) -> Iterator[Usage]:
    """Fills its value in when the block ends; 0 for `pid` (another machine's server): nothing."""
    usage = Usage()
    if not pid:
        yield usage
        return
    over = threading.Event()
    sampler = threading.Thread(target=_sample, args=(pid, usage, over), daemon=True)
    spent, began = processor_seconds(pid), time.monotonic()
    sampler.start()
    try:
        yield usage
    finally:
        usage.cores = (processor_seconds(pid) - spent) / (time.monotonic() - began)
        over.set()
        sampler.join()


def resident_mb(pid: int) -> float:
    """MB of a process's memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEGA


def processor_seconds(pid: int) -> float:
    """Seconds of all cores together that a process has spent."""
    # The name in parentheses may hold spaces; utime and stime are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _sample(pid: int, usage: Usage, over: threading.Event) -> None:
    while True:
        usage.memory_mb = max(usage.memory_mb, resident_mb(pid))
        usage.gpu += _gpu()
        if over.wait(_SAMPLE_SECONDS):
            return


def _gpu() -> list[tuple[float, float]]:
    """(share busy, MB used) of the first GPU, as its driver's own tool says; nothing without."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    asked = ["--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits", "-i", "0"]
    told = subprocess.run([tool, *asked], capture_output=True, text=True, check=False)  # noqa: S603 - the driver's tool, fixed arguments
    if told.returncode:
        return []
    try:
        busy, memory = map(float, told.stdout.strip().split(","))
    except ValueError:  # "[N/A]": a part of a GPU does not tell
        return []
    return [(busy / 100, memory)]
