"""Programs that tell something: children with a time-out, a few at once at most."""

from __future__ import annotations

import asyncio
import logging
from asyncio.subprocess import DEVNULL
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from termxmpp.settings import Settings
from termxmpp.telling.news import News
from termxmpp.workspace import Window

__all__ = ["CommandVoice", "Jobs", "run"]

logger = logging.getLogger(__name__)

# Who takes longer is ended (seconds); while so many have not ended, no more are begun.
PATIENCE = 10.0
AT_ONCE = 4


class Jobs:
    """What goes on beside; problems are logged once each, and are nobody's error."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._logged: set[str] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` beside, unless too much is under way."""
        if len(self._tasks) >= AT_ONCE:
            work.close()
            self.log("telling takes too long: some is left out")
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def log(self, problem: str) -> None:
        """Note `problem`, if it is a new one."""
        if problem not in self._logged:
            self._logged.add(problem)
            logger.info("%s", problem)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()


async def run(words: Sequence[str], environment: Mapping[str, str], jobs: Jobs) -> bool:
    """Run the program `words[0]`; whether it ended well, and in time."""
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
            env=dict(environment),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        jobs.log(f"{words[0]} can't be run: {error}")
        return False
    try:
        async with asyncio.timeout(PATIENCE):
            status = await process.wait()
    except TimeoutError:
        jobs.log(f"{words[0]} did not end within {PATIENCE:g} seconds")
        return False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status != 0:
        jobs.log(f"{words[0]} failed (status {status})")
    return status == 0


class CommandVoice:
    """Tells by the user's own command, which gets the facts in its environment."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._environment = environment
        self._jobs = Jobs()

    def tell(self, news: News) -> None:
        command = self._settings.config.notify.command
        if command:
            environment = {**self._environment, **news.facts}
            self._jobs.begin(self._run(["/bin/sh", "-c", command], environment))

    def withdraw(self, window: Window) -> None:
        """What a program has told it may keep."""

    def close(self) -> None:
        self._jobs.close()

    async def _run(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        await run(words, environment, self._jobs)
