"""Messages as text, as JSON lines, as HTML: pure. Nothing that a peer wrote is obeyed by a reader.

In text and HTML controls and bidi overrides are visible symbols, in JSON all but ASCII is escaped;
in HTML everything is escaped besides, and nothing is a link or loaded from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from termxmpp.core.jid import Jid
from termxmpp.core.matter import matter_words
from termxmpp.core.message import Fate, Message
from termxmpp.core.text import one_line, visible
from termxmpp.words import _

__all__ = ["FORMATS", "Format", "Speaker"]

# So many columns of a name, and of what is quoted, are told.
LONGEST = 200

Speaker = Callable[[Message], str]
"""What to call who wrote a message."""


class Format(Protocol):
    """A way to write messages; `suffix` is that of its files."""

    suffix: str

    def begin(self, account: Jid, at: datetime) -> str:
        """What stands before everything: whose it is, and when it was taken."""
        ...

    def conversation(self, peer: Jid, title: str) -> str:
        """What stands before the messages of one conversation."""
        ...

    def message(self, peer: Jid, message: Message, name: str) -> str:
        """One message, which `name` wrote."""
        ...

    def end(self) -> str:
        """What stands behind everything."""
        ...


class Text:
    """For people: a line for each message, its other lines indented."""

    suffix = "txt"

    def begin(self, account: Jid, at: datetime) -> str:
        words = _("What {account} has said and heard, taken on {time}.")
        return words.format(account=account, time=_local(at)) + "\n"

    def conversation(self, peer: Jid, title: str) -> str:
        return f"\n== {_named(peer, title)} ==\n\n"

    def message(self, peer: Jid, message: Message, name: str) -> str:
        first, *rest = _text(message).split("\n")
        who = one_line(name, LONGEST)
        is_action = first.startswith("/me ") and not message.is_retracted
        line = f"* {who} {first[4:]}" if is_action else f"{who}: {first}"
        lines = [f"{_local(message.at)} {line}", *(f"    {each}" for each in rest)]
        notes = _notes(message)
        if notes:
            lines.append(f"    ({'; '.join(notes)})")
        return "\n".join(lines) + "\n"

    def end(self) -> str:
        return ""


class JsonLines:
    """For programs: one object a line, all of it ASCII."""

    suffix = "jsonl"

    def begin(self, account: Jid, at: datetime) -> str:
        return ""

    def conversation(self, peer: Jid, title: str) -> str:
        return ""

    def message(self, peer: Jid, message: Message, name: str) -> str:
        told: dict[str, object] = {
            "conversation": str(peer),
            "id": message.id,
            "archive_id": message.archive_id,
            "at": message.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "author": str(message.author),
            "name": name,
            "is_own": message.is_own,
            "is_groupchat": message.is_groupchat,
            "text": message.text,
            "subject": message.subject,
            "matter": _matter(message),
            "spoiler": message.spoiler,
            "is_retracted": message.is_retracted,
            "edits": list(message.edits),
            "fate": message.fate.name.lower() if message.fate else None,
            "reply": _reply(message),
            "reactions": [
                {"emoji": each.emoji, "by": [str(jid) for jid in each.by]}
                for each in message.reactions
            ],
        }
        known = {key: value for key, value in told.items() if value not in (None, "", [])}
        return json.dumps(known, ensure_ascii=True) + "\n"

    def end(self) -> str:
        return ""


_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em;color:#222}"
    "article{margin:.4em 0}time{color:#777;font-size:.8em}b{margin:0 .4em}"
    "p{margin:0 0 0 1em;white-space:pre-wrap;overflow-wrap:anywhere}small{color:#777}"
    ".own b{color:#05a}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}"
)


class Html:
    """For browsers: one page, with nothing in it that does anything."""

    suffix = "html"

    def begin(self, account: Jid, at: datetime) -> str:
        title = _("What {account} has said and heard").format(account=account)
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return (
            '<!DOCTYPE html>\n<html><head><meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width">\n'
            f"<title>{_escaped(title)}</title>\n<style>{_STYLE}</style></head><body>\n"
            f"<h1>{_escaped(title)}</h1>\n<p><small>{_local(at)}</small></p>\n"
        )

    def conversation(self, peer: Jid, title: str) -> str:
        return f"<h2><bdi>{_escaped(_named(peer, title))}</bdi></h2>\n"

    def message(self, peer: Jid, message: Message, name: str) -> str:
        own = ' class="own"' if message.is_own else ""
        notes = "".join(f"<small>({_escaped(note)})</small> " for note in _notes(message))
        return (
            f"<article{own}><time>{_local(message.at)}</time>"
            f"<b><bdi>{_escaped(one_line(name, LONGEST))}</bdi></b>{notes.rstrip()}"
            f'<p dir="auto">{_escaped(_text(message))}</p></article>\n'
        )

    def end(self) -> str:
        return "</body></html>\n"


FORMATS: dict[str, Callable[[], Format]] = {"text": Text, "json": JsonLines, "html": Html}
"""The ways to write messages, by what the user calls them."""


def _text(message: Message) -> str:
    """What a message says, made harmless."""
    if message.is_retracted:
        return _("(retracted)")
    text = visible(message.text)
    if message.matter is not None:
        words = f"({matter_words(message.matter, is_own=message.is_own)})"
        text = f"{text}\n{words}" if text else words
    if message.subject:
        text = f"{one_line(message.subject, LONGEST)}\n{text}" if text else message.subject
    return visible(text)


def _notes(message: Message) -> list[str]:
    """What else there is to know of a message."""
    notes = []
    if message.reply is not None and message.reply.text:
        quoted = one_line(message.reply.text, LONGEST)
        notes.append(_("answers “{quoted}”").format(quoted=quoted))
    if message.edits and not message.is_retracted:
        notes.append(_("corrected"))
    if message.spoiler is not None:
        hint = one_line(message.spoiler, LONGEST)
        notes.append(_("spoiler: {hint}").format(hint=hint) if hint else _("spoiler"))
    if message.fate is Fate.FAILED:
        notes.append(_("not sent: {reason}").format(reason=one_line(message.reason, LONGEST)))
    reactions = [f"{one_line(each.emoji, 20)} {len(each.by)}" for each in message.reactions]
    return notes + ([" ".join(reactions)] if reactions else [])


def _reply(message: Message) -> dict[str, str] | None:
    reply = message.reply
    if reply is None or not reply.id:
        return None
    return {"id": reply.id, "author": str(reply.author or ""), "text": reply.text}


def _matter(message: Message) -> dict[str, str] | None:
    matter = message.matter
    return {"kind": matter.kind.value, "detail": matter.detail} if matter is not None else None


def _named(peer: Jid, title: str) -> str:
    shown, address = one_line(title, LONGEST), one_line(str(peer), LONGEST)
    return address if shown == address else f"{shown} ({address})"


# As `html.escape`, whose module brings two thousand names of characters with it.
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
