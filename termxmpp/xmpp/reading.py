"""From a message stanza to a message of a conversation, whichever way it came.

Only here it is decided whose conversation a message belongs to, who wrote it, which of its ids
count, and whether it stands for itself or is about another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from termxmpp.core import quoting
from termxmpp.core.archive import ARCHIVE, STANZA_IDS
from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.matter import Matter, MatterKind
from termxmpp.core.message import Act, Deed, Fate, Message, Reply, Route
from termxmpp.core.room import Room
from termxmpp.core.state import State
from termxmpp.values import dataclass
from termxmpp.xmpp.acts import (
    REACTIONS_NS,
    OldModerationPayload,
    OldTombstonePayload,
    ReactionsPayload,
    ReplacePayload,
    RetractedPayload,
    RetractPayload,
)
from termxmpp.xmpp.delay import DelayPayload
from termxmpp.xmpp.hints import NoPermanentStorePayload, NoStorePayload
from termxmpp.xmpp.ids import OriginIdPayload, StanzaIdPayload
from termxmpp.xmpp.markers import MarkablePayload
from termxmpp.xmpp.matters import matter_of
from termxmpp.xmpp.muc import OCCUPANT_ID_NS, OccupantIdPayload, OccupantPayload
from termxmpp.xmpp.oob import OobPayload
from termxmpp.xmpp.references import MentionPayload
from termxmpp.xmpp.replies import REPLY_NS, FallbackPayload, ReplyPayload
from termxmpp.xmpp.sharing import SHARING_NS, SharingPayload, files_of, text_besides
from termxmpp.xmpp.spoilers import SpoilerPayload
from termxmpp.xmpp.stanzas import IncomingMessage
from termxmpp.xmpp.styling import UnstyledPayload

__all__ = ["is_own", "peer_of", "read_groupchat", "read_message"]

# What an account announces whose archive ids can be believed (XEP-0359 §6, XEP-0313 §3.5).
ARCHIVE_NAMESPACES = frozenset({ARCHIVE, STANZA_IDS})

# Nobody means more people at once.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class _Content:
    """What a message says: its own words, or an act on another one (see `Message`)."""

    text: str
    act: Act | None = None
    reply: Reply | None = None
    spoiler: str | None = None
    is_unstyled: bool = False
    is_retracted: bool = False
    files: tuple[SharedFile, ...] = ()
    matter: Matter | None = None


def peer_of(message: IncomingMessage, state: State) -> Jid | None:
    """Whose conversation `message` belongs to; None where it names nobody.

    That is a bare address, but for an occupant of a room, whom its service marks as such where
    we don't know the room (XEP-0045 §7.5). A contact can't pass for one.
    """
    other = message.sender
    if is_own(message, state.account):
        other = message.recipient
        if other is None and message.route is Route.LIVE:
            return state.account
    if other is None:
        return None
    is_marked = other.bare not in state.contacts and message.get(OccupantPayload) is not None
    return other if is_marked else state.peer_of(other)


def is_own(message: IncomingMessage, account: Jid) -> bool:
    """Whether the account wrote `message`, on this device or another.

    A copy that names no sender is ours; what comes so by itself is the server's word.
    """
    if message.sender is None:
        return message.route in (Route.CARBON, Route.ARCHIVE)
    return message.sender.bare == account


def read_message(
    message: IncomingMessage,
    state: State,
    now: datetime,
    new_id: Callable[[], str],
    matter: Matter | None = None,
) -> tuple[Jid, Message] | None:
    """The conversation and the message that `message` is, or None if it says nothing.

    It holds `matter` besides, unless it holds something else that is no text.
    Only if the account's server knows XEP-0359 does it take out archive ids that somebody
    else has put in (§6), and only an archive's are an archive's ids.
    """
    peer, content = peer_of(message, state), _content(message, matter)
    if peer is None or content is None or message.type in ("groupchat", "error"):
        return None
    delay = message.get(DelayPayload)
    route = message.route
    if route is Route.LIVE and delay is not None:
        route = Route.OFFLINE
    trusts_ids = state.namespaces >= ARCHIVE_NAMESPACES
    return peer, _made(
        message,
        content,
        message.sender or state.account,
        route,
        archive_id=_archive_id(message, state.account if trusts_ids else None),
        is_own=is_own(message, state.account),
        now=now,
        new_id=new_id,
        occupant=_occupant(message, state.rooms.get(peer.bare), route),
    )


def read_groupchat(
    message: IncomingMessage, room: Room, account: Jid, now: datetime, new_id: Callable[[], str]
) -> Message | None:
    """What was said to everybody in `room`, or None if that says nothing.

    Live, it is ours if it comes from our own address there: nobody else has it now. What is
    older may be from somebody who had our nick then; it is ours if the room's archive says so
    (XEP-0313 §5.1.3), or if it is a copy of what we have written, which the store knows.
    """
    content = _content(message)
    if message.sender is None or content is None:
        return None
    delay = message.get(DelayPayload)
    route = message.route
    if route is Route.LIVE and delay is not None and delay.by == room.jid and not room.is_settled:
        route = Route.HISTORY
    if route is Route.ARCHIVE:
        occupant = message.get(OccupantPayload)
        real = occupant.jid if occupant is not None else None
        is_ours = real is not None and real.bare == account
    else:
        is_ours = route is Route.LIVE and message.sender == room.me
    return _made(
        message,
        content,
        message.sender,
        route,
        archive_id=_archive_id(message, room.jid if room.has_stanza_ids else None),
        is_own=is_ours,
        now=now,
        new_id=new_id,
        is_groupchat=True,
        occupant=_occupant(message, room, route),
        hats=_hats(message.sender, room, route),
    )


def _content(message: IncomingMessage, matter: Matter | None = None) -> _Content | None:
    """What `message` says, or None if it says nothing.

    The text of a retraction is for those who don't know it; so is that of reactions where it is
    marked as such, else they would be lost with it.
    """
    retraction = message.get(RetractPayload)
    if retraction is not None:
        return _Content("", Act(Deed.RETRACTION, retraction.id))
    moderation = message.get(OldModerationPayload)
    if moderation is not None and message.sender is not None and message.sender.is_bare:
        return _Content("", Act(Deed.RETRACTION, moderation.id))
    reactions = message.get(ReactionsPayload)
    fallbacks = message.get_all(FallbackPayload)
    is_marked = any(each.namespace == REACTIONS_NS for each in fallbacks)
    if reactions is not None and (message.body is None or is_marked):
        return _Content("", Act(Deed.REACTIONS, reactions.id, reactions.emojis))
    replaced, matter = message.get(ReplacePayload), matter_of(message) or matter
    act = Act(Deed.CORRECTION, replaced.id) if replaced is not None else None
    if matter is not None and matter.hides_text:
        answered = message.get(ReplyPayload)
        to = Reply(answered.id, answered.author) if answered is not None else None
        return _Content("", act, to, matter=matter)
    text, reply = _said(message, fallbacks)
    files = files_of(message.get_all(SharingPayload), message.get_all(OobPayload), text)
    if files and matter is not None and matter.kind is MatterKind.UNKNOWN:
        # What it is besides a file is told by that.
        matter = None
    if message.body is None and not files and matter is None:
        graves = message.get(RetractedPayload), message.get(OldTombstonePayload)
        is_tombstone = message.route is Route.ARCHIVE and any(each is not None for each in graves)
        return _Content("", is_retracted=True) if is_tombstone else None
    if reply is None:
        text = text_besides(text, files, fallbacks)
    spoiler, is_unstyled = message.get(SpoilerPayload), message.get(UnstyledPayload) is not None
    hint = spoiler.hint if spoiler is not None else None
    return _Content(text, act, reply, hint, is_unstyled, files=files, matter=matter)


def _said(
    message: IncomingMessage, fallbacks: Sequence[FallbackPayload]
) -> tuple[str, Reply | None]:
    """The text of `message`, and what it answers, whose words are in it for those who can't look.

    So may be links to the files that an answer shares.
    """
    body, answered = message.body or "", message.get(ReplyPayload)
    if answered is None:
        return body, None
    quoted = _ranges(fallbacks, REPLY_NS)
    text, quotation = quoting.without(body, quoted)
    rest, _taken = quoting.without(body, [*quoted, *_ranges(fallbacks, SHARING_NS)])
    words = quoting.excerpt(quoting.unquoted(quotation))
    return text if rest == body else rest, Reply(answered.id, answered.author, words)


def _ranges(fallbacks: Sequence[FallbackPayload], namespace: str) -> list[tuple[int, int]]:
    """The parts of the body that are for those who don't know `namespace`."""
    known = (each for each in fallbacks if each.namespace == namespace)
    return [span for each in known for span in each.ranges or ()]


