"""The socket of the running termxmpp, from both of its sides."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from xml.etree.ElementTree import Element

import pytest

from termxmpp import rendezvous
from termxmpp.errors import ConnectionFailed
from termxmpp.gate import UNDER_WAY, Gate
from termxmpp.script.nearby import send_nearby
from termxmpp.script.report import Delivery, Outcome
from termxmpp.script.running import running
from termxmpp.script.send import SendOptions
from termxmpp.script.through import deliver
from termxmpp.script.unread import unread
from tests.support.harness import ALICE, BOB, Actor
from tests.support.rooms import CLUB, enters, said

FROM_BOB = (
    "<message from='bob@example.org/x' to='alice@example.org' type='chat' id='{id}'>"
    "<body>hi</body></message>"
)
CONFERENCE = (
    "<iq type='result' id='{id}' from='{jid}'>"
    "<query xmlns='http://jabber.org/protocol/disco#info'>"
    "<identity category='conference' type='text'/></query></iq>"
)
Result = TypeVar("Result")


class House:
    """Alice's termxmpp with its gate, in the folder `place`."""

    def __init__(self, actor: Actor, place: Path) -> None:
        self.actor = actor
        self.place = place
        self.gate = Gate(actor.workspace, place)
        self.told: list[Delivery] = []
        actor.run(self.gate.open)

    def close(self) -> None:
        self.actor.run(self.gate.close)

    def answers(self, function: Callable[[], Result]) -> Result:
        """What the script `function` gets, that runs beside the house's loop."""
        results: list[Result] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                results.append(function())
            except BaseException as error:
                errors.append(error)
            self.actor.loop.call_soon_threadsafe(ended.set)

        async def beside() -> None:
            thread.start()
            await ended.wait()

        ended = asyncio.Event()
        thread = threading.Thread(target=work)
        self.actor.loop.run_until_complete(beside())
        thread.join()
        if errors:
            raise errors[0]
        return results[0]

    def said(self, *lines: str, count: int = 1) -> list[dict[str, Any]]:
        """The first `count` answers to these lines."""

        async def talk() -> list[dict[str, Any]]:
            reader, writer = await asyncio.open_unix_connection(self.gate.path)
            writer.write("".join(f"{line}\n" for line in lines).encode())
            found = [json.loads(await reader.readline()) for _ in range(count)]
            writer.close()
            await writer.wait_closed()
            return found

        return self.actor.loop.run_until_complete(talk())

    def delivers(self, *recipients: str, **options: Any) -> tuple[list[Delivery], list[str]]:
        """What a script is told that sends through it, and who is left to it."""
        told = self.told = []

        def script() -> list[str]:
            there = running("alice@example.org", self.place)
            assert there is not None
            with there:
                return deliver(
                    there, "alice@example.org", recipients, "hello", told.append, **options
                )

        left = self.answers(script)
        return told, left

    async def message_sent(self) -> Element:
        """The first message that was sent, as soon as the server is asked to confirm it."""
        await self.actor.server.is_asked.wait()
        return next(each for each in self.actor.server.sent if each.tag.endswith("message"))

    def confirms_all(self) -> None:
        """Let the server confirm whatever is sent, as soon as it is asked to."""

        async def confirm() -> None:
            while True:
                await self.actor.server.is_asked.wait()
                self.actor.server.is_asked.clear()
                await asyncio.sleep(0)
                self.actor.server.confirms()

        self._confirming = self.actor.loop.create_task(confirm())


@pytest.fixture
def house(alice: Actor, tmp_path: Path) -> Iterator[House]:
    house = House(alice, tmp_path / "run")
    yield house
    confirming = getattr(house, "_confirming", None)
    if confirming is not None:
        confirming.cancel()
    house.close()


