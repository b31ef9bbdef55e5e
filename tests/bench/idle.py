"""Idle: 30 s online with a conversation open: wake-ups, processor, threads, memory."""

from __future__ import annotations

import platform

from tests.bench.measure import processor_ms, resident_mb, threads, wake_ups
from tests.bench.stage import stage

__all__ = ["main"]

SECONDS = 30


def main() -> None:
    with stage() as scene:
        pid = scene.terminal.pid
        woken, used = wake_ups(pid), processor_ms(pid)
        scene.terminal.read_for(SECONDS)
        print(
            f"idle: Python {platform.python_version()}, {SECONDS} s: "
            f"{wake_ups(pid) - woken} wake-ups, {processor_ms(pid) - used:.1f} ms CPU, "
            f"{threads(pid)} thread, {resident_mb(pid):.0f} MB"
        )
