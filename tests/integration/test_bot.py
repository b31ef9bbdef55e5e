"""A plain pyxmpp2 bot on EpollMainLoop, as in the README, against both servers.

No asyncio, pyxmpp2's own settings, transport and TLS: what is mended of them in the port.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from termxmpp.core.events import Event, MessageReceived, PresenceChanged
from termxmpp.core.jid import Jid
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.version import VersionPayload
from tests.support.account import PATIENCE, LiveServer, Place, happened, online
from tests.support.ejabberd import PrivateEjabberd

USERS = {"alice": "wonder", "bob": "build"}
BOT = Jid.parse("alice@localhost/bot")

Kind = Callable[[dict[str, str]], PrivateProsody | PrivateEjabberd]
KINDS: tuple[Kind, ...] = (PrivateProsody, PrivateEjabberd)

FAREWELL = "good night"

# How long a state is watched (seconds).
WATCHED = 3


class Bot:
    """`tests.support.bot` in a process of its own."""

    def __init__(self, server: Place, ca_file: Path, *options: str, address: Jid = BOT) -> None:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.support.bot", str(address), USERS["alice"]),
                *(str(server.port), str(ca_file), *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._heard = b""
        self.said: list[str] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    def hears(self, words: str) -> str:
        """Wait for the line that begins with `words`; the rest of it."""
        assert self._process.stdout is not None
        end = time.monotonic() + PATIENCE
        while True:
            line, newline, rest = self._heard.partition(b"\n")
            if newline:
                self._heard = rest
                self.said.append(line.decode())
                if line.decode().startswith(words):
                    return line.decode().removeprefix(words).strip()
                continue
            left = end - time.monotonic()
            assert left > 0, f"waited for {words!r}"
            assert select.select([self._process.stdout], [], [], left)[0], f"waited for {words!r}"
            data = os.read(self._process.stdout.fileno(), 65536)
            assert data, f"the bot ended before it said {words!r}"
            self._heard += data

    def waits(self) -> int:
        """How often the loop has returned from waiting; being asked does not count."""
        self._process.send_signal(signal.SIGUSR1)
        return int(self.hears("waits"))

    def processor_time(self) -> float:
        """Seconds of processor used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def burns(self, seconds: float = WATCHED) -> tuple[int, float]:
        """Waits and processor time within some seconds."""
        waits, used = self.waits(), self.processor_time()
        time.sleep(seconds)
        return self.waits() - waits, self.processor_time() - used

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def bot_at(server: LiveServer, *options: str, address: Jid = BOT) -> Iterator[Bot]:
    with closing(Bot(server, server.ca_file, *options, address=address)) as bot:
        yield bot


def why_refused(bot: Bot) -> str:
    """What the bot's log says when it has left a server that it never was let in by."""
    bot.hears("disconnected")
    assert not any(line.startswith("online") for line in bot.said)
    return "\n".join(bot.said)


@contextmanager
def bot_at_door(ca_file: Path, *, backlog: int = 5) -> Iterator[tuple[Bot, socket.socket]]:
    """The bot, and the listener that it knocks at in place of a server."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(backlog)
        door.settimeout(PATIENCE)
        place = Door(door.getsockname()[1], ca_file)
        with closing(Bot(place, ca_file)) as bot:
            yield bot, door


@dataclass(frozen=True)
class Door:
    """Where the bot is sent in place of a server."""

    port: int
    ca_file: Path
    host: str = "127.0.0.1"


def hear(visitor: socket.socket, end: bytes) -> None:
    """Read until the visitor has said `end`."""
    said = b""
    while end not in said:
        data = visitor.recv(65536)
        assert data, said
        said += data


def lead_to_tls(visitor: socket.socket) -> None:
    """The server's part up to the point where the visitor begins with TLS."""
    hear(visitor, b">")
    visitor.sendall(
        b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='one' version='1.0' "
        b"xmlns:stream='http://etherx.jabber.org/streams' from='localhost'><stream:features>"
        b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
        b"</stream:features>"
    )
    hear(visitor, b"starttls")
    visitor.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    # The record of the ClientHello: type, version, length.
    hear(visitor, b"\x16\x03\x01")


def ask(server: LiveServer, text: str) -> tuple[str, str]:
    """What the bot answers to `text`, and what it says it is."""
    answers: list[str] = []

    def is_answer(event: Event) -> bool:
        if isinstance(event, MessageReceived) and event.message.author == BOT:
            answers.append(event.message.text)
        return bool(answers)

    async def talk(mainloop: EpollMainLoop) -> str:
        async with online(mainloop, server, "bob@localhost/asker", USERS["bob"]) as bob:
            async with happened(bob, is_answer):
                bob.send_xml(f"<message to='{BOT}' type='chat'><body>{text}</body></message>")
            version = (await bob.get(BOT, VersionPayload())).get(VersionPayload)
            return version.name if version else ""

    name = run(talk)
    return answers[0], name


def test_it_logs_in_by_tls_1_3_answers_and_sleeps(server: LiveServer) -> None:
    with bot_at(server) as bot:
        assert bot.hears("online") == "TLSv1.3"
        assert ask(server, "hello") == ("echo: hello", "Echo Bot")
        waits, used = bot.burns()
        # pyxmpp2's client does its regular tasks once a second.
        assert waits <= WATCHED + 1
        assert used <= 0.05


