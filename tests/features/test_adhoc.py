"""Ad-hoc commands: listed, gone through stage by stage, left in good order."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.core.jid import Jid
from termxmpp.xmpp.adhoc import NS, CommandNote, CommandPayload
from tests.support.forms import fills_in, never_answers
from tests.support.harness import BOB, Actor
from tests.support.rubbish import reads, rubbish

SERVER = "example.org"
ITEMS = "http://jabber.org/protocol/disco#items"
LIST = (
    "<item jid='example.org' node='uptime' name='How long it is up'/>"
    "<item jid='example.org' node='config' name='Configure\u202e'/>"
    "<item jid='other.org' node='evil' name='Not its own'/>"
    "<item jid='example.org'/><item node='x'/>"
)
FORM = "<x xmlns='jabber:x:data' type='form'><title>Which</title>{fields}</x>"
SERVICE = FORM.format(fields="<field var='service'><value>httpd</value></field>")
STATE = FORM.format(fields="<field var='state' type='boolean'><value>0</value></field>")


def command(inside: str = "", status: str = "executing", session: str = "s1") -> str:
    return (
        f"<command xmlns='{NS}' node='n' sessionid='{session}' status='{status}'>{inside}</command>"
    )


def stages(alice: Actor, *answers: str) -> list[Element]:
    """Let each command of alice get the next of `answers`; what she has sent comes into the list.

    One that begins with `<error` is an error.
    """
    asked: list[Element] = []
    left = list(answers)

    def answer(iq: Element) -> str | None:
        items = iq.find(f"{{{ITEMS}}}query")
        head = f"id='{iq.get('id')}' from='{iq.get('to')}'"
        if items is not None and items.get("node") == NS:
            return (
                f"<iq type='result' {head}><query xmlns='{ITEMS}' node='{NS}'>{LIST}</query></iq>"
            )
        sent = iq.find(f"{{{NS}}}command")
        if sent is None:
            return None
        asked.append(sent)
        text = left.pop(0) if left else command(status="canceled")
        kind = "error" if text.startswith("<error") else "result"
        return f"<iq type='{kind}' {head}>{text}</iq>"

    alice.answers = answer
    return asked


def actions(asked: list[Element]) -> list[str]:
    return [each.get("action", "") for each in asked]


def test_commands_are_listed_with_their_numbers_and_completed(alice: Actor) -> None:
    stages(alice)
    alice.types("/adhoc")
    assert alice.told()[-1].splitlines() == [
        "example.org has 2 commands:",
        "1  How long it is up  uptime",
        "2  Configure⟦RLO⟧     config",
        "/adhoc example.org NUMBER runs one.",
    ]
    line = "/adhoc example.org up"
    assert [each.text for each in alice.workspace.complete(line, len(line))] == ["uptime"]


def test_a_number_is_no_address(alice: Actor) -> None:
    alice.types("/adhoc 1")
    assert alice.workspace.problem == "example.org has no commands listed here: /adhoc lists them."


@pytest.mark.parametrize(
    "line", ["/adhoc example.org uptime", "/cmd example.org 1", "/adhoc uptime", "/adhoc 1"]
)
def test_one_is_run_by_its_node_or_its_number(alice: Actor, line: str) -> None:
    asked = stages(alice, command("<note>Up for 3 days</note>", "completed"))
    alice.types("/adhoc")
    alice.types(line)
    assert asked[0].get("node") == "uptime"
    assert actions(asked) == ["execute"]
    assert alice.told()[-1] == "Up for 3 days"


def test_a_result_is_told_with_its_notes_links_and_table(alice: Actor) -> None:
    stages(
        alice,
        command(
            "<note>Fine</note><note type='warn'>Nearly</note><note type='error'>Not all</note>"
            "<x xmlns='jabber:x:oob'><url>https://example.org/x</url></x>"
            "<x xmlns='jabber:x:data' type='result'><reported><field var='s' label='Service'/>"
            "</reported><item><field var='s'><value>httpd</value></field></item></x>",
            "completed",
        ),
    )
    alice.types("/adhoc example.org n")
    told = alice.told()
    assert told[-2] == "Fine\nNearly\nhttps://example.org/x\nService\nhttpd"
    assert told[-1] == "Not all"


def test_stages_are_gone_through_forth_and_back(alice: Actor) -> None:
    asked = stages(
        alice,
        command(f"<actions execute='next'><next/></actions>{SERVICE}"),
        command(f"<actions execute='complete'><prev/><complete/></actions>{STATE}"),
        command(f"<actions execute='next'><next/></actions>{SERVICE}"),
        command(f"<actions execute='complete'><prev/><complete/></actions>{STATE}"),
        command("<note>Done</note>", "completed"),
    )
    questions = fills_in(
        *(alice.workspace, "next", "prev", "next", "complete"),
        values={"service": ["ftpd"], "state": ["1"]},
    )
    alice.types("/adhoc example.org config")
    assert actions(asked) == ["execute", "next", "prev", "next", "complete"]
    assert [each.get("sessionid") for each in asked] == [None, "s1", "s1", "s1", "s1"]
    values = [each.findtext(".//{jabber:x:data}value") for each in asked]
    assert values == [None, "ftpd", None, "ftpd", "1"]
    assert [[way.name for way in each.ways] for each in questions] == [
        ["next"],
        ["complete", "prev"],
        ["next"],
        ["complete", "prev"],
    ]
    assert alice.told()[-1] == "Done"


def test_without_actions_a_stage_is_the_last(alice: Actor) -> None:
    stages(alice, command(SERVICE), command(status="completed"))
    questions = fills_in(alice.workspace, "complete", values={})
    alice.types("/adhoc example.org config")
    assert [way.name for way in questions[0].ways] == ["complete"]
    assert alice.told()[-1] == "The command is done."


def test_who_gives_up_ends_the_session(alice: Actor) -> None:
    asked = stages(alice, command(SERVICE))
    fills_in(alice.workspace, None, values={})
    alice.types("/adhoc example.org config")
    assert actions(asked) == ["execute", "cancel"]
    assert asked[-1].get("sessionid") == "s1"
    assert alice.told()[-1] == "The command is given up."


def test_where_no_form_can_be_shown_the_session_is_ended(alice: Actor) -> None:
    asked = stages(alice, command(SERVICE))
    alice.types("/adhoc example.org config")
    assert actions(asked) == ["execute", "cancel"]
    assert alice.told()[-1] == "No form can be filled in here."


def test_whoever_leaves_the_server_ends_the_session_too(alice: Actor) -> None:
    asked = stages(alice, command(SERVICE))
    never_answers(alice.workspace)
    alice.types("/adhoc example.org config")
    assert actions(asked) == ["execute"]
    alice.types("/disconnect")
    assert actions(asked)[-1] == "cancel"


def test_an_answer_that_is_not_accepted_is_asked_again(alice: Actor) -> None:
    stages(
        alice,
        command(SERVICE),
        "<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no such service</text></error>",
        command(status="completed"),
    )
    questions = fills_in(alice.workspace, "complete", "complete", values={"service": ["typo"]})
    alice.types("/adhoc example.org config")
    assert "no such service" in questions[1].problem
    field = questions[1].form.get("service")
    assert field is not None
    assert field.value == "typo"
    assert alice.told()[-1] == "The command is done."


@pytest.mark.parametrize("condition", ["forbidden", "item-not-found", "not-allowed"])
def test_what_is_refused_is_told_where_it_was_typed(alice: Actor, condition: str) -> None:
    stages(
        alice,
        f"<error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
    )
    alice.looks_at(BOB)
    alice.types("/adhoc example.org config")
    assert condition in alice.told()[-1]


def test_in_a_conversation_its_peer_is_meant(alice: Actor) -> None:
    alice.receives("<presence from='bob@example.org/desk'/>")
    asked: list[str] = []
    alice.answers = lambda iq: asked.append(iq.get("to", ""))
    alice.looks_at(BOB)
    alice.types("/adhoc")
    assert asked == ["bob@example.org/desk"]


def test_who_has_none_has_none(alice: Actor) -> None:
    alice.answers = lambda iq: (
        f"<iq type='result' id='{iq.get('id')}' from='{iq.get('to')}'><query xmlns='{ITEMS}'/></iq>"
    )
    alice.types("/adhoc other.org")
    assert alice.told()[-1] == "other.org has no commands for you."
    assert alice.client.state.commands[Jid.parse("other.org")] == ()


def test_an_entity_without_that_node_has_none(alice: Actor) -> None:
    alice.answers = lambda iq: (
        f"<iq type='error' id='{iq.get('id')}' from='{iq.get('to')}'><error type='cancel'>"
        "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )
    alice.types("/adhoc other.org")
    assert alice.told()[-1] == "other.org has no commands for you."


@pytest.mark.parametrize("answer", ["", f"<command xmlns='{NS}'/>", "<x xmlns='y'/>"])
def test_rubbish_ends_it(alice: Actor, answer: str) -> None:
    stages(alice, answer)
    alice.types("/adhoc example.org n")
    assert alice.told()[-1] in (
        "example.org says nothing about its command.",
        "The command is done.",
    )


@given(
    rubbish(
        f"{{{NS}}}command",
        ["node", "sessionid", "status", "execute", "type"],
        [
            *(f"{{{NS}}}{name}" for name in ("actions", "next", "prev", "complete", "note")),
            "{jabber:x:data}x",
            "{jabber:x:oob}x",
            "{jabber:x:oob}url",
        ],
    )
)
def test_rubbish_is_read_as_a_command_that_can_be_left(element: Element) -> None:
    found = reads(CommandPayload, element)
    assert found is not None
    assert found.ways
    assert all(isinstance(note, CommandNote) and note.text for note in found.notes)
