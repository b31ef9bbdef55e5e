"""One message of a conversation, and the fate of those we sent.

Values only: what is told here is what the screen shows, so it must never claim more than
what is known.
"""

from __future__ import annotations

import enum
from dataclasses import field
from datetime import datetime

from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.links import links
from termxmpp.core.matter import Matter
from termxmpp.core.picture import Picture
from termxmpp.core.route import Route
from termxmpp.values import dataclass

__all__ = ["Act", "Deed", "Fate", "Mark", "Message", "Notice", "Reaction", "Reply", "Route"]


class Fate(enum.Enum):
    """How far a sent message is known to have come; the value is the mark that shows it.

    Each counts for more than those before it: what was received has arrived, and a failure
    that is told besides concerns another device of the recipient.
    """

    QUEUED = "…"
    SENT = "·"
    ACKNOWLEDGED = "✓"
    FAILED = "✗"
    RECEIVED = "✓✓"
    READ = "●"

    def becomes(self, newer: Fate) -> Fate:
        """The fate after news of `newer`: it only ever moves forward.

        So the order of the news is irrelevant: an archive tells the newest first.
        """
        order = list(Fate)
        return max(self, newer, key=order.index)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message answers (XEP-0461): the message of that `id`, and its words as quoted.

    `id` is the archive's or room's in a room, the stanza's elsewhere. `author` is who is said to
    have written it; `text` is what is quoted of it, or empty where nothing is known.
    """

    id: str
    author: Jid | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reaction:
    """Who has reacted with `emoji` to a message (XEP-0444), in the order in which they did.

    `is_own`: the user is one of them.
    """

    emoji: str
    by: tuple[Jid, ...]
    is_own: bool = False


class Deed(enum.Enum):
    """What can be done to a message; the value is its name in the records."""

    CORRECTION = "correction"
    REACTIONS = "reactions"
    RETRACTION = "retraction"


@dataclass(frozen=True, slots=True)
class Act:
    """What a message does to another one of its conversation, instead of standing for itself.

    `target` is what names that one: for a correction the id of its stanza (XEP-0308), for the
    others (XEP-0444, XEP-0424) in a room the id that the room gave it. `emojis` are all those
    with which the author reacts to it from now on.
    """

    deed: Deed
    target: str
    emojis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands in a conversation.

    `id` is unique within the conversation for own messages (it is the stanza's id); peers'
    ids are as they chose them. `at` is an aware datetime: the sender's delay stamp where
    there is one (XEP-0203), else the time of arrival. `fate` is None for peers' messages.
    `origin_id` and `archive_id` are those of XEP-0359, the latter only as the archive gave it
    that the message belongs to: what `is_groupchat`, said to everybody in a room, to the
    room's, all else to the account's own. `key` is the record's number in the store and `rank`
    its place in the order of the archive; both are 0 before the store has seen it. What
    `is_transient` is kept nowhere, as its sender asked (XEP-0334); who wrote what `is_markable`
    asks to be told when it is read (XEP-0333). `edits` are its earlier texts, oldest first
    (XEP-0308); of what `is_retracted` (XEP-0424) the text is empty. `spoiler` is the hint that
    stands for the text until the reader asks for it (XEP-0382), None where nothing is hidden. What
    `is_unstyled` is drawn as it stands, whatever looks like styling in it (XEP-0393 §6).
    `is_mention`: it names the reader. With an `act` it is no message of its own, but changes
    another. `occupant` is who wrote it whichever the nick, if the room tells that: its occupant
    id (XEP-0421), or its real address; `hats` are what else it was then (XEP-0317), kept nowhere.
    `files` are what it shares besides, or instead of, its text (XEP-0447, XEP-0066); `pictures` is
    how some of them look, if that is known; kept nowhere. `matter` is what it holds that is no
    text, and is told in words of ours. `named` are those whom its sender says to mean (XEP-0372);
    only what that is to the reader is kept.
    """

    id: str
    author: Jid
    text: str
    at: datetime
    is_own: bool = False
    fate: Fate | None = None
    reason: str = ""
    subject: str = ""
    is_delayed: bool = False
    route: Route = Route.LIVE
    origin_id: str = ""
    archive_id: str = ""
    key: int = 0
    rank: int = 0
    is_transient: bool = False
    is_markable: bool = False
    is_groupchat: bool = False
    reply: Reply | None = None
    reactions: tuple[Reaction, ...] = ()
    edits: tuple[str, ...] = ()
    is_retracted: bool = False
    spoiler: str | None = None
    is_unstyled: bool = False
    is_mention: bool = False
    act: Act | None = None
    occupant: str = ""
    files: tuple[SharedFile, ...] = ()
    pictures: tuple[Picture, ...] = ()
    matter: Matter | None = None
    named: tuple[Jid, ...] = ()
    hats: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """What names it to others (XEP-0444 §4.2, XEP-0461 §4.1): empty if nothing does.

        In a room that is the id that the room has given it.
        """
        return self.archive_id if self.is_groupchat else self.origin_id or self.id

    @property
    def open_text(self) -> str:
        """What anybody may see of its text: the hint, where its author has hidden it."""
        return self.text if self.spoiler is None else self.spoiler or "..."

    @property
    def findable(self) -> str:
        """What a search can find of it: its text, what its files are called, where a place is."""
        named = (word for file in self.files for word in (file.label, file.description))
        matter = "" if self.matter is None or self.matter.hides_text else self.matter.detail
        return "\n".join(filter(None, (self.text, *named, matter)))

    @property
    def links(self) -> list[str]:
        """Where it leads, each once: to its files, and by the links in its text."""
        shared = [file.url for file in self.files if file.url]
        return list(dict.fromkeys([*shared, *links(self.text)]))

    @property
    def is_text(self) -> bool:
        """Whether it says something, be it a correction of what was said."""
        return self.act is None or self.act.deed is Deed.CORRECTION


class Mark(enum.Enum):
    """How that stands of which a notice tells; the value is what the symbol for it is called."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Notice:
    """Words of termxmpp itself in a conversation; `text` may hold several lines.

    Below them stands a `picture`, if there is one. One that is `is_folded` takes the place of the
    one before, if that is, too (`NoticeFolded`). `key` is given by the conversation, which has no
    other with it. Few have a `mark`.
    """

    text: str
    at: datetime
    is_error: bool = False
    is_folded: bool = False
    key: int = field(default=0, compare=False)
    mark: Mark | None = None
    picture: Picture | None = None
