"""What single keys do to the message that is selected, while nothing is written."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from termxmpp.core.message import Message
from termxmpp.core.text import visible, width
from termxmpp.errors import UserError
from termxmpp.ui.clipboard import copying
from termxmpp.ui.theme import Symbols
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["MESSAGE_KEYS", "MessageKey", "fill", "hints", "unselect"]

# `application.Screen`, which imports this.
Screen = Any


@dataclass(frozen=True, slots=True)
class MessageKey:
    """What a key does to the selected message; `words` are for the status bar if it `fits`."""

    key: str
    words: str
    act: Callable[[Screen, Message], None]
    fits: Callable[[Message], bool] = lambda message: True


def fill(screen: Screen, line: str) -> None:
    """Put `line` into the input, to be gone on with."""
    screen.prompt.fill(line)


def unselect(screen: Screen) -> None:
    """Select nothing any more, and take back the line that a key has put into the input."""
    screen.viewport.unselect()
    if screen.prompt.buffer.text.strip() in ("/reply", "/react"):
        screen.prompt.fill("")


def hints(screen: Screen, columns: int) -> str:
    """The keys that act now, as many as there is room for; empty while no message is selected."""
    message = screen.viewport.selected
    if message is None:
        return ""
    symbols: Symbols = screen.wardrobe.now.symbols
    if screen.prompt.buffer.text:
        return symbols.separated(_("about the selected message"), _("esc ends the selection"))
    fitting = [each for each in MESSAGE_KEYS if each.words and each.fits(message)]
    keys = [f"{each.key} {each.words}" for each in fitting]
    if screen.hits.words:
        keys[:0] = [screen.hits.words, _("n N others"), _("alt-left back")]
    end = _("esc end")
    # How one gets out is told in any case.
    while len(keys) > 1 and width(symbols.separated(*keys, end)) > columns:
        keys.pop()
    return symbols.separated(*keys, end)


def _reply(screen: Screen, message: Message) -> None:
    fill(screen, "/reply ")


def _correct(screen: Screen, message: Message) -> None:
    if not message.is_own:
        raise UserError(_("Only messages of yours can be corrected."))
    fill(screen, f"/correct {message.text}")


def _react(screen: Screen, message: Message) -> None:
    fill(screen, "/react ")
    screen.prompt.complete()


def _retract(screen: Screen, message: Message) -> None:
    if not message.is_own:
        raise UserError(_("Only messages of yours can be retracted."))
    screen.ask(_("Retract this message? (y/n)"), lambda: screen.enter("/retract"))


def _open(screen: Screen, message: Message) -> None:
    if message.spoiler is not None:
        screen.viewport.reveal(message.key)
        return
    screen.enter("/open", is_last=False)


def _can_be_opened(message: Message) -> bool:
    return message.spoiler is not None or bool(message.links)


def _tell_edits(screen: Screen, message: Message) -> None:
    screen.enter("/history edits", is_last=False)


def _copy(screen: Screen, message: Message) -> None:
    if not message.text:
        raise UserError(_("There is no text in this message."))
    _copy_text(screen, visible(message.text))


def _copy_link(screen: Screen, message: Message) -> None:
    found = message.links
    if not found:
        raise UserError(_("There is no link in this message."))
    _copy_text(screen, found[0])


def _copy_text(screen: Screen, text: str) -> None:
    screen.output.write_raw(copying(text, os.environ))
    screen.output.flush()
    screen.workspace.complain(
        _("Copied {count} characters, if the terminal lets us.").format(count=len(text))
    )


MESSAGE_KEYS: tuple[MessageKey, ...] = (
    MessageKey("r", _("reply"), _reply),
    MessageKey("e", _("correct"), _correct, lambda message: message.is_own),
    MessageKey("+", _("react"), _react),
    MessageKey("d", _("retract"), _retract, lambda message: message.is_own),
    MessageKey("o", _("open"), _open, _can_be_opened),
    MessageKey("y", _("copy"), _copy),
    MessageKey("h", _("earlier texts"), _tell_edits, lambda message: bool(message.edits)),
    MessageKey("Y", "", _copy_link),
    MessageKey("n", "", lambda screen, message: screen.hits.step(screen, 1)),
    MessageKey("N", "", lambda screen, message: screen.hits.step(screen, -1)),
)
