"""What is told: the words for a message, or for many, harmless wherever they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from termxmpp.core.gist import gist
from termxmpp.core.message import Message
from termxmpp.core.text import one_line
from termxmpp.values import dataclass
from termxmpp.words import _, ngettext
from termxmpp.workspace import Window

__all__ = ["News", "Pending", "Voice", "news_of", "summary"]

# So many columns: what shows it cuts it sooner.
LONGEST_TITLE, LONGEST_BODY = 80, 240


@dataclass(frozen=True, slots=True)
class Pending:
    """What is to be told of one conversation: `count` messages, of which `last` came last."""

    count: int
    last: Message
    is_mention: bool

    def followed_by(self, message: Message) -> Pending:
        """The same, and `message` behind it."""
        return Pending(self.count + 1, message, self.is_mention or message.is_mention)


@dataclass(frozen=True, slots=True)
class News:
    """One thing that is told: of the conversation of `window`, or with None of several.

    `title` and `body` are one line each, without anything that a terminal obeys; so are `author`
    and `text`, which are empty where they are not to be shown.
    """

    title: str
    body: str
    window: Window | None = None
    count: int = 1
    is_mention: bool = False
    author: str = ""
    text: str = ""

    @property
    def facts(self) -> Mapping[str, str]:
        """What a program is told of it, by its environment."""
        window = self.window
        return {
            "TERMXMPP_TITLE": self.title,
            "TERMXMPP_BODY": self.body,
            "TERMXMPP_COUNT": str(self.count),
            "TERMXMPP_MENTION": "1" if self.is_mention else "",
            "TERMXMPP_ACCOUNT": str(window.client.state.account) if window is not None else "",
            "TERMXMPP_CONVERSATION": str(window.peer) if window is not None else "",
            "TERMXMPP_AUTHOR": self.author,
            "TERMXMPP_TEXT": self.text,
        }


class Voice(Protocol):
    """A way to tell news."""

    def tell(self, news: News) -> None:
        """Tell `news` now; what was told of the same conversation before is out of date."""
        ...

    def withdraw(self, window: Window) -> None:
        """What was told of that conversation has been read."""
        ...

    def close(self) -> None:
        """Nothing more will be told."""
        ...


def news_of(window: Window, pending: Pending, *, has_preview: bool) -> News:
    """The news of one conversation; without `has_preview` not what was said, nor by whom."""
    title = one_line(window.title, LONGEST_TITLE)
    count = pending.count
    many = ngettext("{count} new message", "{count} new messages", count).format(count=count)
    if not has_preview:
        return News(title, many, window, count, pending.is_mention)
    message = pending.last
    author = one_line(window.client.state.author_of(message), LONGEST_TITLE)
    said = _("(hidden)") if message.spoiler is not None else gist(message)
    text = one_line(said, LONGEST_BODY)
    words = f"{author}: {text}" if window.room is not None else text
    body = one_line(words if count == 1 else f"{words} ({many})", LONGEST_BODY)
    return News(title, body, window, count, pending.is_mention, author, text)


def summary(count: int, conversations: int, *, is_mention: bool) -> News:
    """The news of `count` messages in several conversations, of which none is told by itself."""
    words = ngettext(
        "{count} new message in {places} conversations",
        "{count} new messages in {places} conversations",
        count,
    )
    body = words.format(count=count, places=conversations)
    return News("termxmpp", body, None, count, is_mention)
