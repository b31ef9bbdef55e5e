"""What `--listen` tells, as lines: text for people and `cut`, or JSON for programs.

Nothing in them is a line end or something that a terminal obeys, whatever a peer has written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from termxmpp.core.jid import Jid
from termxmpp.core.matter import matter_words
from termxmpp.core.message import Act, Fate, Message
from termxmpp.core.roster import Presence
from termxmpp.core.text import visible
from termxmpp.words import _

__all__ = [
    "VERSION",
    "facts",
    "json_help",
    "json_line",
    "presence_facts",
    "receipt_facts",
    "text_line",
    "words_of",
]

VERSION = 1
"""Of the objects; each line holds it as `v`. What is added later does not change it."""

# What a terminal could obey or a reader not see: it stands there as \uXXXX, and means the same.
_UNSEEN = re.compile("[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def text_line(peer: Jid, message: Message) -> str:
    """`message` of the conversation with `peer`: time, from, text, with tabs between."""
    who = visible(_escaped(str(_from(peer, message))), multiline=False)
    words = visible(_escaped(words_of(message)), multiline=False)
    if message.matter is not None:
        words = f"{words} ({matter_words(message.matter, is_own=message.is_own)})".lstrip()
    return f"{_time(message.at)}\t{who}\t{words}"


def words_of(message: Message) -> str:
    """What it says; of one that only shares files, where they are."""
    return message.text or "\n".join(message.links)


def facts(account: Jid, peer: Jid, message: Message, type: str) -> dict[str, Any]:
    """`message` of `account`'s conversation with `peer`, as the object that tells it."""
    is_in_room = message.is_groupchat or bool(peer.resource)
    sender, to = message.author, account
    if message.is_own and not message.is_groupchat:
        to = peer
    return {
        "kind": "message",
        "time": message.at.isoformat(timespec="milliseconds"),
        "from": str(sender),
        "to": str(peer if message.is_groupchat else to),
        "room": str(peer.bare) if is_in_room else None,
        "nick": sender.resource if is_in_room else None,
        "type": "groupchat" if message.is_groupchat else type,
        "body": message.text,
        "subject": message.subject,
        "matter": message.matter.kind.value if message.matter is not None else None,
        "detail": message.matter.detail if message.matter is not None else "",
        "files": [file.url for file in message.files if file.url],
        "id": message.id,
        "origin_id": message.origin_id,
        "archive_id": message.archive_id,
        "reply_to": message.reply.id if message.reply is not None else None,
        "corrects": _target(message.act),
        "delayed": message.is_delayed,
        "own": message.is_own,
    }


def receipt_facts(peer: Jid, message_id: str, fate: Fate, now: datetime) -> dict[str, Any]:
    """`peer` has said that our message of that id has arrived, or was read."""
    return {
        "kind": "receipt",
        "time": now.isoformat(timespec="milliseconds"),
        "from": str(peer),
        "id": message_id,
        "fate": fate.name.lower(),
    }


def presence_facts(jid: Jid, presence: Presence, now: datetime) -> dict[str, Any]:
    """`jid` is there so now."""
    return {
        "kind": "presence",
        "time": now.isoformat(timespec="milliseconds"),
        "from": str(jid),
        "show": presence.availability.name.lower(),
        "status": presence.status,
    }


def json_line(told: Mapping[str, Any]) -> str:
    """The object `told` in one line."""
    text = json.dumps({"v": VERSION} | dict(told), ensure_ascii=False)
    text = text.encode("utf-8", "backslashreplace").decode()
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_help() -> str:
    """What `--help json` prints."""
    return _("""\
--listen --json prints an object a line. Each has "v", which is 1, and "kind"; there may be
more of both, and more keys, in later versions: leave out what you don't know.

message   "time" (RFC 3339), "from" and "to" (addresses; in a room "from" is room/nick),
          "room" and "nick" (null outside of rooms), "type" (chat, normal, headline,
          groupchat), "body", "subject", "files" (links), "matter" (what else is in it:
          encrypted, place, call, contacts, attention, unknown, or null), "detail" (of that),
          "id", "origin_id", "archive_id"
          (XEP-0359), "reply_to" and "corrects" (ids, or null), "delayed" (it did not come
          when it was said), "own" (another device of the account has sent it)
receipt   "time", "from", "id" (of a message of ours), "fate" (received, read)
presence  "time", "from", "show" (online, chat, away, xa, dnd, offline), "status"
exit      "time", "id", "from", "status" (of the program of --exec; null: it did not end well),
          "problem"
reply     "time", "to", "id", "fate" (acknowledged, received, read, failed, unknown), "reason"

Messages of others are always told; `listen.tell` in the configuration says what else.
""")


def _from(peer: Jid, message: Message) -> Jid:
    """Who wrote it, as one would answer: in a room which occupant, else the bare address."""
    is_in_room = message.is_groupchat or bool(peer.resource)
    return message.author if is_in_room else message.author.bare


def _time(at: datetime) -> str:
    return at.astimezone().isoformat(timespec="seconds")


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace("\t", "\\t")
    return text.replace("\r\n", "\n").replace("\r", "\\r").replace("\n", "\\n")


def _target(act: Act | None) -> str | None:
    return act.target if act is not None else None
