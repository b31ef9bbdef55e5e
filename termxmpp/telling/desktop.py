"""The desktop's voice: by D-Bus where that is there, else by the program `notify-send`."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping

from termxmpp.settings import Settings
from termxmpp.telling.bus import Bus, BusFailed, bus_address
from termxmpp.telling.markup import escaped
from termxmpp.telling.news import News
from termxmpp.telling.program import Jobs, run
from termxmpp.words import _
from termxmpp.workspace import Window

__all__ = ["DesktopVoice"]


class DesktopVoice:
    """Tells by the desktop of `environment`, as `settings` want it.

    A notification stands for its conversation: the next one takes its place, and it goes when
    that is read. `show` is called with the conversation of one that was clicked.
    """

    def __init__(
        self, settings: Settings, environment: Mapping[str, str], show: Callable[[Window], None]
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._show = show
        self._jobs = Jobs()
        self._bus: Bus | None = None
        self._numbers: dict[Window | None, int] = {}
        # One after the other: only the answer to the last tells what the next replaces.
        self._turn = asyncio.Lock()

    def tell(self, news: News) -> None:
        wanted = self._settings.config.notify.desktop
        if wanted != "off":
            self._jobs.begin(self._tell(news, wanted))

    def withdraw(self, window: Window) -> None:
        if self._bus is not None:
            self._jobs.begin(self._withdraw(window))

    def close(self) -> None:
        self._jobs.close()
        if self._bus is not None:
            self._bus.close()

    async def _tell(self, news: News, wanted: str) -> None:
        async with self._turn:
            if wanted != "notify-send" and await self._tell_bus(news):
                return
            if wanted != "dbus":
                await self._notify_send(news)

    async def _tell_bus(self, news: News) -> bool:
        """Whether it could be told over the bus."""
        if self._bus is None:
            address = bus_address(self._environment)
            if not address:
                self._jobs.log("there is no bus of a desktop")
                return False
            self._bus = Bus(address, self._clicked, self._gone)
        try:
            before = self._numbers.get(news.window, 0)
            number = await self._bus.show(news.title, news.body, _("Open"), before)
        except BusFailed as error:
            self._jobs.log(f"the desktop can't be told over D-Bus: {error}")
            return False
        self._numbers[news.window] = number
        return True

    async def _withdraw(self, window: Window) -> None:
        async with self._turn:
            number = self._numbers.pop(window, None)
            if number is None or self._bus is None:
                return
            try:
                await self._bus.hide(number)
            except BusFailed as error:
                self._jobs.log(f"a notification can't be taken away: {error}")

    async def _notify_send(self, news: News) -> None:
        program = shutil.which("notify-send", path=self._environment.get("PATH"))
        if program is None:
            self._jobs.log("there is no notify-send to tell the desktop")
            return
        # It takes the body for markup; what begins with a dash is no option behind the two.
        body = escaped(news.body)
        words = [program, "--app-name=termxmpp", "--category=im.received", "--", news.title, body]
        await run(words, self._environment, self._jobs)

    def _clicked(self, number: int) -> None:
        for window, known in self._numbers.items():
            if known == number and window is not None:
                self._show(window)
                return

    def _gone(self, number: int) -> None:
        self._numbers = {each: known for each, known in self._numbers.items() if known != number}
