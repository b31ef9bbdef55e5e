"""Software versions: told to who asks, asked of who is there."""

from __future__ import annotations

import pytest

import termxmpp
from tests.support.harness import Actor

NS = "jabber:iq:version"


def test_ours_is_told_without_the_operating_system(alice: Actor) -> None:
    alice.receives(f"<iq type='get' id='v' from='bob@example.org/x'><query xmlns='{NS}'/></iq>")
    [answer] = alice.sent()
    assert "<name>termxmpp</name>" in answer
    assert f"<version>{termxmpp.__version__}</version>" in answer
    assert "<os>" not in answer


def test_of_a_contact_the_resource_that_speaks_for_it_is_asked(alice: Actor) -> None:
    alice.receives(
        "<presence from='bob@example.org/phone'/>",
        "<presence from='bob@example.org/desk'><priority>5</priority></presence>",
    )
    alice.answers = lambda iq: (
        f"<iq type='result' id='{iq.get('id')}' from='{iq.get('to')}'><query xmlns='{NS}'>"
        "<name>Client</name><version>1.0</version></query></iq>"
    )
    alice.types("/version bob@example.org")
    assert alice.told()[-1] == "bob@example.org/desk is Client 1.0."


@pytest.mark.parametrize(
    "answer",
    ["", f"<query xmlns='{NS}'/>", f"<query xmlns='{NS}'><name/></query>", "<x xmlns='y'/>"],
)
def test_an_empty_answer_is_told_as_such(alice: Actor, answer: str) -> None:
    alice.receives("<presence from='bob@example.org/desk'/>")
    alice.answers = lambda iq: (
        f"<iq type='result' id='{iq.get('id')}' from='{iq.get('to')}'>{answer}</iq>"
    )
    alice.types("/version bob@example.org")
    assert "does not say what it is" in alice.told()[-1]


def test_nobody_can_be_asked_who_is_not_there(alice: Actor) -> None:
    alice.types("/version bob@example.org")
    assert "is not online" in " ".join(str(e) for e in alice.client.state.console.entries)
