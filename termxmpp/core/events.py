"""What can happen to an account: frozen, complete, in the past tense.

Features make them from stanzas, the client from its connection and its user; only
`State.apply` turns them into state.
"""

from __future__ import annotations

from collections.abc import Sequence

from termxmpp.core.archive import Gap
from termxmpp.core.bookmarks import Bookmark
from termxmpp.core.capabilities import Capabilities
from termxmpp.core.draft import Draft
from termxmpp.core.jid import Jid
from termxmpp.core.link import Link
from termxmpp.core.message import Fate, Message, Notice
from termxmpp.core.picture import Picture
from termxmpp.core.room import FoundRoom, Invitation, MembershipRequest, Occupant
from termxmpp.core.roster import Contact, Presence
from termxmpp.core.service import Service
from termxmpp.core.telling import Rule, Telling
from termxmpp.core.transfer import Transfer
from termxmpp.values import dataclass

__all__ = [
    "AbilitiesLearned",
    "ActFailed",
    "ArchiveEnded",
    "ArchivePaged",
    "BlocklistChanged",
    "BookmarkChanged",
    "BookmarkRemoved",
    "CatchUpBegun",
    "CaughtUp",
    "ChatStateChanged",
    "CommandsListed",
    "ContactChanged",
    "ContactRemoved",
    "ConversationCleared",
    "ConversationClosed",
    "ConversationLeft",
    "ConversationOpened",
    "ConversationRead",
    "ConversationRestored",
    "DraftChanged",
    "Event",
    "FateChanged",
    "GapFailed",
    "GapsChanged",
    "HistoryForgotten",
    "HistoryLoaded",
    "InvitationDeclined",
    "Invited",
    "LineEntered",
    "LinkChanged",
    "MarkerSettled",
    "MembershipAnswered",
    "MembershipAsked",
    "MentionAdded",
    "MessageChanged",
    "MessageReceived",
    "MessageRemoved",
    "MessageWritten",
    "MessagesPlaced",
    "NewerLoaded",
    "NickTold",
    "NoticeFolded",
    "NoticeGiven",
    "OccupantChanged",
    "OccupantLeft",
    "OccupantRenamed",
    "OlderWanted",
    "OwnPortraitChanged",
    "OwnPresenceChanged",
    "PasswordWanted",
    "PastLeft",
    "PastShown",
    "PicturesShown",
    "PresenceChanged",
    "PresenceDirected",
    "ReadByPeer",
    "ReadElsewhere",
    "ReadingPublished",
    "RoomDiscovered",
    "RoomEntered",
    "RoomLeft",
    "RoomRequested",
    "RoomRestored",
    "RoomUnwanted",
    "RoomWanted",
    "RoomsFound",
    "RosterReceived",
    "RuleFound",
    "ServerDiscovered",
    "ServiceDescribed",
    "SessionStarted",
    "SubjectChanged",
    "SubscriptionAnswered",
    "SubscriptionRequested",
    "TellingChanged",
    "TransferEnded",
    "TransferMoved",
    "UnreadChanged",
]


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The way to the server is another: see `Link`."""

    link: Link


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """A session at the server began as `jid` (full), or the one before goes on.

    A session `is_resumed` with everything that the server knew of it (XEP-0198 §5).
    """

    jid: Jid
    is_resumed: bool = False


@dataclass(frozen=True, slots=True)
class ServerDiscovered:
    """What the account itself announced, and its server for everybody (XEP-0030).

    Where the account has given no answer, `is_told` is false, and `account` what was known.
    """

    account: frozenset[str]
    server: frozenset[str] = frozenset()
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class ServiceDescribed:
    """The server has told who runs it, and where it says how it is (XEP-0157, XEP-0455)."""

    service: Service


@dataclass(frozen=True, slots=True)
class RosterReceived:
    """The whole roster came (RFC 6121 §2.1.4); it replaces what was known.

    `version` is the server's word for this state of it (§2.6), empty where it has none.
    """

    contacts: tuple[Contact, ...]
    version: str = ""


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """A contact was added or changed (RFC 6121 §2.1.6)."""

    contact: Contact
    version: str = ""


@dataclass(frozen=True, slots=True)
class ContactRemoved:
    """A contact was removed from the roster."""

    jid: Jid
    version: str = ""


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """A resource announced itself; `presence` with OFFLINE means it left.

    `jid` is full; a bare one that goes offline takes all its resources along.
    """

    jid: Jid
    presence: Presence


@dataclass(frozen=True, slots=True)
class AbilitiesLearned:
    """Every program with these `capabilities` knows these `namespaces`, which has been proven."""

    capabilities: Capabilities
    namespaces: frozenset[str]


@dataclass(frozen=True, slots=True)
class OwnPortraitChanged:
    """The picture that our vCard has: its SHA-1 in hex, empty if it has none.

    None is what nobody is to be told for now (XEP-0153 §4.1).
    """

    hash: str | None


@dataclass(frozen=True, slots=True)
class OwnPresenceChanged:
    """We announce ourselves so, now or as soon as we are online."""

    presence: Presence


@dataclass(frozen=True, slots=True)
class PresenceDirected:
    """`jid` (bare) is shown our presence in this session, or no longer (RFC 6121 §4.6)."""

    jid: Jid
    is_shown: bool


@dataclass(frozen=True, slots=True)
class SubscriptionRequested:
    """Somebody asks to see our presence (RFC 6121 §3.1.2)."""

    jid: Jid
    text: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionAnswered:
    """The request of `jid` was approved or denied."""

    jid: Jid


@dataclass(frozen=True, slots=True)
class NickTold:
    """`jid` (bare) calls itself so (XEP-0172); empty: by no name any more."""

    jid: Jid
    nick: str


@dataclass(frozen=True, slots=True)
class BlocklistChanged:
    """These are blocked from now on, and nobody else (XEP-0191)."""

    jids: frozenset[Jid]


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message came into the conversation with `peer`."""

    peer: Jid
    message: Message


