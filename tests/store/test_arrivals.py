"""In whatever order messages come, each stands once and in the order of the archive.

A server with an archive, and a history that gets of it what a link that comes and goes lets
through: live, as copies of other devices, and in pages whenever they are asked for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from termxmpp.core.archive import Gap
from termxmpp.core.events import ArchivePaged
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store.database import in_memory
from termxmpp.store.history import History

ALICE = Jid.parse("alice@example.org")
PEERS = (Jid.parse("bob@example.org"), Jid.parse("carol@example.org"))
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


class Account(RuleBasedStateMachine):
    """alice's server and her history; every text is said once."""

    @initialize(tells_ids=st.booleans(), page=st.integers(1, 4))
    def begin(self, tells_ids: bool, page: int) -> None:
        """`tells_ids`: what comes live carries its archive id (XEP-0359)."""
        self.tells_ids = tells_ids
        self.page = page
        self.archive: list[tuple[Jid, Message]] = []
        self.under_way: list[tuple[Jid, Message]] = []
        self.history = History(in_memory(), 0)
        self.said = 0
        self.is_online = self.is_asked = False

    @property
    def is_caught_up(self) -> bool:
        return self.is_asked and not self.history.gaps.all()

    # What happens at the server.

    @rule(peer=st.sampled_from(PEERS))
    def peer_writes(self, peer: Jid) -> None:
        self.archived(peer, self.message(peer.with_resource("desk")), Route.LIVE)

    @rule(peer=st.sampled_from(PEERS))
    def other_device_writes(self, peer: Jid) -> None:
        other = replace(self.message(ALICE.with_resource("phone")), is_own=True)
        self.archived(peer, replace(other, fate=Fate.ACKNOWLEDGED), Route.CARBON)

    @rule(peer=st.sampled_from(PEERS))
    def alice_writes(self, peer: Jid) -> None:
        message = self.message(ALICE.with_resource("here"))
        mine = replace(message, is_own=True, fate=Fate.QUEUED, origin_id=message.id)
        self.history.add(peer, replace(mine, route=Route.WRITTEN))
        self.under_way.append((peer, mine))

    @precondition(lambda self: self.is_caught_up and self.under_way)
    @rule(is_confirmed=st.booleans())
    def what_alice_wrote_arrives(self, is_confirmed: bool) -> None:
        """And sometimes the link breaks before she knows."""
        peer, mine = self.under_way.pop(0)
        self.archived(peer, replace(mine, fate=Fate.ACKNOWLEDGED), None)
        fate = Fate.ACKNOWLEDGED if is_confirmed else Fate.SENT
        self.history.set_fate(peer, mine.id, fate, "")
        if not is_confirmed:
            self.link_breaks()

    # What happens to the link.

    @precondition(lambda self: self.is_online)
    @rule()
    def link_breaks(self) -> None:
        self.is_online = self.is_asked = False

    @precondition(lambda self: not self.is_online)
    @rule()
    def session_begins(self) -> None:
        self.is_online, self.is_asked = True, False
        self.history.raise_floor()

    @precondition(lambda self: self.is_online and not self.is_asked)
    @rule()
    def archive_is_asked(self) -> None:
        self.is_asked = True
        self.history.gaps.open()

    @precondition(lambda self: self.is_asked and self.history.gaps.all())
    @rule()
    def page_comes(self) -> None:
        """The newest that is missing."""
        gap = self.history.gaps.all()[-1]
        missing = self.missing(gap)
        page = missing[-self.page :]
        is_last = len(page) == len(missing)
        if page:
            first = page[0][1].archive_id
            archived = [(peer, replace(each, route=Route.ARCHIVE)) for peer, each in page]
            self.history.fill(ArchivePaged(gap.number, archived, first, is_last))
        else:
            self.history.gaps.close(gap.number)

    # What is to be so.

    def teardown(self) -> None:
        """In the end the archive is asked once more: all stands once, and as it is there."""
        if not hasattr(self, "history"):
            return
        self.session_begins()
        self.archive_is_asked()
        while self.history.gaps.all():
            self.page_comes()
        for peer in PEERS:
            shown = [each.text for each in self.history.newest(peer, 1000)[0]]
            assert len(shown) == len(set(shown))
            waiting = {each.text for _, each in self.under_way}
            expected = [each.text for whose, each in self.archive if whose == peer]
            assert [text for text in shown if text not in waiting] == expected

    # How.

    def message(self, author: Jid) -> Message:
        self.said += 1
        # Clocks say nothing of the order.
        at = NOON + timedelta(seconds=self.said * 7919 % 100)
        return Message(f"m{self.said}", author, f"text {self.said}", at)

    def archived(self, peer: Jid, message: Message, route: Route | None) -> None:
        """The server has taken `message`; while alice is online it comes to her by `route`."""
        archive_id = f"a{len(self.archive)}"
        self.archive.append((peer, replace(message, archive_id=archive_id)))
        if self.is_online and route is not None:
            told = archive_id if self.tells_ids else ""
            self.history.add(peer, replace(message, route=route, archive_id=told))

    def missing(self, gap: Gap) -> list[tuple[Jid, Message]]:
        """What the archive has between the ends of `gap`."""
        ids = [message.archive_id for _, message in self.archive]
        begin = ids.index(gap.after) + 1 if gap.after else 0
        end = ids.index(gap.before) if gap.before else len(ids)
        return self.archive[begin:end]


TestAccount = Account.TestCase
TestAccount.settings = settings(max_examples=200, stateful_step_count=30)
