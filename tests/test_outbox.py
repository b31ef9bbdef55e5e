"""The outbox: each message of ours has one fate, which is never more than what is proven."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.events import CaughtUp, Event, FateChanged
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.outbox import PROOF_TIMEOUT, RESENDABLE, UNPROVEN
from termxmpp.xmpp.disco import NS as DISCO
from termxmpp.xmpp.stanzas import as_text
from tests.support.archive import ANNOUNCED, Archive, said
from tests.support.harness import BOB, CAROL, Actor

BROKEN = ConnectionFailed("The connection broke.")
DELAY = '<delay stamp="2026-01-02T12:00:00Z" from="alice@example.org"'

RECEIPT = (
    "<message from='bob@example.org/desk'><received xmlns='urn:xmpp:receipts' id='{}'/></message>"
)

Make = Callable[..., Actor]


def begun(alice: Actor) -> Actor:
    """alice with her log-in behind her: her first message is `id1`."""
    alice.is_confirmed()
    alice.forgets()
    return alice


def written(alice: Actor) -> list[Message]:
    entries = alice.client.state.conversation(BOB).entries
    return [entry for entry in entries if isinstance(entry, Message)]


def fates(alice: Actor) -> dict[str, Fate | None]:
    return {message.text: message.fate for message in written(alice)}


def reasons(alice: Actor) -> list[str]:
    return [message.reason for message in written(alice)]


def bodies(alice: Actor) -> list[str]:
    """The texts that have left since the last look, as they were sent."""
    stanzas = [stanza for stanza in alice.sent(is_whole=True) if "<body>" in stanza]
    return [stanza.split("<body>")[1].split("</body>")[0] for stanza in stanzas]


def writes(alice: Actor, *texts: str) -> None:
    for text in texts:
        says(alice, BOB, text)


def says(alice: Actor, peer: Jid, text: str) -> None:
    def write() -> None:
        alice.client.write(peer, text)

    alice.run_now(write)


def breaks(alice: Actor, *, keeps_session: bool = True) -> None:
    """The link is gone, and with it perhaps the session."""
    if not keeps_session:
        alice.session.id = "forgotten"
    alice.loses_the_link(BROKEN)


# The fates, one after the other.


def test_from_queued_to_confirmed(alice: Actor) -> None:
    alice.loses_the_link(BROKEN)
    alice.types("/msg bob@example.org hello")
    assert alice.lines()[-1] == "12:00 you      hello …"
    alice.goes_online()
    assert alice.lines()[-1] == "12:00 you      hello ·"
    alice.is_confirmed()
    assert alice.lines()[-1] == "12:00 you      hello ✓"
    changes = [event for event in alice.events if isinstance(event, FateChanged)]
    assert [change.fate for change in changes] == [Fate.SENT, Fate.ACKNOWLEDGED]


def test_what_leaves_in_order_stays_in_order(alice: Actor) -> None:
    alice.loses_the_link(BROKEN)
    writes(alice, "one", "two")
    says(alice, CAROL, "for carol")
    writes(alice, "three")
    alice.goes_online()
    writes(alice, "four")
    assert bodies(alice) == ["one", "two", "for carol", "three", "four"]


def test_written_offline_it_has_no_stamp(alice: Actor) -> None:
    """It is sent for the first time; only what failed before is marked (XEP-0198 §4)."""
    alice.loses_the_link(BROKEN)
    writes(alice, "hello")
    alice.goes_online()
    [stanza] = [each for each in alice.sent() if "<body>" in each]
    assert "<delay" not in stanza


def test_a_proof_is_asked_for_once_for_all_that_is_under_way(alice: Actor) -> None:
    alice.server.proofs.clear()
    writes(alice, "one", "two")
    assert alice.server.proofs == [PROOF_TIMEOUT]
    alice.is_confirmed()
    assert fates(alice) == {"one": Fate.ACKNOWLEDGED, "two": Fate.SENT}
    alice.is_confirmed()
    assert fates(alice) == {"one": Fate.ACKNOWLEDGED, "two": Fate.ACKNOWLEDGED}
    assert alice.server.proofs == [PROOF_TIMEOUT] * 2


def test_with_management_the_count_is_the_proof(alices: Make) -> None:
    alice = begun(alices(has_management=True))
    writes(alice, "one")
    alice.server.is_deaf = True
    writes(alice, "two")
    alice.is_confirmed()
    assert fates(alice) == {"one": Fate.ACKNOWLEDGED, "two": Fate.SENT}


def test_a_server_without_a_word_is_left_for_another_link(alice: Actor) -> None:
    writes(alice, "hello")
    alice.run_now(alice.server.is_silent)
    assert len(alice.servers) == 2


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_session_that_goes_on_without_a_word_is_left_too(alices: Make, is_answered: bool) -> None:
    """It would only stay mute on the next link; the archive tells what has arrived."""
    alice = begun(alices(has_management=True, announced=ANNOUNCED))
    Archive(alice)
    alice.server.is_deaf = True
    writes(alice, "hello")
    session = alice.session.id
    breaks(alice)
    alice.goes_online()
    if is_answered:
        count = str(alice.session.taken)
        alice.run_now(lambda: alice.server.says("a", h=count))
    alice.run_now(alice.server.is_silent)
    assert (alice.session.id == session) is is_answered


def test_what_is_confirmed_by_another_way_is_waited_for_no_more(alice: Actor) -> None:
    """A receipt, or a copy of it, says enough."""
    writes(alice, "hello")
    alice.receives(RECEIPT.format("id1"))
    breaks(alice)
    assert fates(alice) == {"hello": Fate.RECEIVED}
    assert reasons(alice) == [""]


def test_what_bounced_is_not_sent_again(alice: Actor) -> None:
    writes(alice, "hello")
    alice.receives("<message from='bob@example.org' type='error' id='id1'/>")
    alice.sent()
    breaks(alice)
    alice.goes_online()
    assert fates(alice) == {"hello": Fate.FAILED}
    assert alice.client.unproven == []
    assert bodies(alice) == []


def test_two_that_say_the_same_have_each_its_own_fate(alice: Actor) -> None:
    writes(alice, "ping", "ping")
    alice.receives(RECEIPT.format("id2"))
    assert [message.fate for message in written(alice)] == [Fate.SENT, Fate.RECEIVED]


# What a lost link means.


def test_a_session_that_goes_on_sends_what_was_not_taken(alices: Make) -> None:
    """With its ids, and as it was: the server has not seen it, and sees it in its place."""
    alice = begun(alices(has_management=True))
    writes(alice, "one")
    alice.server.is_deaf = True
    writes(alice, "two", "three")
    breaks(alice)
    assert reasons(alice) == ["", "", ""]
    alice.goes_online()
    assert fates(alice)["one"] is Fate.ACKNOWLEDGED
    resent = [stanza for stanza in alice.sent() if "<body>" in stanza]
    assert [f'id="id{number}"' in stanza for number, stanza in enumerate(resent, 2)] == [True] * 2
    assert "<delay" not in "".join(resent)
    alice.is_confirmed()
    assert set(fates(alice).values()) == {Fate.ACKNOWLEDGED}


def test_what_the_end_of_a_session_counts_has_arrived(alices: Make) -> None:
    """XEP-0198 §5: the `h` of its refusal. The rest is sent once more."""
    alice = begun(alices(has_management=True))
    writes(alice, "one")
    alice.server.is_deaf = True
    writes(alice, "two")
    alice.session.is_over = True
    breaks(alice)
    alice.goes_online()
    assert bodies(alice) == ["two"]
    assert fates(alice) == {"one": Fate.ACKNOWLEDGED, "two": Fate.SENT}


def test_without_an_archive_what_a_lost_session_held_is_sent_again(alices: Make) -> None:
    """XEP-0198 §4: with the same id, by which it is known again, and with its time."""
    alice = begun(alices(has_management=True))
    writes(alice, "hello")
    alice.sent()
    breaks(alice, keeps_session=False)
    alice.waits(60)
    alice.goes_online()
    [stanza] = [each for each in alice.sent(is_whole=True) if "<body>" in each]
    assert 'id="id1"' in stanza
    assert DELAY in stanza
    assert '<origin-id id="id1"' in stanza


def test_with_neither_it_is_told_to_be_unknown_and_left_to_the_user(alice: Actor) -> None:
    writes(alice, "hello")
    alice.sent()
    breaks(alice)
    assert (fates(alice), reasons(alice)) == ({"hello": Fate.SENT}, [UNPROVEN])
    alice.goes_online()
    assert bodies(alice) == []
    assert (fates(alice), reasons(alice)) == ({"hello": Fate.SENT}, [UNPROVEN + RESENDABLE])
    assert alice.client.unproven == ["id1"]


@pytest.mark.parametrize("has_management", [False, True])
def test_an_archive_tells_what_has_arrived(alices: Make, has_management: bool) -> None:
    """By the ids that we gave: of two that say the same, one may be there."""
    alice = begun(alices(announced=ANNOUNCED, has_management=has_management))
    writes(alice, "ping", "ping", "pong")
    alice.sent()
    archive = Archive(alice)
    archive.add(said("ping", "id2"))
    breaks(alice, keeps_session=False)
    alice.goes_online()
    again = [each for each in alice.sent(is_whole=True) if "<body>" in each]
    assert ['id="id1"' in again[0], 'id="id3"' in again[1], len(again)] == [True, True, 2]
    assert all(DELAY in stanza for stanza in again)
    assert [message.fate for message in written(alice)] == [
        Fate.ACKNOWLEDGED,
        Fate.SENT,
        Fate.SENT,
    ]


@pytest.mark.parametrize("has_management", [False, True])
def test_an_archive_that_does_not_answer_tells_nothing(alices: Make, has_management: bool) -> None:
    """It may have arrived, and an archive may tell later: nothing is sent twice on a guess."""
    alice = begun(alices(announced=ANNOUNCED, has_management=has_management))
    writes(alice, "hello")
    alice.sent()
    Archive(alice).refusal = "forbidden"
    breaks(alice, keeps_session=False)
    alice.goes_online()
    assert bodies(alice) == []
    assert reasons(alice) == [UNPROVEN + RESENDABLE]


def test_an_account_that_does_not_say_what_it_has_is_no_proof_that_it_has_none() -> None:
    """The count of a session that is lost decides only where there is no archive."""
    alice = Actor(has_management=True)
    alice.client._answer_timeout = 0.01
    alice.answers = lambda element: "" if DISCO in as_text(element) else None

    async def comes_online() -> None:
        told = asyncio.get_running_loop().create_future()

        def watch(client: Client, event: Event) -> None:
            if isinstance(event, CaughtUp):
                told.set_result(None)

        alice.client.observers.append(watch)
        alice.client.connect()
        await told
        alice.client.observers.remove(watch)

    alice.run(comes_online)
    begun(alice)
    writes(alice, "hello")
    alice.sent()
    breaks(alice, keeps_session=False)
    alice.run(comes_online)
    assert bodies(alice) == []
    assert reasons(alice) == [UNPROVEN + RESENDABLE]
    alice.close()


def test_a_stream_that_ends_with_an_error_leaves_the_question_open(alices: Make) -> None:
    """The archive was asked then, and has refused nothing: the next session asks it again."""
    alice = begun(alices(announced=ANNOUNCED, has_management=True))
    alice.server.is_deaf = True
    writes(alice, "hello")
    alice.sent()
    Archive(alice, said("hello", "id1")).is_silent = True
    breaks(alice, keeps_session=False)
    alice.goes_online()
    alice.session.id = "forgotten too"
    alice.loses_the_link(RemoteError("The server closed the connection.", "not-well-formed"))
    alice.goes_online()
    assert bodies(alice) == []


def test_while_it_is_not_known_what_is_written_waits_behind(alices: Make) -> None:
    """Else what comes again would come behind what was written later."""
    alice = begun(alices(announced=ANNOUNCED))
    writes(alice, "one")
    alice.sent()
    breaks(alice)
    writes(alice, "two")
    archive = Archive(alice)
    archive.is_silent = True
    alice.goes_online()
    writes(alice, "three")
    assert alice.client.unproven == []
    assert bodies(alice) == []
    assert fates(alice) == {"one": Fate.SENT, "two": Fate.QUEUED, "three": Fate.QUEUED}
    archive.is_silent = False
    breaks(alice)
    alice.goes_online()
    assert bodies(alice) == ["one", "two", "three"]


def test_where_nothing_is_unknown_nothing_waits(alices: Make) -> None:
    alice = alices(announced=ANNOUNCED)
    archive = Archive(alice)
    archive.is_silent = True
    alice.loses_the_link(BROKEN)
    writes(alice, "one")
    alice.goes_online()
    writes(alice, "two")
    assert bodies(alice) == ["one", "two"]


def test_it_is_told_once_however_often_it_is_tried(alice: Actor) -> None:
    writes(alice, "hello")
    breaks(alice)
    alice.opening_error = BROKEN
    alice.forgets()
    revision = alice.client.state.conversation(BOB).revision
    for _ in range(3):
        alice.goes_online()
    assert alice.client.state.conversation(BOB).revision == revision
    assert alice.events_of(FateChanged) == []


# Sent again by hand.


def test_the_user_sends_again_what_nobody_confirmed(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    breaks(alice)
    alice.goes_online()
    alice.sent()
    alice.types("/resend")
    [stanza] = alice.sent()
    assert 'id="id1"' in stanza
    assert DELAY in stanza
    assert alice.client.unproven == []
    alice.is_confirmed()
    assert alice.lines()[-1] == "12:00 you      hello ✓"


def test_the_newest_or_the_one_that_is_counted_to(alice: Actor) -> None:
    alice.looks_at(BOB)
    writes(alice, "one", "two", "three")
    says(alice, CAROL, "for carol")
    breaks(alice)
    alice.goes_online()
    alice.sent()
    alice.types("/resend 2")
    assert bodies(alice) == ["two"]
    alice.types("/resend")
    assert bodies(alice) == ["three"]
    for line in ("/resend 2", "/resend 0", "/resend -1"):
        alice.types(line)
        assert "There is 1 message here whose fate nobody knows." in alice.workspace.problem
    assert bodies(alice) == []


def test_what_is_known_is_not_sent_again(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.types("/resend")
    assert alice.workspace.problem == "There is no message here whose fate nobody knows."
    alice.is_confirmed()
    alice.sent()
    alice.types("/resend")
    assert "whose fate nobody knows" in alice.workspace.problem
    assert bodies(alice) == []


def test_offline_it_leaves_on_return(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    breaks(alice)
    writes(alice, "later")
    alice.types("/resend")
    alice.sent()
    alice.goes_online()
    assert bodies(alice) == ["hello", "later"]


# Over the end of the program.


def test_what_is_queued_leaves_in_order_with_the_next_run(alices: Make, tmp_path: Path) -> None:
    alice = alices(tmp_path)
    alice.loses_the_link(BROKEN)
    writes(alice, "one", "two")
    alice.is_killed()
    later = alices(tmp_path)
    assert bodies(later) == ["one", "two"]
    later.is_confirmed()
    later.is_confirmed()
    assert fates(later) == {"one": Fate.ACKNOWLEDGED, "two": Fate.ACKNOWLEDGED}


def test_the_next_run_goes_on_with_the_session(alices: Make, tmp_path: Path) -> None:
    alice = begun(alices(tmp_path, has_management=True))
    writes(alice, "one")
    alice.server.is_deaf = True
    writes(alice, "two")
    alice.loses_the_link(BROKEN)
    writes(alice, "three")
    alice.is_killed()
    later = alices(tmp_path, has_management=True, session=alice.session)
    resent = [stanza for stanza in later.sent() if "<body>" in stanza]
    assert ["two" in resent[0], "three" in resent[1], len(resent)] == [True, True, 2]
    assert "<delay" not in "".join(resent)
    assert fates(later) == {"one": Fate.ACKNOWLEDGED, "two": Fate.SENT, "three": Fate.SENT}


def test_the_next_run_says_too_what_nobody_knows(alices: Make, tmp_path: Path) -> None:
    alice = alices(tmp_path)
    writes(alice, "hello")
    alice.is_killed()
    later = alices(tmp_path)
    assert bodies(later) == []
    assert (fates(later), reasons(later)) == ({"hello": Fate.SENT}, [UNPROVEN + RESENDABLE])
    later.looks_at(BOB)
    later.types("/resend")
    [stanza] = later.sent()
    assert DELAY in stanza


def test_the_next_run_asks_the_archive_too(alices: Make, tmp_path: Path) -> None:
    alice = begun(alices(tmp_path, announced=ANNOUNCED))
    writes(alice, "one", "two")
    alice.is_killed()
    later = Actor(tmp_path, ANNOUNCED)
    Archive(later).add(said("one", "id1"))
    later.goes_online()
    assert bodies(later) == ["two"]
    assert fates(later) == {"one": Fate.ACKNOWLEDGED, "two": Fate.SENT}
    later.close()


def test_what_was_sent_again_is_marked_by_the_next_run_too(alices: Make, tmp_path: Path) -> None:
    alice = begun(alices(tmp_path, has_management=True))
    writes(alice, "hello")
    breaks(alice, keeps_session=False)
    alice.is_killed()
    later = alices(tmp_path, has_management=True)
    [stanza] = [stanza for stanza in later.sent() if "<body>" in stanza]
    assert DELAY in stanza


def test_what_has_its_fate_is_left_alone_by_the_next_run(alices: Make, tmp_path: Path) -> None:
    alice = begun(alices(tmp_path))
    writes(alice, "one", "two")
    alice.receives("<message from='bob@example.org' type='error' id='id2'/>")
    alice.is_confirmed()
    alice.is_killed()
    later = alices(tmp_path)
    assert bodies(later) == []
    assert fates(later) == {"one": Fate.ACKNOWLEDGED, "two": Fate.FAILED}
