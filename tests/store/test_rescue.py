"""When the disk fails: told once, chat goes on, and what can be saved later is saved later."""

from __future__ import annotations

import asyncio
import os
import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.core.roster import Contact
from termxmpp.core.session import Session
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.database import open_file
from termxmpp.store.rescue import COPIED
from termxmpp.store.schema import VERSION
from termxmpp.store.store import RETRY, Store
from tests.support.disk import KINDS, Disk, on_disk

ALICE, BOB = Jid.parse("alice@example.org/here"), Jid.parse("bob@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

# So long (seconds) a disk that failed is left alone here.
SOON = 0.01


class Account:
    """alice's records on a disk, and what her screen was told of it."""

    def __init__(self, folder: Path, retry: float = RETRY) -> None:
        self.path = folder / "alice@example.org.sqlite"
        self.store = Store(self.path, retry)
        self.told: list[str] = []
        self.store.watch(self.told.append)

    def hears(self, *texts: str) -> None:
        """One turn in which that comes."""
        for text in texts:
            message = Message(text, BOB, text, NOON, archive_id=f"of-{text}")
            news, *_ = self.store.record(events.MessageReceived(BOB, message))
            assert isinstance(news, events.MessageReceived)
            assert news.message.text == text
        self.store.commit()

    def writes(self, text: str) -> None:
        message = Message(
            text, ALICE, text, NOON, True, Fate.QUEUED, route=Route.WRITTEN, origin_id=text
        )
        self.store.record(events.MessageWritten(BOB, message))
        self.store.commit()

    def hears_until_it_fails(self, name: str = "") -> list[str]:
        """What came until then, the last of which is not on disk."""
        texts: list[str] = []
        while not self.store.is_failing:
            texts.append(f"{name} {len(texts)} {'much ' * 400}")
            self.hears(texts[-1])
        return texts

    def texts(self) -> list[str]:
        messages, _ = self.store.older(BOB, None, 100_000)
        return [message.text for message in messages]

    def pending(self) -> list[str]:
        return [each.message.text for each in self.store.pending()]


def kept(folder: Path) -> list[str]:
    """What the next run finds."""
    account = Account(folder)
    assert account.told == []
    found = account.texts()
    account.store.close()
    return found


def damage(path: Path, share: float = 1.0, seed: int = 0) -> None:
    """Overwrite that share of the pages, but for the first, with what is no page."""
    chance = random.Random(seed)
    with path.open("r+b") as file:
        for offset in range(4096, os.path.getsize(path), 4096):
            if chance.random() < share:
                file.seek(offset)
                file.write(chance.randbytes(4096))


def asides(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if re.search(r"\.damaged-[-\d]+$", each.name)]


def test_a_bug_of_ours_is_no_failure_of_the_disk(tmp_path: Path) -> None:
    account = Account(tmp_path)
    with pytest.raises(sqlite3.Error):
        account.store.note("name", {})
    assert not account.store.is_failing
    assert account.told == []
    account.store.close()


# Full.


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_becomes_full_is_told_once_and_chat_goes_on(kind: str, tmp_path: Path) -> None:
    def scenario(disk: Disk) -> None:
        account = Account(disk.folder)
        account.hears("before")
        disk.fill()
        texts = account.hears_until_it_fails()
        account.hears("after")
        account.writes("answer")
        assert account.texts() == ["before", *texts, "after", "answer"]
        assert account.pending() == ["answer"]
        assert len(account.told) == 1
        assert "can't be kept" in account.told[0]

    on_disk(kind, tmp_path, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_meanwhile_is_saved_as_soon_as_there_is_room(kind: str, tmp_path: Path) -> None:
    def scenario(disk: Disk) -> None:
        account = Account(disk.folder, SOON)
        disk.fill()
        texts = account.hears_until_it_fails()
        account.writes("answer")
        disk.mend()
        while account.store.is_failing:
            account.store.commit()
        account.store.record(events.FateChanged(BOB, "answer", Fate.ACKNOWLEDGED))
        account.store.commit()
        assert len(account.told) == 2
        assert "nothing is missing" in account.told[1]
        disk.fill()
        texts += ["answer", *account.hears_until_it_fails("again")]
        assert len(account.told) == 3
        disk.mend()
        account.store.close()
        assert kept(disk.folder) == texts

    on_disk(kind, tmp_path, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_saved_also_if_nothing_more_happens(kind: str, tmp_path: Path) -> None:
    def scenario(disk: Disk) -> None:
        async def main(mainloop: EpollMainLoop) -> list[str]:
            account = Account(disk.folder, SOON)
            is_saved = asyncio.Event()
            disk.fill()
            texts = account.hears_until_it_fails()
            account.store.watch(lambda problem: is_saved.set())
            disk.mend()
            await asyncio.wait_for(is_saved.wait(), 10)
            account.store.abandon()
            return texts

        assert run(main) == kept(disk.folder)

    on_disk(kind, tmp_path, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_saved_at_the_end_without_waiting(kind: str, tmp_path: Path) -> None:
    def scenario(disk: Disk) -> None:
        account = Account(disk.folder)
        disk.fill()
        texts = account.hears_until_it_fails()
        disk.mend()
        account.store.close()
        assert kept(disk.folder) == texts

    on_disk(kind, tmp_path, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_stays_full_is_told_once_however_often_it_is_tried(
    kind: str, tmp_path: Path
) -> None:
    def scenario(disk: Disk) -> None:
        async def main(mainloop: EpollMainLoop) -> None:
            account = Account(disk.folder, SOON)
            disk.fill()
            account.hears_until_it_fails()
            for number in range(50):
                account.hears(f"{number}")
                await asyncio.sleep(SOON / 2)
            assert account.store.is_failing
            assert len(account.told) == 1
            account.store.close()

        run(main)

    on_disk(kind, tmp_path, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_only_in_memory_is_not_acknowledged(kind: str, tmp_path: Path) -> None:
    def scenario(disk: Disk) -> None:
        account = Account(disk.folder, SOON)
        account.store.session_began(Session("id", ALICE))
        account.store.stanzas_handled(1)
        account.store.commit()
        disk.fill()
        account.hears_until_it_fails()
        account.store.stanzas_handled(2)
        account.store.commit()
        assert account.store.handled == 1
        disk.mend()
        while account.store.is_failing:
            account.store.commit()
        account.store.commit()
        assert account.store.handled == 2
        account.store.abandon()
        session = Account(disk.folder).store.session()
        assert session is not None
        assert session.handled == 2

    on_disk(kind, tmp_path, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_is_full_from_the_start_is_used_as_soon_as_there_is_room(
    kind: str, tmp_path: Path
) -> None:
    def scenario(disk: Disk) -> None:
        disk.fill()
        account = Account(disk.folder, SOON)
        assert len(account.told) == 1
        account.hears("one")
        disk.mend()
        while account.store.is_failing:
            account.store.commit()
        account.store.abandon()
        assert kept(disk.folder) == ["one"]

    on_disk(kind, tmp_path, scenario)


def test_what_the_screen_has_keeps_its_keys(tmp_path: Path) -> None:
    """Also of a page."""

    def scenario(disk: Disk) -> None:
        account = Account(disk.folder, SOON)
        account.hears("old")
        account.store.record(events.SessionStarted(ALICE))
        account.store.record(events.CatchUpBegun())
        account.store.commit()
        disk.protect()
        account.hears("live")
        assert account.store.is_failing
        gap = account.store.history.gaps.all()[0].number
        page = [
            (BOB, Message(text, BOB, text, NOON, route=Route.ARCHIVE, archive_id=f"of-{text}"))
            for text in ("missed", "live")
        ]
        account.store.record(events.ArchivePaged(gap, page, "of-missed", False))
        account.hears("last")
        shown, _ = account.store.older(BOB, None, 100)
        assert [message.text for message in shown] == ["old", "missed", "live", "last"]
        disk.mend()
        while account.store.is_failing:
            account.store.commit()
        assert account.store.older(BOB, None, 100)[0] == shown
        [left] = account.store.history.gaps.all()
        assert left.before == "of-missed"

    on_disk("limited", tmp_path, scenario)


def test_it_keeps_them_also_where_the_disk_knows_what_memory_did_not(tmp_path: Path) -> None:
    def scenario(disk: Disk) -> None:
        account = Account(disk.folder, SOON)
        account.hears(*(f"{number}" for number in range(COPIED + 1)))
        disk.protect()
        for text in ("first", "0", "new"):
            account.hears(text)
        shown, _ = account.store.older(BOB, None, 1)
        disk.mend()
        while account.store.is_failing:
            account.store.commit()
        assert account.store.older(BOB, None, 1)[0] == shown
        assert account.texts() == [*(f"{number}" for number in range(COPIED + 1)), "first", "new"]

    on_disk("limited", tmp_path, scenario)


def test_a_page_that_came_meanwhile_fills_no_other_gap(tmp_path: Path) -> None:
    """Another instance went on with it: what is not certain is asked for once more."""

    def scenario(disk: Disk) -> None:
        account = Account(disk.folder, SOON)
        account.hears("old")
        account.store.record(events.SessionStarted(ALICE))
        account.store.record(events.CatchUpBegun())
        account.store.commit()
        [gap] = account.store.history.gaps.all()
        disk.protect()
        account.hears("live")
        message = Message("b", BOB, "b", NOON, route=Route.ARCHIVE, archive_id="of-b")
        account.store.record(events.ArchivePaged(gap.number, [(BOB, message)], "of-b", True))
        assert account.store.history.gaps.all() == ()
        disk.mend()
        other = Account(disk.folder)
        other.store.record(events.ArchivePaged(gap.number, [], "of-x", False))
        other.store.close()
        while account.store.is_failing:
            account.store.commit()
        assert account.store.history.gaps.all() == (replace(gap, before="of-x"),)

    on_disk("limited", tmp_path, scenario)


def test_what_is_kept_nowhere_is_told_also_after_the_disk_has_failed(tmp_path: Path) -> None:
    """Its key is new, else it would be taken for what is on the screen already."""

    def scenario(disk: Disk) -> None:
        account = Account(disk.folder)
        secret = Message("s", BOB, "secret", NOON, is_transient=True)
        keys = []
        for text in ("before", "after"):
            news, *_ = account.store.record(events.MessageReceived(BOB, secret))
            assert isinstance(news, events.MessageReceived)
            keys.append(news.message.key)
            account.store.commit()
            disk.protect()
            account.hears(text)
        assert len(set(keys)) == 2

    on_disk("limited", tmp_path, scenario)


# Read-only.


@pytest.mark.parametrize("kind", KINDS)
def test_on_a_disk_that_can_only_be_read_the_history_is_there_to_be_read(
    kind: str, tmp_path: Path
) -> None:
    def scenario(disk: Disk) -> None:
        account = Account(disk.folder)
        account.hears("one")
        account.store.record(events.RosterReceived((Contact(BOB, "Bob"),), "v1"))
        account.store.close()
        disk.protect()
        account = Account(disk.folder)
        assert account.store.is_failing
        assert len(account.told) == 1
        account.hears("two")
        assert account.texts() == ["one", "two"]
        assert len(account.store.find("one", 10)) == 1
        restored = account.store.restore()
        assert events.RosterReceived((Contact(BOB, "Bob"),), "v1") in restored
        account.store.close()
        disk.mend()
        assert kept(disk.folder) == ["one"]

    on_disk(kind, tmp_path, scenario)


@pytest.mark.parametrize("fails", [Disk.fill, Disk.protect])
@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_can_be_noted_nothing_is_done_for_the_run_before(
    kind: str, tmp_path: Path, fails: Callable[[Disk], None]
) -> None:
    """Else each start would send its messages again, and go on with its session."""

    def scenario(disk: Disk) -> None:
        account = Account(disk.folder)
        account.writes("queued")
        account.store.session_began(Session("id", ALICE))
        account.store.close()
        getattr(disk, fails.__name__)()
        account = Account(disk.folder)
        assert len(account.told) == 1
        assert account.texts() == ["queued"]
        assert account.store.handled == 0
        assert account.pending() == []
        assert account.store.session() is None
        account.store.close()
        disk.mend()
        account = Account(disk.folder)
        assert account.pending() == ["queued"]
        assert account.store.session() == Session("id", ALICE)

    on_disk(kind, tmp_path, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_can_be_written_again_has_everything(kind: str, tmp_path: Path) -> None:
    def scenario(disk: Disk) -> None:
        account = Account(disk.folder)
        account.hears("one")
        account.store.close()
        disk.protect()
        account = Account(disk.folder, SOON)
        account.hears("two")
        disk.mend()
        while account.store.is_failing:
            account.store.commit()
        account.hears("three")
        account.store.abandon()
        assert kept(disk.folder) == ["one", "two", "three"]

    on_disk(kind, tmp_path, scenario)


def test_a_disk_that_turns_read_only_is_told_once(tmp_path: Path) -> None:
    def scenario(disk: Disk) -> None:
        account = Account(disk.folder)
        account.hears("one")
        disk.protect()
        account.hears("two")
        account.hears("three")
        assert account.texts() == ["one", "two", "three"]
        assert len(account.told) == 1

    on_disk("limited", tmp_path, scenario)


def test_a_folder_that_is_none_is_told_and_chat_goes_on(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    account = Account(tmp_path / "folder")
    account.hears("one")
    assert account.texts() == ["one"]
    assert len(account.told) == 1


# Held by another.


def test_a_file_that_another_holds_for_a_moment_is_not_worth_a_word(tmp_path: Path) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        account = Account(tmp_path)
        account.hears("one")
        with closing(sqlite3.connect(account.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            account.hears("two")
            assert account.store.is_failing
            assert account.texts() == ["one", "two"]
            other.execute("COMMIT")
        while account.store.is_failing:  # noqa: ASYNC110  # nothing is told, so nothing to wait for
            await asyncio.sleep(0.01)
        account.store.abandon()
        assert account.told == []

    run(main)
    assert kept(tmp_path) == ["one", "two"]


def test_a_file_that_another_does_not_let_go_of_is_told(tmp_path: Path) -> None:
    account = Account(tmp_path, SOON)
    with closing(sqlite3.connect(account.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        account.hears("one")
        assert account.told == []
        while not account.told:
            account.store.commit()
    assert len(account.told) == 1
    assert "locked" in account.told[0]


def test_what_the_archive_may_show_again_is_at_hand_however_long_ago_it_was(
    tmp_path: Path,
) -> None:
    account = Account(tmp_path)
    written = [f"{number}" for number in range(COPIED + 100)]
    for text in written:
        account.store.record(events.MessageWritten(BOB, archived(text, Route.WRITTEN)))
    account.store.record(events.SessionStarted(ALICE))
    account.store.record(events.CatchUpBegun())
    account.store.commit()
    [gap] = account.store.history.gaps.all()
    with closing(sqlite3.connect(account.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        account.hears("hello")
        assert account.store.is_failing
        page = [(BOB, archived(text)) for text in written[:2]]
        account.store.record(events.ArchivePaged(gap.number, page, "of-0", False))
        assert sorted(account.texts()) == sorted([*written, "hello"])
    account.store.close()


def test_what_waits_to_be_sent_keeps_its_place_however_long_ago_it_was_written(
    tmp_path: Path,
) -> None:
    """Each session puts it behind all that was said, and what is said since behind that."""
    account = Account(tmp_path, SOON)
    early = ["one", "two", "three"]
    for text in early:
        account.writes(text)
    account.hears(*map(str, range(COPIED)))
    account.store.record(events.SessionStarted(ALICE))
    account.store.commit()
    with closing(sqlite3.connect(account.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        account.hears("hello")
        assert account.store.is_failing
        account.store.record(events.SessionStarted(ALICE))
        account.writes("late")
    while account.store.is_failing:
        account.store.commit()
    assert account.texts()[-5:] == ["hello", *early, "late"]
    account.store.close()


def archived(text: str, route: Route = Route.ARCHIVE) -> Message:
    """What alice wrote, as the archive has it or as she did."""
    return Message(
        *(text, ALICE, text, NOON, True, Fate.ACKNOWLEDGED),
        route=route,
        origin_id=text,
        archive_id=f"of-{text}" if route is Route.ARCHIVE else "",
    )


# Damaged.


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 9000])
def test_what_is_no_database_is_set_aside_and_another_begins(
    tmp_path: Path, content: bytes
) -> None:
    path = Account(tmp_path).path
    for each in tmp_path.iterdir():
        each.unlink()
    path.write_bytes(content)
    account = Account(tmp_path)
    assert len(account.told) == 1
    [aside] = asides(tmp_path)
    assert aside.name in account.told[0]
    assert aside.read_bytes() == content
    account.hears("one")
    account.store.close()
    assert kept(tmp_path) == ["one"]


def test_a_file_that_was_cut_off_is_set_aside(tmp_path: Path) -> None:
    account = Account(tmp_path)
    account.hears(*(f"{number}" for number in range(500)))
    account.store.close()
    os.truncate(account.path, os.path.getsize(account.path) // 2)
    account = Account(tmp_path)
    account.hears("after")
    assert len(account.told) == 1
    assert len(asides(tmp_path)) == 1
    account.store.close()
    assert kept(tmp_path)[-1] == "after"


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_damaged_is_told_at_most_once_and_chat_goes_on(
    tmp_path: Path, seed: int
) -> None:
    account = Account(tmp_path)
    texts = [f"{number}" for number in range(500)]
    account.hears(*texts)
    account.store.close()
    damage(account.path, 0.3, seed)
    account = Account(tmp_path)
    account.store.restore()
    found = account.texts()
    account.store.find("7", 10)
    account.hears("after")
    account.writes("answer")
    assert len(account.told) == len(asides(tmp_path)) <= 1
    assert account.texts()[-2:] == ["after", "answer"]
    assert account.pending() == ["answer"]
    assert not account.store.is_failing
    # What is there after that is in its order, and nothing of it is made up.
    assert [text for text in texts if text in set(found)] == found
    account.store.close()
    assert kept(tmp_path)[-2:] == ["after", "answer"]


def test_the_check_after_a_bad_end_finds_what_no_reading_would(tmp_path: Path) -> None:
    """It is told once, what can be read goes on, and the archive has the rest."""
    account = Account(tmp_path)
    account.store.record(events.SessionStarted(ALICE))
    account.store.record(events.CatchUpBegun())
    [gap] = account.store.history.gaps.all()
    account.store.record(events.ArchiveEnded(gap.number))
    account.hears("one", "two")
    account.writes("queued")
    account.store.close()
    with closing(open_file(account.path)) as db:
        db.execute("REPLACE INTO fact VALUES (0, 'is open', 1)")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'contact'").fetchone()
    with account.path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)
    account = Account(tmp_path)
    assert account.told == []
    message = Message("late", BOB, "late", NOON)
    account.store.record(events.MessageReceived(BOB, message))

    async def main(mainloop: EpollMainLoop) -> None:
        await account.store.check()
        await account.store.check()

    run(main)
    assert len(account.told) == len(asides(tmp_path)) == 1
    assert account.texts() == ["one", "two", "queued", "late"]
    assert account.pending() == ["queued"]
    [past] = account.store.history.gaps.all()
    assert (past.after, past.before, past.is_missed) == ("", "of-one", False)
    account.hears("three")
    account.store.close()
    assert kept(tmp_path) == ["one", "two", "queued", "late", "three"]


def test_when_one_has_set_the_file_aside_the_other_goes_on_with_the_new_one(
    tmp_path: Path,
) -> None:
    one, other = Account(tmp_path), Account(tmp_path)
    one.hears(*(f"{number} {'word ' * 100}" for number in range(200)))
    other.hears("of the other")
    for account in (one, other):
        db = account.store._db
        assert db is not None
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        db.execute("PRAGMA shrink_memory")
    damage(one.path)
    for account in (one, other):
        account.store.restore()
        account.texts()
        account.hears(f"after {account.store.slot}")
        account.texts()
    [aside] = asides(tmp_path)
    assert aside.with_name(f"{aside.name}-wal").exists()
    for account in (one, other):
        assert not account.store.is_failing
        assert account.texts()[-2:] == ["after 0", "after 1"]
        account.store.close()


# Of another version.


def test_a_file_of_a_newer_version_is_left_alone_and_told(tmp_path: Path) -> None:
    account = Account(tmp_path)
    account.hears("one")
    account.store.close()
    with closing(sqlite3.connect(account.path)) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    content = account.path.read_bytes()
    account = Account(tmp_path, SOON)
    account.hears("two")
    account.store.commit()
    account.store.close()
    assert len(account.told) == 1
    assert "newer termxmpp" in account.told[0]
    assert account.path.read_bytes() == content
    assert asides(tmp_path) == []