@dataclass(frozen=True, slots=True)
class MessageWritten:
    """The user wrote a message to `peer`; it is in the outbox."""

    peer: Jid
    message: Message


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """Something was done to `message`, or to what it quotes: so it stands now."""

    peer: Jid
    message: Message


@dataclass(frozen=True, slots=True)
class MentionAdded:
    """The message with that key names the user now, after a correction that nobody has seen.

    `was_read`: it was read before, and is unread again.
    """

    peer: Jid
    key: int
    was_read: bool


@dataclass(frozen=True, slots=True)
class MessageRemoved:
    """The message with that key turned out to be a correction of another one."""

    peer: Jid
    key: int


@dataclass(frozen=True, slots=True)
class ActFailed:
    """What we wanted to do to a message has come back, and is undone: see `message.reason`."""

    peer: Jid
    message: Message


@dataclass(frozen=True, slots=True)
class MessagesPlaced:
    """These `messages` of the conversation with `peer` have their places in it now.

    Some may be known already and have moved. `unread` are the keys of those nobody has seen.
    """

    peer: Jid
    messages: tuple[Message, ...]
    unread: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryLoaded:
    """The next older `messages` with `peer` were taken from the store; there may be more.

    `is_past`: they come before the part of the past that is looked at.
    """

    peer: Jid
    messages: tuple[Message, ...]
    has_older: bool
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class NewerLoaded:
    """The next newer `messages` behind the part of the past of `peer` that is looked at."""

    peer: Jid
    messages: tuple[Message, ...]
    has_newer: bool


@dataclass(frozen=True, slots=True)
class PastShown:
    """The user looks at a part of what was said with `peer`: these `messages`, in order."""

    peer: Jid
    messages: tuple[Message, ...]
    has_older: bool
    has_newer: bool


