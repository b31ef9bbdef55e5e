"""The user's own command: what it is told by its environment, and that it holds nothing up."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from termxmpp.config import Config, NotifyConfig
from termxmpp.telling.program import CommandVoice
from termxmpp.telling.teller import Teller
from tests.support.harness import Actor
from tests.support.rooms import announces, enters, said


def says(text: str, peer: str = "bob@example.org") -> str:
    return f"<message from='{peer}/x' type='chat'><body>{text}</body></message>"


Told = Callable[..., Mapping[str, str]]


@pytest.fixture
def told(alice: Actor, tmp_path: Path) -> Told:
    """What the command has found after these stanzas."""
    path = tmp_path / "facts"
    os.mkfifo(path)
    command = f"env -0 > {shlex.quote(str(path))}"

    def tell(*stanzas: str, preview: bool = True) -> Mapping[str, str]:
        settings = alice.workspace.settings
        config = Config(notify=NotifyConfig(command=command, preview=preview))
        alice.run_now(settings.replace, config)
        Teller(alice.workspace, [CommandVoice(settings, {"KEPT": "yes", "PATH": "/usr/bin:/bin"})])
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as fifo:
            has_come = asyncio.Event()
            alice.loop.add_reader(fifo, has_come.set)
            alice.receives(*stanzas)
            alice.run(lambda: asyncio.wait_for(has_come.wait(), 20))
            alice.loop.remove_reader(fifo)
            # What is so short is written as a whole.
            facts = dict(each.split("=", 1) for each in fifo.read().decode().split("\0") if each)
        return {name: facts[name] for name in facts if name.startswith(("TERMXMPP_", "KEPT"))}

    return tell


def test_it_finds_all_there_is_to_know_in_its_environment(told: Told) -> None:
    assert told(says("hello\n; echo $HOME `id`")) == {
        "KEPT": "yes",
        "TERMXMPP_TITLE": "Bob",
        "TERMXMPP_BODY": "hello␤; echo $HOME `id`",
        "TERMXMPP_COUNT": "1",
        "TERMXMPP_MENTION": "",
        "TERMXMPP_ACCOUNT": "alice@example.org",
        "TERMXMPP_CONVERSATION": "bob@example.org",
        "TERMXMPP_AUTHOR": "Bob",
        "TERMXMPP_TEXT": "hello␤; echo $HOME `id`",
    }


def test_of_a_room_it_finds_who_said_it_and_that_one_is_meant(alice: Actor, told: Told) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.run_now(alice.workspace.go, 1)
    found = told(said("bob", "alice: hello", "1"))
    assert found["TERMXMPP_MENTION"] == "1"
    assert found["TERMXMPP_AUTHOR"] == "bob"
    assert found["TERMXMPP_TEXT"] == "alice: hello"
    assert found["TERMXMPP_CONVERSATION"] == "club@conference.example.org"


def test_without_preview_it_finds_neither_the_text_nor_its_author(told: Told) -> None:
    found = told(says("secret"), preview=False)
    assert (found["TERMXMPP_TEXT"], found["TERMXMPP_AUTHOR"]) == ("", "")
    assert found["TERMXMPP_BODY"] == "1 new message"


@pytest.mark.parametrize("rubbish", ["&#x9b;2J", "&#x202e;evil", "a&#x7f;b", "\t\ttabs"])
def test_nothing_of_a_peer_s_is_obeyed_by_a_terminal(told: Told, rubbish: str) -> None:
    text = told(says(rubbish))["TERMXMPP_TEXT"]
    assert not set(text) & set("\x9b\u202e\x7f\t\n")
