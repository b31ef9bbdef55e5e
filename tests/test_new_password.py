"""/account password: changed on the server first, then here, and what is not known is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from termxmpp.config_reading import parse
from termxmpp.passwords import is_own_file
from termxmpp.settings import Settings
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import Actor

NS = "jabber:iq:register"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"

Alices = Callable[..., Actor]


def answers(alice: Actor, inside: str = "") -> list[str]:
    """Let the server answer each change with `inside`; what it is sent comes into the list."""
    asked: list[str] = []
    kind = "error" if inside.startswith("<error") else "result"

    def answer(iq: Element) -> str | None:
        if iq.find(f"{{{NS}}}query") is None:
            return None
        asked.append(as_text(iq))
        return f"<iq type='{kind}' id='{iq.get('id')}' from='{iq.get('to')}'>{inside}</iq>"

    alice.answers = answer
    return asked


def types(alice: Actor, *passwords: str) -> tuple[list[str], list[str]]:
    """Let alice type these when she is asked; the questions, and what she logs in by from then."""
    questions: list[str] = []
    taken: list[str] = []
    left = list(passwords)

    async def secret(question: str) -> str:
        questions.append(question)
        return left.pop(0)

    alice.workspace.on_secret = secret
    alice.client.take_password = taken.append
    return questions, taken


def test_the_server_has_it_first_and_then_we(alice: Actor) -> None:
    asked = answers(alice)
    questions, taken = types(alice, "new one", "new one")
    alice.types("/account password")
    assert questions == ["New password for alice@example.org:", "Once more:"]
    assert 'to="example.org"' in asked[0]
    assert "<username>alice</username><password>new one</password>" in asked[0]
    assert taken == ["new one"]
    assert alice.told()[-1].startswith("The password of alice@example.org is changed on the server")


def test_two_that_differ_change_nothing(alice: Actor) -> None:
    asked = answers(alice)
    _questions, taken = types(alice, "one", "another")
    alice.types("/account password")
    assert alice.told()[-1] == "These are not the same; nothing has changed."
    assert (asked, taken) == ([], [])


@pytest.mark.parametrize("typed", [[""], ["one", ""]])
def test_who_types_nothing_changes_nothing(alice: Actor, typed: list[str]) -> None:
    asked = answers(alice)
    types(alice, *typed)
    alice.types("/account password")
    assert alice.told()[-1] == "No password was typed; nothing has changed."
    assert asked == []


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("not-allowed", "changes no passwords from here"),
        ("service-unavailable", "changes no passwords from here"),
        ("policy-violation", "does not accept that password"),
        ("not-authorized", "changes no passwords from here"),
        ("internal-server-error", "does not change the password"),
    ],
)
def test_a_refusal_is_told_and_changes_nothing(alice: Actor, condition: str, words: str) -> None:
    answers(
        alice,
        f"<error type='cancel'><{condition} xmlns='{STANZAS}'/>"
        f"<text xmlns='{STANZAS}'>too short</text></error>",
    )
    _questions, taken = types(alice, "new", "new")
    alice.types("/account password")
    assert words in alice.told()[-1]
    assert "too short" in alice.told()[-1]
    assert taken == []


def test_a_link_that_breaks_leaves_it_open_and_that_is_told(alice: Actor) -> None:
    types(alice, "new", "new")
    alice.types("/account password")
    alice.loses_the_link()
    assert any(
        "it may have the new password, or still the old one" in each for each in alice.told()
    )


def test_offline_nobody_is_asked(alices: Alices) -> None:
    alice = alices()
    questions, _taken = types(alice, "new", "new")
    alice.types("/disconnect")
    alice.is_confirmed()
    alice.types("/account password")
    assert "is not online: /connect first" in alice.told()[-1]
    assert questions == []


def test_it_is_kept_where_the_old_one_was(alices: Alices, tmp_path: Path) -> None:
    own = tmp_path / "password"
    own.write_text("old\n")
    own.chmod(0o600)
    config = f'[account."alice@example.org"]\npassword_file = "{own}"\n'
    alice = alices(settings=Settings(parse(config, tmp_path / "config.toml")))
    answers(alice)
    types(alice, "new", "new")
    alice.types("/account password")
    assert alice.told()[-1].endswith(f"{own} has it.")
    assert own.read_text() == "new\n"
    own.write_text("old\nand more\n")
    types(alice, "newer", "newer")
    alice.types("/account password")
    assert alice.told()[-1].endswith(f"{own} still has the old one: write the new one into it.")
    assert own.read_text() == "old\nand more\n"


def test_who_else_tells_the_old_one_is_named(alices: Alices, tmp_path: Path) -> None:
    config = '[account."alice@example.org"]\npassword_command = "pass show xmpp"\n'
    alice = alices(settings=Settings(parse(config, tmp_path / "config.toml")))
    answers(alice)
    types(alice, "new", "new")
    alice.types("/account password")
    assert "`pass show xmpp` tells the old one" in alice.told()[-1]
    alice.workspace.password_given_by = "TERMXMPP_PASSWORD"
    types(alice, "new", "new")
    alice.types("/account password")
    assert "TERMXMPP_PASSWORD still tells the old one" in alice.told()[-1]


def test_it_stands_neither_in_the_console_nor_in_the_records(alices: Alices) -> None:
    alice = alices(has_management=True)
    alice.types("/xml on")
    types(alice, "new-secret", "new-secret")
    alice.types("/account password")
    alice.run_now(alice.client.link.traffic, alice.server.sent[-1], True)
    assert any("<password>***</password>" in each for each in alice.told())
    assert not any("new-secret" in each for each in alice.told())
    alice.run_now(alice.client.settle)
    kept_there = b"".join(path.read_bytes() for path in alice.folder.iterdir())
    assert b"urn:xmpp:ping" in kept_there
    assert b"new-secret" not in kept_there


@pytest.mark.parametrize(
    ("text", "mode", "is_own"),
    [
        ("pw\n", 0o600, True),
        ("pw", 0o400, True),
        ("pw\nmore\n", 0o600, False),
        ("pw", 0o644, False),
    ],
)
def test_a_file_is_ours_if_a_password_is_all_that_is_in_it(
    tmp_path: Path, text: str, mode: int, is_own: bool
) -> None:
    path = tmp_path / "password"
    path.write_text(text)
    path.chmod(mode)
    assert is_own_file(path) is is_own
    link = tmp_path / "link"
    link.symlink_to(path)
    assert not is_own_file(link)
    assert not is_own_file(tmp_path / "none")
