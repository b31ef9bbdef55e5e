"""Windows: what is looked at, what is unread, and what a typed line does."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import CLUB, announces, enters


def said(peer: str, text: str = "hello") -> str:
    return f"<message from='{peer}/x' type='chat'><body>{text}</body></message>"


def titles(alice: Actor) -> list[str]:
    return [window.title for window in alice.workspace.windows]


def test_what_comes_while_one_looks_is_read(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.receives(said("bob@example.org"))
    assert alice.workspace.current.conversation.unread == 0


def test_what_comes_while_the_terminal_has_no_focus_is_unread_until_it_has(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.run_now(alice.workspace.set_watched, False)
    alice.receives(said("bob@example.org"))
    assert alice.workspace.current.conversation.unread == 1
    alice.run_now(alice.workspace.set_watched, True)
    assert alice.workspace.current.conversation.unread == 0


def test_what_was_wrong_is_told_no_more_in_another_window(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.types("/nosuch")
    assert alice.workspace.problem
    alice.run_now(alice.workspace.go, 1)
    assert alice.workspace.problem == ""


def test_who_is_online_or_offline_already_is_told_so(alice: Actor) -> None:
    alice.types("/connect")
    assert alice.workspace.problem == "alice@example.org is online already."
    alice.types("/disconnect")
    assert alice.workspace.problem == ""
    alice.types("/disconnect")
    assert alice.workspace.problem == "alice@example.org is offline already."


def test_the_next_unread_is_looked_at_around_the_end(alice: Actor) -> None:
    alice.receives(said("bob@example.org"), said("carol@example.org"))
    alice.looks_at(CAROL)
    alice.run_now(alice.workspace.next_unread)
    assert alice.workspace.current.peer == BOB
    alice.run_now(alice.workspace.next_unread)
    assert alice.workspace.current.peer == BOB


def test_windows_are_gone_to_by_number_name_and_part_of_a_name(alice: Actor) -> None:
    alice.receives(said("bob@example.org"), said("carol@example.org"))
    for line, peer in [
        ("/win 2", BOB),
        ("/win 1", None),
        ("/w bob", BOB),
        ("/win carol@example.org", CAROL),
        ("/win Bob", BOB),
        ("/win caro", CAROL),
    ]:
        alice.types(line)
        assert alice.workspace.current.peer == peer


@pytest.mark.parametrize("line", ["/win 9", "/win 0", "/win nobody", "/win example"])
def test_a_window_that_is_not_there_or_not_clear_is_told(alice: Actor, line: str) -> None:
    alice.receives(said("bob@example.org"), said("carol@example.org"))
    alice.types(line)
    assert "/win lists those there are" in alice.workspace.problem


def test_windows_are_listed_with_what_is_unread(alice: Actor) -> None:
    alice.receives(said("bob@example.org"))
    alice.types("/win")
    assert alice.told()[-1] == " 1  alice@example.org\n 2  Bob  (1 unread)"


def test_a_closed_window_leaves_the_look_at_the_one_before(alice: Actor) -> None:
    alice.types("/msg bob@example.org")
    alice.types("/msg carol@example.org")
    alice.types("/close")
    assert alice.workspace.current.peer == BOB
    assert titles(alice) == ["alice@example.org", "Bob"]
    alice.types("/close")
    alice.types("/close")
    assert "The console stays open" in alice.workspace.problem


def test_a_closed_window_comes_back_with_what_was_said(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.types("/close")
    alice.receives(said("bob@example.org", "welcome back"))
    alice.looks_at(BOB)
    assert "hello" in alice.lines()[-3]
    assert "welcome back" in alice.lines()[-1]


def test_stepping_goes_around(alice: Actor) -> None:
    alice.types("/msg bob@example.org")
    alice.run_now(alice.workspace.step, 1)
    assert alice.workspace.current.peer is None
    alice.run_now(alice.workspace.step, -1)
    assert alice.workspace.current.peer == BOB


def test_clearing_empties_a_conversation_and_not_the_console(alice: Actor) -> None:
    alice.receives(said("bob@example.org"))
    alice.looks_at(BOB)
    alice.types("/clear")
    assert alice.lines() == []
    alice.types("/win 1")
    alice.types("/clear")
    assert "console keeps" in alice.workspace.problem


def test_an_unknown_command_offers_the_nearest_and_sends_nothing(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.types("/qiut")
    assert "Did you mean /quit?" in alice.workspace.problem
    assert alice.sent() == []
    alice.types("/win 1")
    assert alice.workspace.problem == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/msg", "/msg JID"),
        ("/msg @@", "is no XMPP address"),
        ("/msg 'bob", "quote"),
        ("/connect dave@example.com", "is no account of this session"),
    ],
)
def test_wrong_words_are_told_with_what_is_right(alice: Actor, line: str, words: str) -> None:
    alice.types(line)
    assert words in alice.workspace.problem


def test_help_tells_of_every_command(alice: Actor) -> None:
    alice.types("/help")
    overview = alice.told()[-1]
    for command in alice.workspace.registry.commands:
        assert f"/{command.name.split()[0]}" in overview
    alice.types("/help msg")
    assert "Open the conversation with JID" in alice.told()[-1]


def test_accounts_are_listed_with_how_they_stand(alice: Actor) -> None:
    alice.types("/account")
    assert alice.told()[-1] == "alice@example.org  online"


def test_commands_and_contacts_are_completed(alice: Actor) -> None:
    assert [each.text for each in alice.workspace.complete("/conn", 5)] == ["connect "]
    offers = alice.workspace.complete("/msg bo", 7)
    assert [each.text.strip() for each in offers] == ["bob@example.org"]


def test_rooms_and_nicks_are_completed(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bobby", about="tea")
    [room] = alice.workspace.complete("/join clu", 9)
    assert (room.text.strip(), room.meta) == (str(CLUB), "tea")
    assert [each.text for each in alice.workspace.complete("hi bo", 5)] == ["bobby"]
    assert alice.workspace.complete("hi al", 5) == []
    alice.looks_at(BOB)
    assert alice.workspace.complete("hi bo", 5) == []


def test_quitting_is_asked_of_who_runs_the_screen(alice: Actor) -> None:
    asked: list[bool] = []
    alice.workspace.on_quit = lambda: asked.append(True)
    alice.types("/quit")
    assert asked == [True]


def test_a_search_without_a_list_is_told(alice: Actor) -> None:
    alice.receives(said("bob@example.org", "the tea is good"), said("carol@example.org", "tea?"))
    alice.types("/search tea")
    assert alice.told()[-1] == (
        "2026-01-02 12:00  carol@example.org: tea?\n2026-01-02 12:00  Bob: the tea is good"
    )
    alice.looks_at(BOB)
    alice.types("/search tea")
    assert alice.told()[-1] == "2026-01-02 12:00  Bob: the tea is good"
    alice.types("/search coffee")
    assert alice.told()[-1] == "Nothing was found."
    alice.types("/search")
    assert "needs words" in alice.workspace.problem


def test_of_several_links_the_user_chooses(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.receives(said("bob@example.org", "https://a.b and https://c.d"))
    alice.types("/open")
    assert alice.told()[-1].splitlines()[1:] == ["https://a.b", "https://c.d"]
    alice.types("/open 5")
    assert alice.workspace.problem == "There is no message 5 here."
    alice.receives(said("bob@example.org", "no link"))
    alice.types("/open 1")
    assert alice.workspace.problem == "There is no link in that message."


def test_a_link_is_opened_by_the_users_program(alice: Actor, tmp_path: Path) -> None:
    fifo, script = tmp_path / "fifo", tmp_path / "opener"
    os.mkfifo(fifo)
    script.write_text(f"#!/bin/sh\necho $1 > {fifo}\n")
    script.chmod(0o755)
    config = alice.workspace.settings.config
    alice.workspace.settings.replace(replace(config, ui=replace(config.ui, opener=str(script))))
    alice.looks_at(BOB)
    alice.receives(said("bob@example.org", "https://a.b"), said("bob@example.org", "without"))
    fd = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    alice.types("/open")

    async def until_it_is() -> None:
        is_open = asyncio.Event()
        alice.loop.add_reader(fd, is_open.set)
        await is_open.wait()
        alice.loop.remove_reader(fd)

    alice.run(until_it_is)
    assert os.read(fd, 100) == b"https://a.b\n"
    os.close(fd)


def test_what_is_selected_is_what_a_command_is_about(alice: Actor) -> None:
    alice.looks_at(BOB)
    for text in ("https://a.b https://c.d", "https://e.f https://g.h"):
        alice.receives(said("bob@example.org", text))
    window = alice.workspace.current
    alice.workspace.selected[window] = window.conversation.entries[0].key
    alice.types("/open")
    assert "https://a.b" in alice.told()[-1]


def test_what_a_command_can_not_do_is_told_where_it_was_typed(alice: Actor) -> None:
    """Also if that turns out later, and the user looks elsewhere then."""
    alice.looks_at(BOB)
    alice.loses_the_link()
    alice.types("/ping carol@example.org")
    assert alice.told() == ["alice@example.org is not online: /connect first."]
    assert alice.workspace.problem == alice.told()[0]