@dataclass(frozen=True, slots=True)
class PastLeft:
    """The user looks at the present of the conversation with `peer` again."""

    peer: Jid


@dataclass(frozen=True, slots=True)
class HistoryForgotten:
    """Old entries with `peer`, or of the console, are no more at hand: the store has them."""

    peer: Jid | None


@dataclass(frozen=True, slots=True)
class OlderWanted:
    """The user wants to see what is older than all that the store has of `peer`."""

    peer: Jid


@dataclass(frozen=True, slots=True)
class ConversationRestored:
    """A conversation of an earlier run: its newest `messages`, and what of it is unread.

    `first_unread` is the key of the first of the `unread` messages, `mentions` how many of them
    name the user.
    """

    peer: Jid
    messages: tuple[Message, ...]
    has_older: bool = False
    unread: int = 0
    first_unread: int | None = None
    is_open: bool = True
    mentions: int = 0


@dataclass(frozen=True, slots=True)
class CatchUpBegun:
    """What an archive holds since it was last asked is to be fetched (XEP-0313).

    `archive` is the room whose it is, None for the account's own.
    """

    archive: Jid | None = None


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was missed has been fetched, or `is_complete` is false: it could not all be.

    `archive` is the room that was caught up with, None for the account's own. `has_archive` is
    false where nothing is kept that could have been fetched.
    """

    is_complete: bool
    archive: Jid | None = None
    has_archive: bool = True


@dataclass(frozen=True, slots=True)
class ArchivePaged:
    """A page of an archive came, for the gap numbered `gap`.

    `messages` are (conversation, message) in the order of the archive. `first` is the archive
    id of the page's first item, also if that was no message. `is_last` tells whether the page
    reaches the older end of the gap.
    """

    gap: int
    messages: Sequence[tuple[Jid, Message]]
    first: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class ArchiveEnded:
    """The gap numbered `gap` turned out to have nothing (more) in it."""

    gap: int


@dataclass(frozen=True, slots=True)
class GapFailed:
    """The gap numbered `gap` can't be filled, for `problem`; empty where it is tried again."""

    gap: int
    problem: str


@dataclass(frozen=True, slots=True)
class GapsChanged:
    """What is missing of the history is now this, oldest first."""

    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class FateChanged:
    """News of a message of ours: see `Fate`; `reason` says in words why it failed."""

    peer: Jid
    message_id: str
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReadByPeer:
    """`peer` has read our message of that id, and with it all of ours before (XEP-0333)."""

    peer: Jid
    message_id: str


@dataclass(frozen=True, slots=True)
class ReadElsewhere:
    """The user has read the conversation with `peer` on another device, up to a message.

    That is named by its id, or by the id that an archive has given it (XEP-0490).
    """

    peer: Jid
    message_id: str = ""
    archive_id: str = ""


@dataclass(frozen=True, slots=True)
class UnreadChanged:
    """So many messages with `peer` are left unread; `first_unread` is the key of the first.

    `mentions` of them name the user.
    """

    peer: Jid
    unread: int
    first_unread: int | None = None
    mentions: int = 0


@dataclass(frozen=True, slots=True)
class MarkerSettled:
    """`peer` was told that its message of that id is read, or is not to be told."""

    peer: Jid
    message_id: str


@dataclass(frozen=True, slots=True)
class ReadingPublished:
    """Our other devices can know that the conversation with `peer` is read up to there."""

    peer: Jid
    archive_id: str


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    """termxmpp has something to say, in the conversation with `peer` or, with None, at large."""

    notice: Notice
    peer: Jid | None = None


@dataclass(frozen=True, slots=True)
class NoticeFolded:
    """What is told at the end of the conversation with `peer` is now this, or nothing if empty.

    It takes the place of the last one of its kind, unless something else was said since.
    """

    notice: Notice
    peer: Jid


