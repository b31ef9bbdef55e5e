"""The terminal's own ways: its bell, and notifications by OSC 9, 99 or 777.

They work wherever the terminal is, over ssh and through tmux and screen, which pass them on if
they are allowed to (tmux: `allow-passthrough`).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from termxmpp.settings import Settings
from termxmpp.telling.news import News
from termxmpp.workspace import Window

__all__ = ["TerminalVoice", "closing", "notification", "spoken_by"]

BELL = "\a"

# What terminals that understand one of them call themselves, by TERM, which also ssh passes on,
# and by TERM_PROGRAM.
_TERMS = {
    "xterm-kitty": "osc99",
    "foot": "osc777",
    "foot-extra": "osc777",
    "rxvt-unicode": "osc777",
    "rxvt-unicode-256color": "osc777",
    "xterm-ghostty": "osc9",
    "wezterm": "osc9",
}
_PROGRAMS = {"iTerm.app": "osc9", "WezTerm": "osc9", "ghostty": "osc9", "kitty": "osc99"}
_VARIABLES = {"KITTY_WINDOW_ID": "osc99", "WEZTERM_PANE": "osc9", "VTE_VERSION": "osc777"}


def spoken_by(environment: Mapping[str, str]) -> str:
    """What the terminal speaks, by what it says of itself: osc9, osc99, osc777 or off.

    Others would at best ignore it, so who is not known is told nothing. Within tmux and screen
    TERM is theirs, and the rest tells where they were begun.
    """
    known = [
        _TERMS.get(environment.get("TERM", "")),
        _PROGRAMS.get(environment.get("TERM_PROGRAM", "")),
        *(spoken for name, spoken in _VARIABLES.items() if environment.get(name)),
    ]
    return next((spoken for spoken in known if spoken), "off")


def notification(
    spoken: str, number: int, title: str, body: str, environment: Mapping[str, str]
) -> str:
    """What lets the terminal show `title` and `body`, which are visible lines.

    Where it can, it replaces what it shows with the same `number`.
    """
    match spoken:
        case "osc9":
            shown = f"\x1b]9;{_unsplit(title)}: {_unsplit(body)}\a"
        case "osc777":
            shown = f"\x1b]777;notify;{_unsplit(title)};{_unsplit(body)}\a"
        case "osc99":
            name = f"i=termxmpp-{number}"
            shown = (
                f"\x1b]99;{name}:d=0:e=1:a=focus;{_encoded(title)}\x1b\\"
                f"\x1b]99;{name}:d=1:e=1:p=body;{_encoded(body)}\x1b\\"
            )
        case _:
            return ""
    return _passed_on(shown, environment)


def closing(spoken: str, number: int, environment: Mapping[str, str]) -> str:
    """What takes away the notification with that `number`, where the terminal can."""
    if spoken != "osc99":
        return ""
    return _passed_on(f"\x1b]99;i=termxmpp-{number}:p=close;\x1b\\", environment)


class TerminalVoice:
    """Tells by the terminal to which `write` writes, as `settings` want it."""

    def __init__(
        self, write: Callable[[str], None], settings: Settings, environment: Mapping[str, str]
    ) -> None:
        self._write = write
        self._settings = settings
        self._environment = environment
        self._numbers: dict[Window | None, int] = {}

    def tell(self, news: News) -> None:
        number = self._numbers.setdefault(news.window, len(self._numbers))
        shown = notification(self._spoken, number, news.title, news.body, self._environment)
        bell = BELL if self._settings.config.notify.bell else ""
        if bell or shown:
            self._write(bell + shown)

    def withdraw(self, window: Window) -> None:
        if window in self._numbers:
            shown = closing(self._spoken, self._numbers[window], self._environment)
            if shown:
                self._write(shown)

    def close(self) -> None:
        """The terminal is given back as it is."""

    @property
    def _spoken(self) -> str:
        wanted = self._settings.config.notify.terminal
        return spoken_by(self._environment) if wanted == "auto" else wanted


def _unsplit(text: str) -> str:
    """`text` without what would end a part of the sequence: some read commands behind it."""
    return text.replace(";", ",")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def _passed_on(shown: str, environment: Mapping[str, str]) -> str:
    """`shown` for the terminal around tmux or screen, if we are in one."""
    if environment.get("TMUX"):
        return f"\x1bPtmux;{shown.replace(chr(27), chr(27) * 2)}\x1b\\"
    if environment.get("STY"):
        # Screen ends its string at the first ST, so that the sequence may hold none.
        return f"\x1bP{shown.replace(chr(27) + chr(92), chr(7))}\x1b\\"
    return shown
