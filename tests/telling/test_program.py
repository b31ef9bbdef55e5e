"""The user's own command: what it is told by its environment, and that it holds nothing up."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from termxmpp.config import Config, NotifyConfig
from termxmpp.telling.program import CommandVoice
from termxmpp.telling.teller import Teller
from tests.support.harness import Actor
from tests.support.rooms import announces, enters, said

# Writes what it finds in its environment, at once as a whole.
SCRIPT = (
    "import json, os, sys; path = sys.argv[1]; open(path + '.new', 'w').write(json.dumps("
    "{name: value for name, value in os.environ.items() if name.startswith('TERMXMPP_')"
    " or name == 'KEPT'})); os.rename(path + '.new', path)"
)


def says(text: str, peer: str = "bob@example.org") -> str:
    return f"<message from='{peer}/x' type='chat'><body>{text}</body></message>"


Told = Callable[..., Mapping[str, str]]


@pytest.fixture
def told(alice: Actor, tmp_path: Path) -> Told:
    """What the command has found after these stanzas."""
    path = tmp_path / "facts"
    command = shlex.join([sys.executable, "-c", SCRIPT, str(path)])

    async def until_told() -> None:
        async with asyncio.timeout(20):
            while not path.exists():  # noqa: ASYNC110  # a program of the user's says nothing
                await asyncio.sleep(0.01)

    def tell(*stanzas: str, preview: bool = True) -> Mapping[str, str]:
        settings = alice.workspace.settings
        config = Config(notify=NotifyConfig(command=command, preview=preview))
        alice.run_now(settings.replace, config)
        Teller(alice.workspace, [CommandVoice(settings, {"KEPT": "yes", "PATH": "/usr/bin:/bin"})])
        alice.receives(*stanzas)
        alice.run(until_told)
        found: Mapping[str, str] = json.loads(path.read_text())
        return found

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