def _occupant(message: IncomingMessage, room: Room | None, route: Route) -> str:
    """Who in `room` wrote it, whichever the nick; empty where nobody says so.

    That is its occupant id, if the room is one that lets nobody forge that (XEP-0421 §4), or else
    the real address, as the room's archive tells it or as we see it now.
    """
    if room is None or message.sender is None:
        return ""
    if OCCUPANT_ID_NS in room.namespaces:
        occupant = message.get(OccupantIdPayload)
        return occupant.id if occupant is not None else ""
    real = None
    if route is Route.ARCHIVE and message.type == "groupchat":
        about = message.get(OccupantPayload)
        real = about.jid if about is not None else None
    elif route is Route.LIVE:
        present = room.occupants.get(message.sender.resource)
        real = present.jid if present is not None else None
    return f"xmpp:{real.bare}" if real is not None else ""


def _hats(sender: Jid, room: Room, route: Route) -> tuple[str, ...]:
    """What else the author is in `room`; of what is older nobody says it."""
    present = room.occupants.get(sender.resource) if route is Route.LIVE else None
    return present.hats if present is not None else ()


def _made(
    message: IncomingMessage,
    content: _Content,
    author: Jid,
    route: Route,
    *,
    archive_id: str,
    is_own: bool,
    now: datetime,
    new_id: Callable[[], str],
    is_groupchat: bool = False,
    occupant: str = "",
    hats: tuple[str, ...] = (),
) -> Message:
    delay = message.get(DelayPayload)
    origin = message.get(OriginIdPayload)
    said_at = delay.at if delay else message.archived_at
    is_transient = bool(message.get(NoStorePayload) or message.get(NoPermanentStorePayload))
    act = content.act
    if is_transient and act is not None:
        # What corrects a text that is kept nowhere stands for itself; all else that is done to a
        # message is no text, and matters for as long as that is here.
        is_text = act.deed is Deed.CORRECTION
        is_transient, act = is_text, None if is_text else act
    return Message(
        message.id or new_id(),
        author,
        content.text,
        said_at or now,
        is_own=is_own,
        fate=Fate.ACKNOWLEDGED if is_own else None,
        subject=message.subject or "",
        is_delayed=said_at is not None,
        route=route,
        origin_id=origin.id if origin else "",
        archive_id=archive_id,
        is_transient=is_transient,
        # A marker needs an id to speak of, and we need none for what is ours (XEP-0333 §5); in
        # a room it would be everybody's business.
        is_markable=bool(
            message.get(MarkablePayload) and message.id and not is_own and not is_groupchat
        ),
        is_groupchat=is_groupchat,
        reply=content.reply,
        is_retracted=content.is_retracted,
        spoiler=content.spoiler,
        is_unstyled=content.is_unstyled,
        act=act,
        occupant=occupant,
        files=content.files,
        matter=content.matter,
        named=tuple(each.whom for each in message.get_all(MentionPayload)[:MOST_NAMED]),
        hats=hats,
    )


def _archive_id(message: IncomingMessage, archive: Jid | None) -> str:
    """The id that the archive gave; None is one that would not take out a forged id."""
    if message.archive_id:
        return message.archive_id
    ours = (each.id for each in message.get_all(StanzaIdPayload) if each.by == archive)
    return next(ours, "")
