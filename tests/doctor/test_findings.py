"""What is told, and the verdict on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from termxmpp.doctor.findings import Finding, fine, note, verdict, wrong
from termxmpp.doctor.records import check_records
from termxmpp.doctor.server import Abilities, lacks
from termxmpp.doctor.terminal import TerminalFacts, check_terminal
from tests.support.marks import told_of


def test_what_peers_wrote_does_no_harm_and_makes_no_line() -> None:
    line = wrong("said \x1b[2J\nand \u202e", "do \x07 it").text
    assert line.count("\n") == 1
    assert not set("\x1b\x07\u202e") & set(line)


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ([fine("a")], "All is well."),
        ([fine("a"), note("b")], "Nothing is wrong; 1 thing is worth knowing."),
        ([note("a"), note("b")], "Nothing is wrong; 2 things are worth knowing."),
        ([note("a"), wrong("It broke.")], "1 thing is wrong: It broke."),
        ([wrong("A."), wrong("B.")], "2 things are wrong; begin with the first: A."),
    ],
)
def test_the_verdict(findings: list[Finding], words: str) -> None:
    assert verdict(findings) == words


FACTS = TerminalFacts("xterm", 24, "UTF-8", 80, 24, (), True, True, "osc9")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            FACTS,
            [
                "fine: The terminal is xterm, with 80 columns and 24 lines.",
                "fine: All colours",
                "osc9",
            ],
        ),
        (
            TerminalFacts("", 1, "UTF-8", 80, 24),
            ["note: TERM is empty", "note: The terminal counts as"],
        ),
        (TerminalFacts("dumb", 1, "UTF-8", 80, 24), ["note: TERM is dumb", "Links are not told"]),
        (
            TerminalFacts("xterm", 8, "UTF-8", 20, 5),
            ["note: The terminal is small", "fine: 256 colours"],
        ),
        (
            TerminalFacts("linux", 4, "utf8", 80, 24),
            ["fine: 16 colours", "fine: The locale is UTF-8."],
        ),
        (
            TerminalFacts("xterm", 8, "ISO-8859-1", 80, 24),
            ["wrong: The locale's encoding is ISO-8859"],
        ),
        (
            TerminalFacts("tmux", 1, "UTF-8", 80, 24, ("tmux", "ssh"), has_no_color=True),
            [
                "note: NO_COLOR is set",
                "and the terminal: tmux, ssh.",
                "allow-passthrough",
                "not told",
            ],
        ),
    ],
)
def test_the_terminal(facts: TerminalFacts, words: list[str]) -> None:
    text = "\n".join(told_of(finding) for finding in check_terminal(facts))
    for each in words:
        assert each in text


ALL = (
    *("has_management", "has_archive", "has_carbons", "has_csi", "has_pep", "has_blocking"),
    *("has_upload", "has_push"),
)

XEPS = ("0198", "0313", "0280", "0352", "0163", "0191", "0363", "0357")


def test_a_server_that_has_all_lacks_nothing() -> None:
    assert list(lacks(Abilities(**dict.fromkeys(ALL, True)))) == []


@pytest.mark.parametrize(
    ("name", "xep"),
    list(zip(ALL, XEPS, strict=True)),
)
def test_what_a_server_lacks_is_a_line(name: str, xep: str) -> None:
    [finding] = lacks(Abilities(**(dict.fromkeys(ALL, True) | {name: False})))
    assert f"(XEP-{xep})" in told_of(finding)
    assert told_of(finding).startswith("note: Your server")


def test_records_that_are_kept_or_not(tmp_path: Path) -> None:
    path = tmp_path / "alice.sqlite"
    path.touch()
    first, *_ = check_records(path, keeps_history=True)
    assert told_of(first) == f"fine: The records are kept in {path}."
    [finding] = check_records(path, keeps_history=False)
    assert told_of(finding).startswith(
        f"wrong: The records in {path} can't be written.\n  To do: Free the disk"
    )
    [finding] = check_records(None, keeps_history=False)
    assert told_of(finding) == "note: Nothing of what is said is kept on this machine."