def test_only_the_user_can_reach_the_socket(house: House) -> None:
    assert house.gate.path is not None
    assert stat.S_IMODE(house.place.stat().st_mode) == 0o700
    assert stat.S_IMODE(house.gate.path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_is_not_answered_even_if_the_files_let_him(house: House) -> None:
    assert house.gate.path is not None
    for path in (house.gate.path, house.place, *house.place.parents):
        if path == Path("/tmp"):
            break
        path.chmod(0o777)
    script = (
        "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
        """s.send(b'{"v":1,"do":"unread"}\\n'); print(s.recv(100))"""
    )

    async def ask() -> bytes:
        child = await asyncio.create_subprocess_exec(
            "/usr/bin/python3",
            "-c",
            script,
            str(house.gate.path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=65534,
        )
        return (await child.communicate())[0]

    told = house.actor.loop.run_until_complete(ask())
    assert told == b"b''\n" or b"ConnectionResetError" in told or b"BrokenPipe" in told


def test_a_folder_that_others_can_reach_into_is_not_used(tmp_path: Path) -> None:
    place = tmp_path / "open"
    place.mkdir()
    place.chmod(0o777)
    with pytest.raises(PermissionError):
        rendezvous.listening(place)
    assert list(rendezvous.connected(place, 1.0)) == []


def test_what_a_killed_termxmpp_left_is_taken_away_by_the_next(tmp_path: Path) -> None:
    place = tmp_path / "run"
    killed, left = rendezvous.listening(place)
    killed.close()
    sock, path = rendezvous.listening(place)
    sock.close()
    assert not left.exists()
    assert path.exists()


def test_the_folder_is_that_of_the_session_or_stands_for_it() -> None:
    assert rendezvous.folder({"XDG_RUNTIME_DIR": "/run/user/7"}) == Path("/run/user/7/termxmpp")
    assert rendezvous.folder({"XDG_RUNTIME_DIR": "run"}).is_absolute()


def test_when_it_ends_its_socket_is_gone(alice: Actor, tmp_path: Path) -> None:
    house = House(alice, tmp_path)
    house.place.chmod(0o700)
    house.close()
    assert house.gate.path is None or not house.gate.path.exists()


def test_unread_tells_how_much_nobody_has_seen(house: House) -> None:
    house.actor.receives(FROM_BOB.format(id=1), FROM_BOB.format(id=2))
    [told] = house.said('{"v": 1, "do": "unread", "tag": "x"}')
    assert told == {
        "v": 1,
        "tag": "x",
        "accounts": [
            {
                "account": "alice@example.org",
                "state": "online",
                "unread": 2,
                "mentions": 0,
                "conversations": [
                    {"with": "bob@example.org", "name": "Bob", "unread": 2, "mentions": 0}
                ],
            }
        ],
    }


def test_a_status_bar_gets_two_numbers(house: House) -> None:
    house.actor.receives(FROM_BOB.format(id=1))
    out = io.StringIO()
    ask = lambda: unread("", out, as_json=False, place=house.place)  # noqa: E731
    assert house.answers(ask) == 0
    assert out.getvalue() == "1\t0\n"
    house.actor.looks_at(BOB)
    house.answers(ask)
    assert out.getvalue() == "1\t0\n0\t0\n"


def test_a_status_bar_can_have_it_as_json(house: House) -> None:
    out = io.StringIO()
    house.answers(lambda: unread("alice@example.org", out, as_json=True, place=house.place))
    told = json.loads(out.getvalue())
    assert (told["v"], told["unread"], told["mentions"]) == (1, 0, 0)
    assert [each["account"] for each in told["accounts"]] == ["alice@example.org"]


def test_where_none_runs_that_is_told(house: House, tmp_path: Path) -> None:
    out = io.StringIO()
    with pytest.raises(ConnectionFailed, match="No termxmpp runs"):
        unread("", out, as_json=False, place=tmp_path / "elsewhere")
    with pytest.raises(ConnectionFailed, match=r"carol@example\.org"):
        house.answers(lambda: unread("carol@example.org", out, as_json=True, place=house.place))
    assert out.getvalue() == ""


def test_the_command_asks_without_connecting(house: House, tmp_path: Path) -> None:
    house.actor.receives(FROM_BOB.format(id=1))
    (house.place.parent / "termxmpp").symlink_to(house.place)

    async def ask(place: Path) -> tuple[int | None, bytes, bytes]:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "termxmpp", "--unread"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(os.environ, XDG_RUNTIME_DIR=str(place)),
        )
        return child.returncode, *await child.communicate()

    # A link is none of the user's own folders.
    _, out, err = house.actor.loop.run_until_complete(ask(tmp_path))
    assert (out, err) == (b"", b"termxmpp: No termxmpp runs.\n")
    (house.place.parent / "termxmpp").unlink()
    house.place.rename(house.place.parent / "termxmpp")
    _, out, err = house.actor.loop.run_until_complete(ask(tmp_path))
    assert (out, err) == (b"1\t0\n", b"")


def test_a_script_sends_through_it_and_hears_the_fate(house: House) -> None:
    house.confirms_all()
    told, left = house.delivers("bob@example.org")
    assert left == []
    assert [(each.to, each.outcome, each.status) for each in told] == [
        ("bob@example.org", Outcome.PROVEN, 0)
    ]
    assert [each.text for each in house.actor.client.state.conversation(BOB).entries] == ["hello"]


def test_nothing_is_waited_for_where_nothing_is_to_be(house: House) -> None:
    told, left = house.delivers("bob@example.org", wait="none")
    assert ([each.outcome for each in told], left) == ([Outcome.GIVEN], [])


def test_a_receipt_is_waited_for_if_that_is_asked(house: House) -> None:
    async def answer() -> None:
        actor = house.actor
        sent = await house.message_sent()
        actor.server.confirms()
        await asyncio.sleep(0.05)
        actor.server.receives(
            "<message from='bob@example.org/x' to='alice@example.org/here'>"
            f"<received xmlns='urn:xmpp:receipts' id='{sent.get('id')}'/></message>"
        )

    answering = house.actor.loop.create_task(answer())
    told, _ = house.delivers("bob@example.org", wait="receipt")
    assert [each.outcome for each in told] == [Outcome.PROVEN]
    assert answering.done()


def test_a_bounce_is_told_with_its_reason(house: House) -> None:
    async def answer() -> None:
        actor = house.actor
        sent = await house.message_sent()
        actor.server.receives(
            f"<message type='error' from='bob@example.org' id='{sent.get('id')}'>"
            "<error type='cancel'><service-unavailable "
            "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
        )

    answering = house.actor.loop.create_task(answer())
    [told], _ = house.delivers("bob@example.org")
    assert (told.outcome, told.status) == (Outcome.BOUNCED, 67)
    assert "service-unavailable" in told.reason
    assert answering.done()


def test_what_is_not_proven_in_time_is_unknown(house: House) -> None:
    [told], left = house.delivers("bob@example.org", timeout=0.1)
    assert (told.outcome, told.status, left) == (Outcome.UNKNOWN, 75, [])


def test_one_bad_recipient_does_not_stop_the_others(house: House) -> None:
    house.confirms_all()
    told, left = house.delivers("a b@c", "bob@example.org")
    assert left == []
    assert [(each.to, each.outcome, each.status) for each in told] == [
        ("a b@c", Outcome.UNSENT, 65),
        ("bob@example.org", Outcome.PROVEN, 0),
    ]


def test_a_room_that_it_is_not_in_is_left_to_the_script(house: House) -> None:
    house.confirms_all()
    house.actor.answers = lambda iq: (
        CONFERENCE.format(id=iq.get("id"), jid=iq.get("to"))
        if iq.get("to") == "club@rooms.example.org"
        else None
    )
    told, left = house.delivers("club@rooms.example.org", "bob@example.org", "bob@example.org/x")
    assert left == ["club@rooms.example.org", "bob@example.org/x"]
    assert [each.outcome for each in told] == [Outcome.PROVEN]


def test_in_a_room_that_it_is_in_the_reflection_is_the_proof(house: House) -> None:
    enters(house.actor, "bob")

    async def reflect() -> None:
        sent = await house.message_sent()
        assert sent.get("type") == "groupchat"
        # The word of one's own server is no proof.
        house.actor.server.confirms()
        await asyncio.sleep(0.05)
        assert house.told == []
        house.actor.server.receives(said("alice", "hello", sent.get("id") or ""))

    reflecting = house.actor.loop.create_task(reflect())
    told, left = house.delivers(str(CLUB))
    assert ([each.outcome for each in told], left) == ([Outcome.PROVEN], [])
    assert reflecting.done()


def test_a_stranger_is_written_to_after_he_is_known_to_be_no_room(house: House) -> None:
    house.confirms_all()
    house.actor.answers = lambda iq: (
        f"<iq type='error' id='{iq.get('id')}' from='{iq.get('to')}'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        if iq.get("to") == "eve@example.net"
        else None
    )
    told, left = house.delivers("eve@example.net")
    assert ([each.outcome for each in told], left) == ([Outcome.PROVEN], [])


def test_where_none_runs_everything_is_left_to_the_script(tmp_path: Path) -> None:
    out, options = io.StringIO(), SendOptions(("a@b", "c@d"), "x", as_json=True)
    left = send_nearby(ALICE, options, out, out, place=tmp_path)
    assert (left, out.getvalue()) == ((options, 0), "")


def test_an_account_that_is_not_online_there_is_not_there(house: House) -> None:
    house.actor.loses_the_link(ConnectionFailed("gone"))
    found = house.answers(lambda: running("alice@example.org", house.place))
    assert found is None
    [told] = house.said(
        '{"v":1,"do":"send","account":"alice@example.org","to":"bob@example.org","text":"x"}'
    )
    assert (told["elsewhere"], told["status"]) == (True, 69)


def test_when_it_ends_meanwhile_the_fate_is_unknown(house: House) -> None:
    async def end() -> None:
        await house.message_sent()
        await house.gate.close()

    ending = house.actor.loop.create_task(end())
    [told], left = house.delivers("bob@example.org")
    assert (told.outcome, told.status, left) == (Outcome.UNKNOWN, 75, [])
    assert "has ended" in told.reason
    assert ending.done()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "[]",
        "[" * 100_000,
        '{"do": "unread"}',
        '{"v": 2, "do": "unread"}',
        '{"v": 1, "do": "dance"}',
        '{"v": 1, "do": "send"}',
        '{"v": 1, "do": "send", "account": "alice@example.org", "to": 7, "text": 8}',
        '{"v": 1, "do": "send", "account": "alice@example.org", "to": 7, "text": "x"}',
        '{"v": 1, "do": "send", "account": "alice@example.org", "text": "x"}',
        '{"v": 1, "do": "send", "account": "alice@example.org", "to": "b@c", "text": " "}',
        '{"v": 1, "do": "send", "account": "alice@example.org", "to": "b@c", "text": "x", '
        '"wait": []}',
        '{"v": 1, "do": "send", "account": "eve@example.org", "to": "b@c", "text": "x"}',
        '{"v": 1, "do": "send", "account": "alice@example.org", "to": "b@c", "text": "x", "a": 1}',
        '{"v": 1, "do": "send", "tag": {"a": []}, "to": "", "text": "x"}',
    ],
)
def test_rubbish_is_refused_and_harms_nobody(house: House, line: str) -> None:
    refused, told = house.said(line, '{"v": 1, "do": "unread"}', count=2)
    assert "error" in refused
    assert refused["status"] in (64, 65, 69)
    assert "accounts" in told


