"""A plain pyxmpp2 bot on EpollMainLoop, as in the README, against both servers.

No asyncio, pyxmpp2's own settings, transport and TLS: what is mended of them in the port.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from termxmpp.core.events import Event, MessageReceived
from termxmpp.core.jid import Jid
from termxmpp.demo.server import PrivateProsody
from termxmpp.features.version import VersionPayload
from termxmpp.mainloop import EpollMainLoop, run
from tests.support.account import PATIENCE, LiveServer, happened, online
from tests.support.ejabberd import PrivateEjabberd

USERS = {"alice": "wonder", "bob": "build"}
BOT = Jid.parse("alice@localhost/bot")

# How long a state is watched (seconds).
WATCHED = 3


class Bot:
    """`tests.support.bot` in a process of its own."""

    def __init__(
        self, server: LiveServer, ca_file: Path, *options: str, address: Jid = BOT
    ) -> None:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.support.bot", str(address), USERS["alice"]),
                *(str(server.port), str(ca_file), *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._heard = b""

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
        """How often the loop has returned from waiting; being asked is one."""
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
        return self.waits() - waits - 1, self.processor_time() - used

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def bot_at(server: LiveServer, *options: str, address: Jid = BOT) -> Iterator[Bot]:
    bot = Bot(server, server.ca_file, *options, address=address)
    try:
        yield bot
    finally:
        bot.close()


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


@pytest.mark.parametrize("kind", ["prosody", "ejabberd"])
def test_it_logs_in_by_tls_1_2(kind: str) -> None:
    server: PrivateProsody | PrivateEjabberd
    if kind == "prosody":
        server = PrivateProsody(USERS, protocol="tlsv1_2")
    else:
        server = PrivateEjabberd(USERS, options=["no_tlsv1_3", "no_tlsv1_1", "no_tlsv1"])
    try:
        server.start()
        with bot_at(server) as bot:
            assert bot.hears("online") == "TLSv1.2"
            assert ask(server, "hello")[0] == "echo: hello"
    finally:
        server.close()


def test_it_trusts_no_certificate_that_nobody_vouches_for(
    server: LiveServer, prosody: PrivateProsody, ejabberd: PrivateEjabberd
) -> None:
    other = ejabberd if server is prosody else prosody
    bot = Bot(server, other.ca_file)
    try:
        bot.hears("disconnected")
        waits, used = bot.burns()
        assert waits <= WATCHED + 1
        assert used <= 0.05
    finally:
        bot.close()


@pytest.mark.parametrize("kind", [PrivateProsody, PrivateEjabberd])
@pytest.mark.parametrize("kills", [False, True], ids=["stopped", "killed"])
def test_without_its_server_it_does_not_burn_and_comes_back_when_told_to(
    kind: type[PrivateProsody] | type[PrivateEjabberd], kills: bool
) -> None:
    server = kind(USERS)
    try:
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
    finally:
        server.close()
