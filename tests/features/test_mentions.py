"""Who names the reader, counted: over restarts, on other devices, and through corrections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from termxmpp.config import Config, NotifyConfig
from termxmpp.config_reading import load
from termxmpp.settings import Settings
from termxmpp.telling.teller import Teller
from termxmpp.ui.sidebar import Sidebar
from tests.features.test_read_sync import ANNOUNCED, item, push
from tests.support.acts import correction, message, only, shown
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import ARCHIVED, CLUB, announces, enters, said
from tests.telling.test_teller import Recorder


def counts(alice: Actor) -> tuple[int, int]:
    """What is unread in the club, and how much of that is for alice."""
    club = alice.client.state.conversation(CLUB)
    return club.unread, club.mentions


def in_the_club(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    enters(alice, "bob")
    alice.looks_at(CAROL)


def row_of_club(alice: Actor) -> str:
    rows = ["".join(part[1] for part in row.line) for row in Sidebar(alice.workspace).rows()]
    return next(row for row in rows if "club" in row).rstrip()


def test_words_of_the_configuration_are_for_the_reader_as_a_nick_is(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[notify]\nwords = " deploy, tea time ,,"\n', encoding="utf-8")
    alice = alices(settings=Settings(load(path, is_required=True)))
    for text in ("we DEPLOY now", "is it tea time", "tea, no time", "employ", "alice"):
        alice.receives(message(f"<body>{text}</body>", text[:3]))
    assert [each.is_mention for each in shown(alice)] == [True, True, False, False, False]
    in_the_club(alice)
    texts = ("deployed", "deploy!", "alice: hi", "Tea\nTime")
    for number, text in enumerate(texts):
        alice.receives(said("bob", text, f"m{number}", archive_id=f"a{number}"))
    assert [each.is_mention for each in shown(alice, CLUB)] == [False, True, True, False]
    assert counts(alice) == (4, 2)


def test_other_words_hold_at_once_for_what_comes_then(alice: Actor) -> None:
    settings = alice.workspace.settings
    alice.receives(message("<body>deploy</body>", "1"))
    alice.run_now(settings.replace, Config(notify=NotifyConfig(words="deploy")))
    alice.receives(message("<body>deploy</body>", "2"))
    assert [each.is_mention for each in shown(alice)] == [False, True]


def test_they_stand_in_the_sidebar_with_their_sign_until_they_are_read(alice: Actor) -> None:
    in_the_club(alice)
    alice.receives(said("bob", "hello", "1"))
    assert row_of_club(alice).split() == ["2", "#", "club", "1"]
    alice.receives(said("bob", "alice: hello", "2"), said("bob", "hello", "3"))
    assert row_of_club(alice).split() == ["2", "#", "club", "@1", "3"]
    alice.looks_at(CLUB)
    assert row_of_club(alice).split() == ["2", "#", "club"]


def test_they_are_counted_after_a_restart(alices: Callable[..., Actor], tmp_path: Path) -> None:
    alice = alices(tmp_path)
    in_the_club(alice)
    alice.receives(said("bob", "alice: one", "1"), said("bob", "two", "2"))
    alice.receives(said("bob", "alice: three", "3"))
    assert counts(alice) == (3, 2)
    alice.close()
    again = alices(tmp_path)
    assert counts(again) == (3, 2)
    assert [each.is_mention for each in shown(again, CLUB)] == [True, False, True]


def test_what_was_read_elsewhere_is_counted_no_more(alices: Callable[..., Actor]) -> None:
    alice = alices(None, ANNOUNCED)
    in_the_club(alice)
    for number in ("1", "2", "3"):
        alice.receives(said("bob", f"alice: {number}", number, archive_id=f"a{number}"))
    assert counts(alice) == (3, 3)
    alice.receives(push(item(str(CLUB), "a2", str(CLUB))))
    assert counts(alice) == (1, 1)


@pytest.mark.parametrize("text", ["alice: one!", "one"])
def test_a_correction_is_no_second_mention(
    alices: Callable[..., Actor], tmp_path: Path, text: str
) -> None:
    alice = alices(tmp_path)
    in_the_club(alice)
    replacing = "<replace xmlns='urn:xmpp:message-correct:0' id='1'/></message>"
    alice.receives(said("bob", "alice: one", "1"))
    alice.receives(said("bob", text, "2").replace("</message>", replacing))
    assert len(shown(alice, CLUB)) == 1
    assert counts(alice) == (1, 1)
    alice.close()
    assert counts(alices(tmp_path)) == (1, 1)


def test_a_correction_that_came_before_its_message_takes_no_mention_away(alice: Actor) -> None:
    alice.run_now(alice.workspace.settings.replace, Config(notify=NotifyConfig(words="tea")))
    alice.looks_at(CAROL)
    alice.receives(message("<body>tea?</body>", "0"))
    alice.receives(correction("1", "tea!", "2"))
    assert alice.client.state.conversation(BOB).mentions == 2
    alice.receives(message("<body>te</body>", "1"))
    bob = alice.client.state.conversation(BOB)
    assert (len(shown(alice)), bob.unread, bob.mentions) == (2, 2, 2)


def test_a_correction_that_came_before_what_was_read_is_unread_still(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    """What it is on counts in its place, so that nothing is a mention that nobody can get to."""
    alice = alices(tmp_path, ANNOUNCED)
    in_the_club(alice)
    alice.receives(corrected("alice: one"))
    assert counts(alice) == (1, 1)
    alice.receives(said("bob", "one", "1"))
    assert counts(alice) == (1, 1)
    alice.close()
    again = alices(tmp_path)
    assert counts(again) == (1, 1)
    again.looks_at(CLUB)
    assert counts(again) == (0, 0)


def corrected(text: str, id: str = "2") -> str:
    replacing = "<replace xmlns='urn:xmpp:message-correct:0' id='1'/></message>"
    return said("bob", text, id).replace("</message>", replacing)


def test_a_correction_that_names_the_reader_newly_is_a_mention(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    in_the_club(alice)
    recorder = Recorder()
    Teller(alice.workspace, [recorder])
    alice.receives(said("bob", "one", "1"), corrected("alice: one"))
    assert counts(alice) == (1, 1)
    assert [news.text for news in recorder.told] == ["alice: one"]
    alice.receives(corrected("alice: two", "3"))
    assert counts(alice) == (1, 1)
    alice.close()
    again = alices(tmp_path)
    assert counts(again) == (1, 1)
    assert again.client.state.conversation(CLUB).first_unread == only(again, CLUB).key


def test_if_it_was_read_it_is_unread_again_until_it_is_seen(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    in_the_club(alice)
    alice.receives(said("bob", "one", "1"), said("bob", "two", "two"))
    alice.looks_at(CLUB)
    alice.looks_at(CAROL)
    alice.receives(corrected("alice: one"))
    assert counts(alice) == (1, 1)
    alice.close()
    again = alices(tmp_path)
    assert counts(again) == (1, 1)
    again.looks_at(CLUB)
    assert counts(again) == (0, 0)


def test_one_that_is_seen_coming_counts_nothing(alice: Actor) -> None:
    in_the_club(alice)
    alice.looks_at(CLUB)
    alice.receives(said("bob", "one", "1"), corrected("alice: one"))
    assert counts(alice) == (0, 0)
    alice.looks_at(CAROL)
    assert counts(alice) == (0, 0)


def test_of_what_is_retracted_nothing_is_a_mention(alice: Actor) -> None:
    alice.run_now(alice.workspace.settings.replace, Config(notify=NotifyConfig(words="tea")))
    alice.receives(
        message("<body>tea</body>", "1"),
        message("<retract xmlns='urn:xmpp:message-retract:1' id='1'/>", "2"),
    )
    assert not only(alice).is_mention