def test_a_line_without_an_end_is_not_kept(house: House) -> None:
    async def talk() -> None:
        reader, writer = await asyncio.open_unix_connection(house.gate.path)
        writer.write(b"x" * (rendezvous.LARGEST_LINE + 100_000))
        with contextlib.suppress(ConnectionError):
            # Until it hangs up, which it does with some of it unread.
            await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    house.actor.loop.run_until_complete(talk())
    assert "accounts" in house.said('{"v": 1, "do": "unread"}')[0]


def test_with_much_under_way_no_more_is_read(house: House) -> None:
    line = '{"v":1,"do":"send","account":"alice@example.org","to":"bob@example.org","text":"x"}\n'

    async def talk() -> int:
        reader, writer = await asyncio.open_unix_connection(house.gate.path)
        writer.write(line.encode() * 3 * UNDER_WAY)
        for _ in range(UNDER_WAY):
            await reader.readline()
        await asyncio.sleep(0.1)
        sent = len([each for each in house.actor.server.sent if each.tag.endswith("message")])
        house.confirms_all()
        for _ in range(5 * UNDER_WAY):
            await reader.readline()
        writer.close()
        await writer.wait_closed()
        return sent

    # What the transport had read already is taken, and no more.
    most = 262_144 // len(line) + UNDER_WAY
    assert UNDER_WAY <= house.actor.loop.run_until_complete(talk()) <= most


def test_a_script_that_vanishes_leaves_nothing_behind(house: House) -> None:
    async def talk() -> None:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.setblocking(False)
            sock.connect(str(house.gate.path))
            sock.send(
                b'{"v":1,"do":"send","account":"alice@example.org","to":"bob@example.org",'
                b'"text":"x"}\n'
            )
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.05)

    house.actor.loop.run_until_complete(talk())
    assert len(house.actor.client.state.conversation(BOB).entries) == 1
    # The harness's own, and the workspace's.
    watching = [each for each in house.actor.client.observers if "_Caller" in repr(each)]
    assert watching == []
