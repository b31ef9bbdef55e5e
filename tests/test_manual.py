"""The manual page and the completions: made of the grammar, readable, and harmless."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from termxmpp.completing import BASH, FISH, MANUAL, ZSH
from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.roster import Contact
from termxmpp.store.store import Store
from tests.manual import FILES, ROOT, every_option

EVIL = "x$(touch${IFS}pwned)`id`;'y@evil.example"


@pytest.mark.parametrize("name", FILES)
def test_what_is_in_share_is_made_of_the_grammar(name: str) -> None:
    made = (ROOT / name).read_text(encoding="utf-8")
    assert made == FILES[name](), "python -m tests.manual writes it"


@pytest.mark.parametrize("name", [MANUAL, BASH, ZSH, FISH])
def test_every_option_stands_in_each(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\-", "-")
    for each in every_option():
        for option in each.option_strings:
            wanted = f"-l {option[2:]}" if name == FISH and option[:2] == "--" else option
            assert wanted in text or f"-s {option[1:]}" in text


def test_the_manual_page_is_set_without_a_warning() -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    ran = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", str(ROOT / MANUAL)],
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert ran.stderr == b""
    assert b"TERMXMPP(1)" in ran.stdout


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with an account, its roster, and the program as a shell finds it."""
    folder = tmp_path / "termxmpp"
    folder.mkdir()
    store = Store(folder / "alice@example.org.sqlite")
    contacts = [Contact(Jid.parse("bob@example.org")), Contact(Jid("b$(x)", "evil.example"))]
    store.record(events.RosterReceived((*contacts, Contact(Jid(EVIL[:-13], "evil.example")))))
    store.commit()
    store.close()
    program = tmp_path / "bin" / "termxmpp"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m termxmpp "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    return dict(
        os.environ,
        XDG_DATA_HOME=str(home),
        XDG_CONFIG_HOME=str(home),
        PATH=f"{home / 'bin'}:{os.environ['PATH']}",
        PYTHONPATH=str(ROOT.parent),
    )


def test_addresses_come_from_the_records_without_a_connection(home: Path) -> None:
    (home / "termxmpp" / "config.toml").write_text('[account."me@example.net"]\n')
    ran = subprocess.run(
        [sys.executable, "-m", "termxmpp", "--complete-addresses"],
        capture_output=True,
        check=True,
        timeout=30,
        env=environment(home),
    )
    found = ran.stdout.decode().splitlines()
    assert found[:2] == ["me@example.net", "alice@example.org"]
    assert "bob@example.org" in found


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("termxmpp ali", ["alice@example.org"]),
        ("termxmpp --send bo", ["bob@example.org"]),
        # bash parts words at the @, and wants what is behind it.
        ("termxmpp --send bob@ex", ["example.org"]),
        ("termxmpp me@a --ty", ["--type"]),
        ("termxmpp me@a --type h", ["headline"]),
        ("termxmpp me@a --timeout ", []),
    ],
)
def test_bash_completes_words_options_and_addresses(
    home: Path, line: str, completed: list[str]
) -> None:
    assert in_bash(home, line) == completed


def test_no_address_of_others_is_run_by_the_shell(home: Path) -> None:
    found = in_bash(home, "termxmpp --send x")
    assert shlex.split(found[0]) == [EVIL]
    assert "pwned" not in {each.name for each in home.iterdir()}


def in_bash(home: Path, line: str) -> list[str]:
    """What a bash that has read the completion offers behind `line`."""
    script = (
        f"source {shlex.quote(str(ROOT / BASH))}\n"
        f"COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)}\n"
        'COMP_WORDBREAKS=" @:"\n'
        '_termxmpp\n(( ${#COMPREPLY[@]} )) && printf "%s\\n" "${COMPREPLY[@]}"; true\n'
    )
    ran = subprocess.run(
        ["bash", "--norc", "-c", script],
        capture_output=True,
        check=True,
        timeout=60,
        cwd=home,
        env=environment(home),
    )
    return ran.stdout.decode().splitlines()


def test_it_says_where_the_completions_are() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "termxmpp", "--install-completion"],
        capture_output=True,
        check=True,
        timeout=30,
    )
    # Those of the environment, where it is installed with them, or else the package's own.
    told = re.findall(r"(?m)^(?:bash|zsh|fish|man): +(/.*)$", ran.stdout.decode())
    for name, path in zip((BASH, ZSH, FISH, MANUAL), told, strict=True):
        assert path.endswith(name)
        assert Path(path).is_file()
