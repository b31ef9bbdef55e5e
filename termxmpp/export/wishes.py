"""What of all that was said is wanted, and where: read from the words behind /export. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from termxmpp.core.message import Message
from termxmpp.errors import UserError
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["Wishes", "file_name", "offers"]

# What is no part of a name that every file system takes, and no option to anybody.
_UNFIT = re.compile(r"[^A-Za-z0-9@._-]+")

FORMATS = ("text", "json", "html")

_AGO = re.compile(r"([0-9]{1,5})d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wishes:
    """The messages of one conversation or of all (`is_all`), as `format`, in the file `path`.

    Those `by` whom that names are wanted, empty for everybody's; `since` and `until` bound their
    times, the latter not included. Without a `path` one is chosen.
    """

    format: str = "text"
    is_all: bool = False
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    path: str = ""

    @classmethod
    def read(cls, words: Sequence[str], now: datetime) -> Wishes:
        """What `words` wish; UserError for what can't be meant. `now` is aware."""
        wishes = cls()
        left = list(words)
        while left:
            word = left.pop(0)
            key = word.lower()
            if key in FORMATS:
                wishes = replace(wishes, format=key)
            elif key == "all":
                wishes = replace(wishes, is_all=True)
            elif key in ("by", "to", "since", "until"):
                if not left:
                    raise UserError(_("{word} wants to know more.").format(word=key))
                wishes = wishes._with(key, left.pop(0), now)
            else:
                raise UserError(
                    _(
                        "{word!r} is no wish: there are text, json, html, all, by, since, until "
                        "and to."
                    ).format(word=word)
                )
        return wishes

    def _with(self, key: str, value: str, now: datetime) -> Wishes:
        match key:
            case "by":
                return replace(self, by=value)
            case "to":
                return replace(self, path=value)
            case "since":
                return replace(self, since=_moment(value, now))
            case _:
                end = _moment(value, now)
                # The day that is named is a part of it.
                is_day = ":" not in value
                return replace(self, until=end + timedelta(days=1) if is_day else end)

    def fits(self, message: Message, name: str) -> bool:
        """Whether `message`, which `name` wrote, is wanted."""
        if self.since is not None and message.at < self.since:
            return False
        if self.until is not None and message.at >= self.until:
            return False
        if not self.by:
            return True
        wanted = self.by.casefold()
        if wanted in ("me", _("me").casefold()):
            return message.is_own
        author = message.author
        known = (name, str(author), str(author.bare), message.occupant)
        return wanted in (each.casefold() for each in known)


def offers(before: str, now: datetime) -> Iterable[tuple[str, str]]:
    """What can be typed behind the word `before` of a wish, and what it means."""
    if before.lower() in ("since", "until"):
        named = {0: _("today"), 1: _("yesterday")}
        for days in (0, 1, 7, 30, 365):
            day = now.astimezone() - timedelta(days=days)
            words = named.get(days) or _("{days} days ago").format(days=days)
            yield f"{day:%Y-%m-%d}", words
        return
    yield "text", _("for people")
    yield "json", _("for programs: one object a line")
    yield "html", _("for browsers")
    yield "all", _("every conversation of this account")
    yield "by", _("only what PERSON said; me: only what you said")
    yield "since", _("only what was said from that day on")
    yield "until", _("only what was said up to that day")
    yield "to", _("into that file")


def file_name(what: str, at: datetime, suffix: str, number: int = 1) -> str:
    """The name of a file with what was said in `what`; the `number`th try for one that is free."""
    known = _UNFIT.sub("_", what).strip("._-")[:100] or "conversation"
    more = f"-{number}" if number > 1 else ""
    return f"termxmpp-{known}-{at.astimezone():%Y-%m-%d}{more}.{suffix}"


def _moment(text: str, now: datetime) -> datetime:
    """The beginning of the day, or the time, that `text` names; UserError if it is none."""
    today = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    ago = _AGO.fullmatch(text.lower())
    words = {"today": 0, "yesterday": 1}
    try:
        if ago or text.lower() in words:
            return today - timedelta(days=int(ago[1]) if ago else words[text.lower()])
        # A time without a zone is one of the clock on the wall.
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):
        raise UserError(
            _("{text!r} is no day: 2026-12-31, 2026-12-31T23:59, today, yesterday or 7d.").format(
                text=text
            )
        ) from None
