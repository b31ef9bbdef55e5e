"""/export: from the records into a file that was not there, for the user's eyes only."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path

import pytest

from termxmpp.export.writing import NewFile
from termxmpp.mainloop import EpollMainLoop, run
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import CLUB, announces, enters, said

# Children take their time; then something is wrong (seconds).
PATIENCE = 20.0


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def exports(alice: Actor, line: str, until: str = "in ") -> str:
    """Enter `line`, and wait for what is told."""

    async def told() -> None:
        known = len(alice.told())
        alice.workspace.submit(line)
        async with asyncio.timeout(PATIENCE):
            while not any(until in each for each in alice.told()[known:]):  # noqa: ASYNC110  # a child writes
                await asyncio.sleep(0.005)

    alice.run(told)
    return alice.told()[-1]


def talk(alice: Actor) -> None:
    alice.receives(
        "<message from='bob@example.org/x' type='chat' id='b1'><body>hello alice</body></message>",
        "<message from='carol@example.org/x' type='chat' id='c1'><body>hello too</body></message>",
    )
    alice.types(f"/msg {BOB} hello bob")


def test_a_conversation_becomes_a_file_of_its_own(alice: Actor, home: Path) -> None:
    talk(alice)
    told = exports(alice, "/export")
    path = home / "termxmpp-bob@example.org-2026-01-02.txt"
    assert told == f"2 messages are in {path}."
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert "Bob: hello alice" in text
    assert "alice: hello bob" in text
    assert "hello too" not in text
    # Another one, and what is there stays.
    assert exports(alice, "/export").endswith("-2026-01-02-2.txt.")
    assert path.read_text() == text


def test_everything_is_every_conversation(alice: Actor, home: Path) -> None:
    talk(alice)
    exports(alice, f"/export all json to {home}/all.jsonl")
    lines = [json.loads(line) for line in (home / "all.jsonl").read_text().splitlines()]
    assert [(each["conversation"], each["text"]) for each in lines] == [
        (str(BOB), "hello alice"),
        (str(BOB), "hello bob"),
        (str(CAROL), "hello too"),
    ]


@pytest.mark.parametrize(
    ("wish", "count"), [("by me", 1), ("by bob@example.org", 1), ("by Bob", 1), ("since today", 2)]
)
def test_some_of_it_can_be_wished(alice: Actor, wish: str, count: int) -> None:
    talk(alice)
    assert exports(alice, f"/export {wish}").startswith(f"{count} message")


def test_in_a_room_by_nick(alice: Actor, home: Path) -> None:
    announces(alice)
    enters(alice, "bob", "carol")
    alice.receives(said("bob", "one", "1"), said("carol", "two", "2"), said("alice", "three", "3"))
    alice.looks_at(CLUB)
    exports(alice, f"/export html by bob to {home}/club.html")
    page = (home / "club.html").read_text()
    assert "one" in page
    assert "two" not in page


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/export by nobody", "There is nothing that fits"),
        ("/export until 2020-01-01", "There is nothing that fits"),
        ("/export pdf", "is no wish"),
        (
            "/export to /nowhere/x.txt",
            "/nowhere/x.txt can't be written: No such file or directory.",
        ),
    ],
)
def test_what_does_not_become_a_file_is_told(
    alice: Actor, home: Path, line: str, words: str
) -> None:
    talk(alice)
    assert words in exports(alice, line, words)
    assert list(home.glob("*.txt")) == []


def test_what_is_there_is_never_written_over(alice: Actor, home: Path) -> None:
    talk(alice)
    there = home / "there.txt"
    there.write_text("mine")
    link = home / "link.txt"
    link.symlink_to(home / "elsewhere.txt")
    for path in (there, link):
        assert "is there already" in exports(alice, f"/export to {path}", "is there already")
    assert there.read_text() == "mine"
    assert not (home / "elsewhere.txt").exists()


def test_in_the_console_it_is_told_what_to_do(alice: Actor) -> None:
    assert "/export all takes every" in exports(alice, "/export", "/export all")


def test_a_long_history_holds_up_no_key(alice: Actor) -> None:
    """The turns of the loop are many and short while it is written."""
    message = "<message from='bob@example.org/x' type='chat' id='n{n}'><body>{n}</body></message>"

    def all_come() -> None:
        for n in range(5000):
            alice.server.receives(message.format(n=n))

    alice.run_now(all_come)
    alice.looks_at(BOB)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def begin() -> None:
        task = asyncio.ensure_future(count())
        alice.workspace._tasks.add(task)

    alice.run(begin)
    assert exports(alice, "/export json").startswith("5000 messages")
    assert turns > 50


def test_its_wishes_are_completed(alice: Actor) -> None:
    def offered(line: str) -> list[str]:
        return [each.text for each in alice.workspace.complete(line, len(line))]

    assert offered("/export h")[0] == "html"
    assert offered("/export html by bo") == ["bob@example.org"]
    assert offered("/export since 2026-01-0")[0] == "2026-01-02"
    announces(alice)
    enters(alice, "bobby")
    alice.looks_at(CLUB)
    assert offered("/export by bo") == ["bobby", "bob@example.org"]


async def stop_in_the_middle(path: Path) -> None:
    async with NewFile(str(path)) as file:
        await file.write("half of it")
        assert os.listdir(path.parent) == [path.name]
        raise RuntimeError("stop")


def test_a_file_that_is_not_finished_is_gone(home: Path) -> None:
    async def scenario(mainloop: EpollMainLoop) -> None:
        with pytest.raises(RuntimeError, match="stop"):
            await stop_in_the_middle(home / "half.txt")

    run(scenario)
    assert os.listdir(home) == []


@pytest.mark.parametrize("name", ["-x.txt", "a b.txt", "x\0y.txt", "\ud800.txt"])
def test_odd_names_are_names(home: Path, name: str) -> None:
    async def scenario(mainloop: EpollMainLoop) -> None:
        async with NewFile(f"~/{name}") as file:
            await file.write("text\0 and \ud800")
            await file.finish()

    run(scenario)
    [made] = home.iterdir()
    assert made.read_text() == "text and ?"