@pytest.mark.parametrize(
    "make",
    [
        partial(PrivateProsody, protocol="tlsv1_2"),
        partial(PrivateEjabberd, options=["no_tlsv1_3", "no_tlsv1_1", "no_tlsv1"]),
    ],
    ids=["prosody", "ejabberd"],
)
def test_it_logs_in_by_tls_1_2(make: Kind) -> None:
    with closing(make(USERS)) as server:
        server.start()
        with bot_at(server) as bot:
            assert bot.hears("online") == "TLSv1.2"
            assert ask(server, "hello")[0] == "echo: hello"


@pytest.mark.parametrize("kind", KINDS)
def test_who_asks_to_see_it_sees_it(kind: Kind) -> None:
    async def look(mainloop: EpollMainLoop) -> None:
        async with (
            online(mainloop, server, "bob@localhost/asker", USERS["bob"]) as bob,
            happened(bob, lambda event: isinstance(event, PresenceChanged) and event.jid == BOT),
        ):
            bob.send_xml(f"<presence to='{BOT.bare}' type='subscribe'/>")

    with closing(kind(USERS)) as server:
        server.start()
        with bot_at(server) as bot:
            bot.hears("online")
            run(look)


def test_it_trusts_no_certificate_that_nobody_vouches_for(
    server: LiveServer, prosody: PrivateProsody, ejabberd: PrivateEjabberd
) -> None:
    other = ejabberd if server is prosody else prosody
    with closing(Bot(server, other.ca_file)) as bot:
        assert "certificate verify failed" in why_refused(bot)
        waits, used = bot.burns()
        assert waits <= WATCHED + 1
        assert used <= 0.05


def test_it_trusts_no_certificate_of_another_host() -> None:
    with closing(PrivateEjabberd(USERS, certified_as="elsewhere.example")) as server:
        server.start()
        with bot_at(server) as bot:
            assert "not valid for 'localhost'" in why_refused(bot)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kills", [False, True], ids=["stopped", "killed"])
def test_without_its_server_it_does_not_burn_and_comes_back_when_told_to(
    kind: Kind, kills: bool
) -> None:
    with closing(kind(USERS)) as server:
        server.start()
        other = BOT.with_resource("left")
        with bot_at(server, address=other) as left, bot_at(server, "reconnects") as back:
            left.hears("online")
            back.hears("online")
            server.stop(kills=kills)
            left.hears("disconnected")
            waits, used = left.burns()
            assert waits <= WATCHED + 1
            assert used <= 0.05
            back.hears("disconnected")
            server.start()
            assert back.hears("online")
            assert ask(server, "again")[0] == "echo: again"


def test_an_address_that_never_answers_is_waited_for_asleep(prosody: PrivateProsody) -> None:
    """A listener with a full queue drops who knocks, as a firewall does."""
    with closing(socket.socket()) as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        callers = [socket.socket() for _ in range(2)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(hole.getsockname())
        place = Door(hole.getsockname()[1], prosody.ca_file)
        with closing(Bot(place, prosody.ca_file)) as bot:
            bot.hears("started")
            waits, used = bot.burns()
            assert waits <= WATCHED + 1
            assert used <= 0.05
            assert "disconnected" not in bot.said
        for caller in callers:
            caller.close()


def test_tls_that_stops_after_one_byte_is_waited_for_asleep(prosody: PrivateProsody) -> None:
    with bot_at_door(prosody.ca_file) as (bot, door):
        visitor, _ = door.accept()
        with visitor:
            lead_to_tls(visitor)
            visitor.sendall(b"\x16")
            waits, used = bot.burns()
            assert waits <= WATCHED + 2
            assert used <= 0.05


@pytest.mark.parametrize("is_in_tls", [False, True], ids=["in the stream", "in the handshake"])
def test_a_reset_is_told_and_slept_over(prosody: PrivateProsody, is_in_tls: bool) -> None:
    with bot_at_door(prosody.ca_file) as (bot, door):
        visitor, _ = door.accept()
        with visitor:
            if is_in_tls:
                lead_to_tls(visitor)
            else:
                hear(visitor, b">")
            visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        bot.hears("disconnected")
        waits, used = bot.burns()
        assert waits <= WATCHED + 1
        assert used <= 0.05


def test_when_it_leaves_itself_it_sleeps(server: LiveServer) -> None:
    async def send_away(mainloop: EpollMainLoop) -> None:
        async with online(mainloop, server, "bob@localhost/asker", USERS["bob"]) as bob:
            bob.send_xml(f"<message to='{BOT}' type='chat'><body>{FAREWELL}</body></message>")
            await bob.prove(PATIENCE)

    with bot_at(server, f"farewell={FAREWELL}") as bot:
        bot.hears("online")
        run(send_away)
        bot.hears("disconnected")
        waits, used = bot.burns()
        assert waits <= WATCHED + 1
        assert used <= 0.05
        descriptors = [os.readlink(each) for each in Path(f"/proc/{bot.pid}/fd").iterdir()]
        assert not any(each.startswith("socket:") for each in descriptors)
