"""`python -m tests.monkey [--seed N] [--seconds N]`: random keys, sizes and traffic, for long.

After every burst the screen must be what it would be if all of it were drawn anew, and nothing
may have failed on the way. What breaks is told with the deeds that led there.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from contextlib import closing

from termxmpp.config import Config, UiConfig
from tests.support.drawn import Drawn
from tests.support.harness import Actor
from tests.support.monkey import Monkey

__all__ = ["Broken", "play"]

# So many deeds are between two looks, and so many are told of one that went wrong.
BURST, TOLD = 12, 40


class Broken(AssertionError):
    """The screen is not what it should be, or something has failed."""


def play(seed: int, *, bursts: int | None = None, seconds: float | None = None) -> int:
    """Let the monkey of that seed act for so many bursts, or so long; how many deeds it did."""
    errors = _Errors()
    logging.getLogger().addHandler(errors)
    end = time.monotonic() + (seconds or 0.0)
    played = 0
    with closing(Actor()) as alice:
        # It finds the key for the editor, and would never leave that.
        config = Config(ui=UiConfig(editor="true"))
        alice.run_now(alice.workspace.settings.replace, config)
        alice.goes_online()
        with closing(Drawn(alice, 80, 24)) as drawn:
            monkey = Monkey(alice, drawn, seed)
            while drawn.is_running and (
                played < bursts if bursts is not None else time.monotonic() < end
            ):
                for _ in range(BURST):
                    monkey.acts()
                played += 1
                _look(drawn, errors, monkey)
    logging.getLogger().removeHandler(errors)
    return len(monkey.deeds)


def _look(drawn: Drawn, errors: _Errors, monkey: Monkey) -> None:
    shown = drawn.redraws() if drawn.is_running else ""
    problem = "\n".join(errors.texts)
    if not problem and drawn.is_running:
        anew = drawn.redraws(is_anew=True)
        if anew != shown:
            problem = f"the terminal shows\n{shown}\nand should show\n{anew}"
    if problem:
        raise Broken("\n".join([*monkey.deeds[-TOLD:], problem]))


class _Errors(logging.Handler):
    """What the program calls an error of its own: each is a bug."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(logging.Formatter().format(record))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.monkey")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    print(f"monkey: seed {given.seed}, {given.seconds:.0f} s", flush=True)
    try:
        end = time.monotonic() + given.seconds
        deeds, seed = 0, given.seed
        while (left := end - time.monotonic()) > 0:
            # Now and then it leaves the program; then another one begins.
            deeds += play(seed, seconds=left)
            seed += 1
    except Broken as broken:
        print(broken)
        return 1
    print(f"  {deeds} deeds, and nothing broke")
    return 0


if __name__ == "__main__":
    sys.exit(main())
