"""What a process has used, from the kernel's own books."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

__all__ = [
    "peak_mb",
    "percentile",
    "private_mb",
    "processor_ms",
    "resident_mb",
    "shared_mb",
    "threads",
    "wake_ups",
]


def processor_ms(pid: int) -> float:
    """Milliseconds of processor that all threads have used (`schedstat`, in ns)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def wake_ups(pid: int) -> int:
    """How often the threads have given up the processor to wait."""
    return sum(
        int(line.split()[1])
        for task in Path(f"/proc/{pid}/task").iterdir()
        for line in (task / "status").read_text().splitlines()
        if line.startswith("voluntary_ctxt_switches")
    )


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


def resident_mb(pid: int) -> float:
    """Megabytes (10^6 bytes) in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def shared_mb(pid: int) -> float:
    """Megabytes (10^6 bytes) in memory, its share of what others have too (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def peak_mb(pid: int) -> float:
    """Megabytes (10^6 bytes) that it ever had in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6


def private_mb(pid: int) -> float:
    """Megabytes (10^6 bytes) in memory that no other process has a share in."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024 / 1e6


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of the sorted `values` do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(percent / 100 * len(ordered)) - 1))]
