"""Replies: what is answered in its own words, and what is there for others only taken out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from termxmpp.core.jid import Jid
from termxmpp.core.message import Reply
from termxmpp.errors import ConnectionFailed
from termxmpp.xmpp.replies import FALLBACK_NS, REPLY_NS, FallbackPayload, ReplyPayload
from tests.support.acts import BOBS, correction, message, only, reply, retraction, shown
from tests.support.drawn import Drawn
from tests.support.harness import BOB, HERE, Actor
from tests.support.rooms import ARCHIVED, CLUB, announces, enters, said
from tests.support.rubbish import reads, rubbish

BOB_THERE = Jid.parse(BOBS)


# Theirs.


def test_the_quotation_is_taken_out_and_the_answered_words_are_those_we_know(alice: Actor) -> None:
    alice.types("/msg bob@example.org shall we bake a cake?")
    alice.receives(reply("id1", "&gt; shall we, they said\nyes!", "0", "22"))
    answer = shown(alice)[1]
    assert answer.text == "yes!"
    assert answer.reply == Reply("id1", HERE, "shall we bake a cake?")


def test_of_what_we_do_not_know_the_quotation_tells(alice: Actor) -> None:
    alice.receives(reply("lost", "&gt; Anna wrote:\n&gt; cake?\nyes!", "0", "22"))
    assert only(alice).text == "yes!"
    assert only(alice).reply == Reply("lost", BOB_THERE, "Anna wrote:\ncake?")


@pytest.mark.parametrize(
    ("start", "end"),
    [("", ""), ("3", ""), ("5", "2"), ("0", "9999"), ("-3", "4"), ("a", "b"), ("0", "9" * 50)],
)
def test_bad_offsets_leave_the_text_as_it_is(alice: Actor, start: str, end: str) -> None:
    alice.receives(reply("lost", "&gt; cake?\nyes!", start, end))
    assert only(alice).text == "> cake?\nyes!"


def test_a_fallback_of_something_else_is_no_quotation(alice: Actor) -> None:
    part = f"<fallback xmlns='{FALLBACK_NS}' for='urn:other'><body start='0' end='3'/></fallback>"
    alice.receives(message(f"<body>abcdef</body><reply xmlns='{REPLY_NS}' id='1'/>{part}"))
    assert only(alice).text == "abcdef"
    alice.receives(message(f"<body>abcdef</body>{part}".replace("urn:other", REPLY_NS), "y"))
    assert shown(alice)[1].text == "abcdef"


def test_an_answer_follows_what_becomes_of_what_it_answers(alice: Actor) -> None:
    alice.receives(message("<body>caek?</body>", "m"), reply("m", "yes", id="r"))
    alice.receives(correction("m", "cake?", "c"))
    answer = shown(alice)[1]
    assert answer.reply == Reply("m", BOB_THERE, "cake?")
    alice.receives(retraction("m", "t"))
    answer = shown(alice)[1]
    assert answer.reply == Reply("m", BOB_THERE, "")


def test_what_was_retracted_is_not_quoted_by_others_either(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.receives(reply("m", "&gt; secret\nyes", "0", "9", id="r"))
    assert only(alice).reply == Reply("m", BOB_THERE, "secret")
    alice.receives(message("<body>secret</body>", "m"), retraction("m", "t"))
    alice.close()
    assert [each.reply for each in shown(alices(tmp_path)) if each.reply] == [
        Reply("m", BOB_THERE, "")
    ]


@given(rubbish(f"{{{REPLY_NS}}}reply", ("id", "to")))
def test_rubbish_is_no_answer(element: object) -> None:
    found = reads(ReplyPayload, element)  # type: ignore[arg-type]
    assert found is None or found.id


@given(rubbish(f"{{{FALLBACK_NS}}}fallback", ("for", "start", "end"), (f"{{{FALLBACK_NS}}}body",)))
def test_rubbish_is_no_range(element: object) -> None:
    found = reads(FallbackPayload, element)  # type: ignore[arg-type]
    assert found is not None
    assert all(start >= 0 and end >= 0 for start, end in found.ranges or ())


# Ours.


def test_we_answer_the_last_that_we_got(alice: Actor) -> None:
    alice.receives(message("<body>shall we\nbake?</body>", "m"))
    alice.looks_at(BOB)
    alice.types("let me see")
    alice.sent()
    alice.types("/reply yes, 喜んで")
    [stanza] = alice.sent()
    assert "<body>&gt; shall we\n&gt; bake?\nyes, 喜んで</body>" in stanza
    assert f'<reply to="{BOBS}" id="m"  xmlns="{REPLY_NS}"/>' in stanza
    assert '<body start="0" end="19"' in stanza
    assert (shown(alice)[2].text, shown(alice)[2].reply) == (
        "yes, 喜んで",
        Reply("m", BOB_THERE, "shall we\nbake?"),
    )


def test_a_number_says_which_one_and_is_text_if_nothing_follows(alice: Actor) -> None:
    alice.receives(message("<body>one</body>", "a"), message("<body>two</body>", "b"))
    alice.looks_at(BOB)
    alice.types("/reply 2 eins")
    alice.types("/reply 2")
    one, two = (each.reply for each in shown(alice)[2:])
    assert (one and one.id, two and two.id, shown(alice)[3].text) == ("a", "b", "2")


def test_a_corrected_answer_answers_still(alice: Actor) -> None:
    alice.receives(message("<body>cake?</body>", "m"))
    alice.looks_at(BOB)
    alice.types("/reply yse")
    alice.sent()
    alice.types("/correct yes")
    [stanza] = alice.sent()
    assert "&gt; cake?\nyes</body>" in stanza
    assert f'xmlns="{REPLY_NS}"' in stanza
    assert (shown(alice)[1].text, shown(alice)[1].reply) == ("yes", Reply("m", BOB_THERE, "cake?"))


def test_an_answer_survives_the_process(alices: Callable[..., Actor], tmp_path: Path) -> None:
    alice = alices(tmp_path)
    alice.receives(message("<body>cake?</body>", "m"))
    alice.looks_at(BOB)
    alice.loses_the_link(ConnectionFailed("broken"))
    alice.types("/reply yes")
    alice.is_killed()
    again = alices(tmp_path)
    [stanza] = [each for each in again.sent() if "<body>" in each]
    assert "<body>&gt; cake?\nyes</body>" in stanza
    assert f'xmlns="{REPLY_NS}"' in stanza


def test_in_a_room_it_is_the_rooms_id_that_is_answered(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    enters(alice, "bob")
    alice.receives(said("bob", "cake?", "m", archive_id="a1"))
    alice.types("/reply yes")
    [stanza] = [each for each in alice.sent() if "<reply" in each]
    assert f'<reply to="{CLUB}/bob" id="a1"' in stanza


def test_what_a_room_has_given_no_id_can_only_be_quoted(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(said("bob", "cake?", "m"))
    alice.types("/reply 1 yes")
    assert alice.told() == ["The room has given that message no name: /quote it instead."]


def test_a_quotation_is_put_into_the_input(alice: Actor) -> None:
    alice.receives(message("<body>two\nlines</body>", "m"))
    alice.looks_at(BOB)
    drawn = Drawn(alice, 80, 24)
    try:
        drawn.types("/quote\r")
        drawn.shows("> > two")
        drawn.types("indeed\r")
        drawn.shows("indeed")
    finally:
        drawn.close()
    assert shown(alice)[1].text == "> two\n> lines\nindeed"


def test_there_is_something_to_answer_or_it_is_told(alice: Actor) -> None:
    alice.types("/msg bob@example.org")
    alice.types("/reply hello")
    alice.types("/reply 7 hello")
    assert alice.told() == [
        "There is no message here that this could be about.",
        "There is no message 7 here.",
    ]


def test_an_answer_that_shares_a_file_has_neither_quotation_nor_link_in_its_text(
    alice: Actor,
) -> None:
    """What is for those who know neither is said in parts of one body (XEP-0428 §2)."""
    url = "https://files.example.org/a.png"
    body = f"&gt; hi\nsee 😀\n{url}"
    start = len("> hi\nsee 😀\n")
    alice.receives(
        message(
            f"<body>{body}</body><reply xmlns='urn:xmpp:reply:0' id='q'/>"
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>"
            "<body start='0' end='5'/></fallback>"
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'>"
            f"<body start='{start - 1}' end='{start + len(url)}'/></fallback>"
            "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'>"
            "<name>a.png</name></file><sources><url-data"
            f" xmlns='http://jabber.org/protocol/url-data' target='{url}'/></sources>"
            "</file-sharing>",
            "m",
        )
    )
    found = only(alice)
    assert (found.text, [each.url for each in found.files]) == ("see 😀", [url])
    assert found.reply is not None
    assert found.reply.text == "hi"


def test_of_many_parts_each_is_taken_out_by_code_points(alice: Actor) -> None:
    parts = "".join(f"<body start='{at}' end='{at + 2}'/>" for at in (0, 4))
    alice.receives(
        message(
            "<body>😀-ab😀-cd</body><reply xmlns='urn:xmpp:reply:0' id='q'/>"
            f"<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>{parts}</fallback>",
            "m",
        )
    )
    assert only(alice).text == "abcd"