@dataclass(frozen=True, slots=True)
class RoomRequested:
    """We ask to enter `room` (bare) as `nick`, and want to be in it from now on (XEP-0045 §7.2)."""

    room: Jid
    nick: str
    password: str = ""


@dataclass(frozen=True, slots=True)
class RoomWanted:
    """We are to enter `room` (bare) as `nick`; `is_by_user`: the user has just said so here.

    Without a nick it is the one that the room keeps for us, or else our user name.
    """

    room: Jid
    nick: str
    password: str = ""
    is_by_user: bool = False


@dataclass(frozen=True, slots=True)
class RoomUnwanted:
    """We are to leave `room`; `is_by_user`: the user has just said so here."""

    room: Jid
    is_by_user: bool = False


@dataclass(frozen=True, slots=True)
class RoomsFound:
    """The user has looked for rooms, and these were found."""

    rooms: tuple[FoundRoom, ...]


@dataclass(frozen=True, slots=True)
class PasswordWanted:
    """`room` did not let us in by the password that we gave, or wants one (XEP-0045 §7.2.5)."""

    room: Jid


@dataclass(frozen=True, slots=True)
class BookmarkChanged:
    """A room has a bookmark, or another one than before (XEP-0402)."""

    bookmark: Bookmark


@dataclass(frozen=True, slots=True)
class BookmarkRemoved:
    """`room` has no bookmark any more, here nor at the server."""

    room: Jid


@dataclass(frozen=True, slots=True)
class RuleFound:
    """The bookmark of `room` at the server says what is to be told of it, or nothing (XEP-0492)."""

    room: Jid
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody asks us to enter a room (XEP-0045 §7.8, XEP-0249)."""

    invitation: Invitation


@dataclass(frozen=True, slots=True)
class InvitationDeclined:
    """We do not enter `room`, into which we are invited."""

    room: Jid


@dataclass(frozen=True, slots=True)
class MembershipAsked:
    """A room asks us as its admin whether somebody may be a member."""

    request: MembershipRequest


@dataclass(frozen=True, slots=True)
class MembershipAnswered:
    """We have told `room` whether `nick` may be a member."""

    room: Jid
    nick: str


@dataclass(frozen=True, slots=True)
class RoomDiscovered:
    """What `room` announced (XEP-0045 §6.4); `portraits` is what its picture is called (XEP-0486).

    One picture may be there in several formats.
    """

    room: Jid
    namespaces: frozenset[str]
    portraits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomEntered:
    """We are in `room`, as `nick`; everybody else who is there has been told before."""

    room: Jid
    nick: str


@dataclass(frozen=True, slots=True)
class RoomLeft:
    """We are in `room` no more, or were not let in.

    `is_for_good`: the next session does not enter it by itself either. `is_gone`: there is no
    such room any more.
    """

    room: Jid
    is_for_good: bool
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class RoomRestored:
    """A room of an earlier run: wanted, or only known; `is_in` if its session may go on."""

    room: Jid
    nick: str
    is_wanted: bool
    is_in: bool = False
    subject: str | None = None
    namespaces: frozenset[str] = frozenset()
    occupants: tuple[Occupant, ...] = ()


@dataclass(frozen=True, slots=True)
class OccupantChanged:
    """Somebody came into `room` (`is_new`: while we were there), or is there in another way."""

    room: Jid
    occupant: Occupant
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class OccupantLeft:
    """Somebody else left `room`; `is_told`: the user was told why."""

    room: Jid
    nick: str
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class OccupantRenamed:
    """Somebody in `room`, perhaps we, has another nick (XEP-0045 §7.6)."""

    room: Jid
    nick: str
    new_nick: str


@dataclass(frozen=True, slots=True)
class SubjectChanged:
    """`room` is about `subject` now; empty if it is about nothing."""

    room: Jid
    subject: str


@dataclass(frozen=True, slots=True)
class CommandsListed:
    """`jid` has told which commands it has for us (XEP-0050): their nodes, and what they are."""

    jid: Jid
    commands: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ChatStateChanged:
    """`author` is, or is no longer, writing a message in the conversation with `peer`."""

    peer: Jid
    author: Jid
    is_composing: bool


@dataclass(frozen=True, slots=True)
class TellingChanged:
    """What is to be told of the conversation with `peer` is another from now on."""

    peer: Jid
    telling: Telling


@dataclass(frozen=True, slots=True)
class PicturesShown:
    """So look the `pictures` that the message with that key shares; only here and now."""

    peer: Jid
    key: int
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class TransferMoved:
    """A file is on its way, and so far now."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class TransferEnded:
    """The file on its way with that number is so no more, for better or worse."""

    number: int


