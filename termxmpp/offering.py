"""What completion offers of what there is: contacts, rooms, nicks, accounts, windows, files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from termxmpp.client import Client
from termxmpp.commands.registry import Kind
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.core.room import Room
from termxmpp.export import export_offers
from termxmpp.helping import Helped, help_offers
from termxmpp.tuning import Tuned, tuning_offers
from termxmpp.window import Window
from termxmpp.words import _, ngettext
from termxmpp.xmpp.traffic import KINDS, WAYS

__all__ = ["Offers"]

# Who has spoken in so many messages is more likely to be spoken to.
RECENT = 500


class Offering(Helped, Tuned, Protocol):
    """What there is."""

    @property
    def clients(self) -> Sequence[Client]: ...

    @property
    def windows(self) -> Sequence[Window]: ...

    @property
    def current(self) -> Window: ...


class Offers:
    """What `desk` has to offer (`commands.completion.CompletionSources`).

    `folder_wanted` is the folder that completing asked for and did not know, as it was typed
    (empty: the one we are in); `folder` the one that it knows, with its content: names, those of
    folders with a slash, and meanings.
    """

    def __init__(self, desk: Offering) -> None:
        self._desk = desk
        self.folder_wanted: str | None = None
        self.folder: tuple[str, Sequence[tuple[str, str]]] | None = None

    def contacts(self) -> Iterable[tuple[str, str]]:
        for contact in self._desk.current.client.state.contacts.values():
            yield str(contact.jid), contact.name

    def blocked(self) -> Iterable[tuple[str, str]]:
        state = self._desk.current.client.state
        for jid in sorted(state.blocked or ()):
            contact = state.contacts.get(jid)
            yield str(jid), contact.name if contact is not None else ""

    def rooms(self) -> Iterable[tuple[str, str]]:
        for room in self._desk.current.client.state.rooms.values():
            yield str(room.jid), room.subject or room.standing.words
        state = self._desk.current.client.state
        for jid, bookmark in state.bookmarks.items():
            if jid not in state.rooms and not bookmark.is_removed:
                yield str(jid), bookmark.name
        for jid, found in state.found_rooms.items():
            if jid not in state.rooms and jid not in state.bookmarks:
                yield str(jid), found.about

    def nicks(self) -> Iterable[tuple[str, str]]:
        room = self._desk.current.room
        if room is None:
            return
        spoke = self._spoke_last(room)
        others = [each for each in room.occupants.values() if each.nick != room.nick]
        others.sort(key=lambda each: (spoke.get(each.nick, len(spoke)), each.nick.casefold()))
        for each in others:
            yield each.nick, ", ".join((each.role.words, *each.hats))

    def accounts(self) -> Iterable[tuple[str, str]]:
        for client in self._desk.clients:
            yield str(client.state.account), client.state.link.words
        yield from self.closed_accounts()

    def window_names(self) -> Iterable[tuple[str, str]]:
        for number, window in enumerate(self._desk.windows, 1):
            yield str(number), window.title

    def named(self, kind: Kind, before: str) -> Iterable[tuple[str, str]]:
        match kind:
            case Kind.TOPIC:
                return help_offers(self._desk.registry)
            case Kind.REQUEST:
                return self._requests()
            case Kind.GROUP:
                return self._groups()
            case Kind.NODE:
                return self._nodes(before)
            case Kind.TRAFFIC:
                return self._traffic()
            case Kind.EXPORT:
                return export_offers(before, self._desk.current.client.now())
        account = str(self._desk.current.client.state.account.bare)
        return tuning_offers(self._desk, kind, before, account)

    def _requests(self) -> Iterable[tuple[str, str]]:
        """Those who have asked to see us, and everybody else who may be let or not."""
        state = self._desk.current.client.state
        for jid in state.requests:
            yield str(jid), state.nicks.get(jid, "") or _("asks to see your presence")
        yield from (each for each in self.contacts() if Jid.prepared(each[0]) not in state.requests)

    def _groups(self) -> Iterable[tuple[str, str]]:
        contacts = self._desk.current.client.state.contacts.values()
        counts = Counter(group for contact in contacts for group in contact.groups)
        for group, count in sorted(counts.items()):
            yield group, ngettext("{count} contact", "{count} contacts", count).format(count=count)

    def _traffic(self) -> Iterable[tuple[str, str]]:
        """What a filter of stanzas can be made of."""
        for each in (*KINDS, *WAYS):
            yield each, _("only these")
        for each in KINDS:
            yield f"-{each}", _("but not these")
        yield from self.contacts()

    def _nodes(self, jid: str) -> Iterable[tuple[str, str]]:
        """The commands that `jid` has listed."""
        for each, commands in self._desk.current.client.state.commands.items():
            if str(each) == jid:
                return commands
        return ()

    def files(self, prefix: str) -> Iterable[tuple[str, str]]:
        path, slash, name = prefix.rpartition("/")
        path += slash
        if self.folder is None or self.folder[0] != path:
            # Looking at the disk may take long: whoever asked does it beside, and asks again.
            self.folder_wanted = path
            return
        for entry, meaning in self.folder[1]:
            is_hidden = entry.startswith(".") and not name.startswith(".")
            if entry.startswith(name) and not is_hidden:
                yield path + entry, meaning
        if prefix == "~":
            yield "~/", ""

    def closed_accounts(self) -> Iterable[tuple[str, str]]:
        """The accounts of the configuration that are not open, and what that says of them."""
        shown = {str(client.account.bare) for client in self._desk.clients}
        for address, account in self._desk.settings.config.accounts.items():
            if address not in shown:
                yield (
                    address,
                    _("not open; opened at each start")
                    if account.auto
                    else _("not open; /account add opens it"),
                )

    def _spoke_last(self, room: Room) -> dict[str, int]:
        """The nicks of who has spoken in `room` lately, each with its place, newest first."""
        spoke: dict[str, int] = {}
        entries = self._desk.current.conversation.entries
        for entry in entries[: -RECENT - 1 : -1]:
            if isinstance(entry, Message) and not entry.is_own:
                spoke.setdefault(entry.author.resource, len(spoke))
        return spoke
