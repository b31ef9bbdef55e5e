"""First paint: from the start of the program to the first frame, and to the first key's echo.

The floor is the smallest full-screen program of prompt_toolkit. No server answers: what is
painted first waits for nobody. The runs take turns. The key is pressed as
soon as there is a prompt.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.terminal import Terminal, environment

__all__ = ["main"]

RUNS = 20
TARGET = 1.5

FLOOR = """\
from prompt_toolkit import Application
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
window = Window(FormattedTextControl("> painted"))
Application(layout=Layout(window), full_screen=True).run()
"""

# Nothing listens there (the discard port), and who asks is told so at once.
NOWHERE = "127.0.0.1:9"


def main() -> None:
    floor, ours, usable = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        surroundings = environment(Path(folder))
        program = [sys.executable, "-m", "termxmpp", "alice@localhost", "--server", NOWHERE]
        for _ in range(RUNS):
            floor.append(_painted([sys.executable, "-c", FLOOR], surroundings))
            ours.append(_painted(program, surroundings))
            usable.append(_painted(program, surroundings, "Q"))
    ratio = statistics.median(ours) / statistics.median(floor)
    print(f"paint: Python {platform.python_version()}, 120x40, n={RUNS} each, ms: median (min-max)")
    print(f"  the smallest program of prompt_toolkit: {_told(floor)}")
    print(f"  termxmpp: {_told(ours)}, {ratio:.2f} times that (asked: {TARGET})")
    print(f"  termxmpp, the echo of what was typed then: {_told(usable)}")


def _painted(command: Sequence[str], surroundings: Mapping[str, str], key: str = "") -> float:
    """Milliseconds until the prompt is there, with which both frames end, or the echo of `key`."""
    begin = time.perf_counter()
    with Terminal(command, surroundings, columns=120, rows=40) as terminal:
        for text in filter(None, ("> ", key)):
            output = b""
            while text.encode() not in output:
                output += os.read(terminal.fd, 65536)
            terminal.type(key)
        return (time.perf_counter() - begin) * 1000


def _told(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.0f} ({min(times):.0f}-{max(times):.0f})"