@dataclass(frozen=True, slots=True)
class ConversationOpened:
    """The conversation with `peer` has a window now."""

    peer: Jid


@dataclass(frozen=True, slots=True)
class ConversationClosed:
    """The window of the conversation with `peer` is gone."""

    peer: Jid


@dataclass(frozen=True, slots=True)
class ConversationRead:
    """The user has seen everything in the conversation with `peer`.

    `is_seen_coming`: the newest message came while the user was looking.
    """

    peer: Jid
    is_seen_coming: bool = False


@dataclass(frozen=True, slots=True)
class ConversationLeft:
    """The user looks at another conversation than that with `peer`."""

    peer: Jid


@dataclass(frozen=True, slots=True)
class ConversationCleared:
    """The user emptied the window of the conversation with `peer`."""

    peer: Jid


@dataclass(frozen=True, slots=True)
class DraftChanged:
    """The user has begun to write this to `peer`, None in the console; NO_DRAFT: nothing."""

    peer: Jid | None
    draft: Draft


@dataclass(frozen=True, slots=True)
class LineEntered:
    """The user entered `line`, a text or a command, in the window of `peer`: no draft any more."""

    peer: Jid | None
    line: str


Event = (
    LinkChanged
    | SessionStarted
    | ServerDiscovered
    | ServiceDescribed
    | RosterReceived
    | ContactChanged
    | ContactRemoved
    | PresenceChanged
    | AbilitiesLearned
    | OwnPortraitChanged
    | OwnPresenceChanged
    | PresenceDirected
    | SubscriptionRequested
    | SubscriptionAnswered
    | NickTold
    | BlocklistChanged
    | MessageReceived
    | MessageWritten
    | MessageChanged
    | MessageRemoved
    | MentionAdded
    | ActFailed
    | MessagesPlaced
    | HistoryLoaded
    | NewerLoaded
    | PastShown
    | PastLeft
    | HistoryForgotten
    | OlderWanted
    | ConversationRestored
    | CatchUpBegun
    | CaughtUp
    | ArchivePaged
    | ArchiveEnded
    | GapFailed
    | GapsChanged
    | FateChanged
    | ReadByPeer
    | ReadElsewhere
    | UnreadChanged
    | MarkerSettled
    | ReadingPublished
    | NoticeGiven
    | NoticeFolded
    | RoomRequested
    | RoomWanted
    | RoomUnwanted
    | RoomsFound
    | PasswordWanted
    | InvitationDeclined
    | Invited
    | MembershipAnswered
    | MembershipAsked
    | BookmarkChanged
    | BookmarkRemoved
    | RuleFound
    | RoomDiscovered
    | RoomEntered
    | RoomLeft
    | RoomRestored
    | OccupantChanged
    | OccupantLeft
    | OccupantRenamed
    | SubjectChanged
    | ChatStateChanged
    | CommandsListed
    | TellingChanged
    | PicturesShown
    | TransferMoved
    | TransferEnded
    | ConversationOpened
    | ConversationClosed
    | ConversationRead
    | ConversationLeft
    | ConversationCleared
    | DraftChanged
    | LineEntered
)
