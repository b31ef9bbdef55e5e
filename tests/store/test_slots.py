"""Instance slots: taken by one process at a time, and free again however it ends."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from termxmpp.store.slots import SLOTS, machine, take, take_slot

# Another process that takes the first free slot, and stays until it is killed or told to go on.
_OTHER = """
import sys
from pathlib import Path
from termxmpp.store.slots import take_slot
slot = take_slot(Path(sys.argv[1]))
print(slot.number, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alice@example.org.sqlite"


@contextmanager
def other(path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process, and the slot that it has taken."""
    command = [sys.executable, "-c", _OTHER, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())


def test_each_gets_the_first_that_is_free(path: Path) -> None:
    slots = [take_slot(path) for _ in range(3)]
    assert [slot.number for slot in slots if slot] == [0, 1, 2]
    assert slots[1] is not None
    slots[1].release()
    again = take_slot(path)
    assert again is not None
    assert again.number == 1


def test_a_slot_that_is_released_twice_is_still_the_next_ones(path: Path) -> None:
    first = take_slot(path)
    assert first is not None
    first.release()
    second = take_slot(path)
    first.release()
    assert second is not None
    assert take(path, 0) is None
    second.release()


def test_a_slot_that_another_has_is_not_given(path: Path) -> None:
    with other(path) as (process, number):
        assert number == 0
        assert take(path, 0) is None
        ours = take_slot(path)
        assert ours is not None
        assert ours.number == 1
        process.communicate()
    assert take(path, 0) is not None


def test_a_slot_is_free_when_its_process_was_killed(path: Path) -> None:
    with other(path) as (process, _):
        process.kill()
        process.wait()
        slot = take_slot(path)
        assert slot is not None
        assert slot.number == 0


def test_a_child_of_ours_does_not_keep_our_slot(path: Path) -> None:
    ours = take_slot(path)
    assert ours is not None
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False) as child:
        ours.release()
        assert take(path, 0) is not None
        child.communicate()


def test_when_all_are_taken_there_is_none(path: Path) -> None:
    taken = [take(path, number) for number in range(SLOTS)]
    assert take_slot(path) is None
    for slot in taken:
        assert slot is not None
        slot.release()


def test_the_slots_of_one_account_are_not_those_of_another(tmp_path: Path) -> None:
    names = ("alice@example.org.sqlite", "alice@example.com.sqlite", "alice@example.sqlite")
    numbers = [take_slot(tmp_path / name) for name in names]
    assert [slot.number for slot in numbers if slot] == [0, 0, 0]


def test_the_lock_is_the_users_alone(path: Path) -> None:
    assert take_slot(path) is not None
    [lock] = path.parent.iterdir()
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_where_no_lock_can_be_made_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        take_slot(tmp_path / "nowhere" / "alice.sqlite")


def test_a_machine_is_told_by_what_does_not_tell_its_id() -> None:
    assert machine() == machine()
    assert len(machine()) == 32
    identity = Path("/etc/machine-id")
    if identity.exists():
        assert identity.read_text().strip() not in machine()
