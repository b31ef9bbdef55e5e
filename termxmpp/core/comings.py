"""Who comes into a room and leaves it, as one line: who comes back or goes again is no news."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from termxmpp.core.text import one_line
from termxmpp.words import _, ngettext

__all__ = ["Comings", "shown_nick"]

# So many are named at once; the others are counted.
NAMED = 8

_NICK_COLUMNS = 40


@dataclass
class Comings:
    """Who has come and gone since it was told last, by the nicks, with what is shown of them."""

    came: dict[str, str] = field(default_factory=dict)
    went: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)

    def comes(self, nick: str, shown: str) -> None:
        if self.went.pop(nick, None) is None:
            self.came[nick] = shown

    def goes(self, nick: str) -> None:
        if self.came.pop(nick, None) is None:
            self.went[nick] = shown_nick(nick)

    def is_called(self, nick: str, new_nick: str) -> None:
        if nick in self.came:
            del self.came[nick]
            self.came[new_nick] = shown_nick(new_nick)
            return
        before = next((old for old, new in self.renamed.items() if new == nick), nick)
        self.renamed[before] = new_nick
        if before == new_nick:
            del self.renamed[before]

    @property
    def words(self) -> str:
        """All of it in one line; empty if all are where they were."""
        renamed = [
            _("{nick} is now {new_nick}.").format(nick=shown_nick(old), new_nick=shown_nick(new))
            for old, new in islice(self.renamed.items(), NAMED)
        ]
        came = _("{nicks} came.").format(nicks=_named(self.came)) if self.came else ""
        went = _("{nicks} left.").format(nicks=_named(self.went)) if self.went else ""
        return " ".join(filter(None, (came, went, *renamed)))


def shown_nick(nick: str) -> str:
    """A nick as it can be shown."""
    return one_line(nick, _NICK_COLUMNS)


def _named(nicks: dict[str, str]) -> str:
    named = ", ".join(islice(nicks.values(), NAMED))
    more = len(nicks) - NAMED
    if more <= 0:
        return named
    words = ngettext("{nicks} and {count} more", "{nicks} and {count} more", more)
    return words.format(nicks=named, count=more)
