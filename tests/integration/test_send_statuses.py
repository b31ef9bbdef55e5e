"""Each exit status of `--send`, made to happen; and what was delivered is exactly what is told."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from termxmpp.core.jid import Jid
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.script.keepsake import Keepsake
from termxmpp.script.link import Link
from termxmpp.script.send import SendOptions, send
from termxmpp.xmpp.resolver import Resolver
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.terms import ConnectionSettings
from tests.support.authority import Authority
from tests.support.nameserver import nameserver
from tests.support.peer import Peer, serve
from tests.support.proxy import FaultProxy
from tests.support.sending import (
    begin_send,
    command,
    environment,
    listening,
    run_send,
    sends,
)

BOB = "bob@localhost"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ({}, "has no address in the DNS"),
        ({"_xmpp-client._tcp.shop.example SRV": "0 0 0 ."}, "has no XMPP service for clients"),
    ],
)
def test_a_host_that_the_dns_does_not_know_is_68(
    tmp_path: Path, zone: dict[str, str], words: str
) -> None:
    out, err = io.StringIO(), io.StringIO()
    settings = ConnectionSettings(Jid.parse("alice@shop.example"))

    async def main(mainloop: EpollMainLoop) -> int:
        async with nameserver(zone) as server:
            resolver = Resolver([server.address], hosts_file=tmp_path / "none", timeout=5)
            return await send(
                lambda complain: Link(
                    mainloop,
                    settings,
                    Credentials("alice", "wonder"),
                    Keepsake(tmp_path / "token"),
                    timeout=5,
                    complain=complain,
                    resolver=resolver,
                ),
                SendOptions(("bob@shop.example",), "hello", as_json=True),
                out,
                err,
            )

    assert run(main) == 68
    assert words in err.getvalue()
    record = json.loads(out.getvalue())
    assert (record["outcome"], record["status"]) == ("unsent", 68)


@pytest.mark.parametrize(
    ("names", "until", "words"),
    [
        (("other.example",), timedelta(days=1), "the certificate is for other.example"),
        (("localhost",), timedelta(hours=-1), "expired"),
    ],
)
def test_a_certificate_of_somebody_else_or_of_yesterday_is_76(
    tmp_path: Path, names: tuple[str, ...], until: timedelta, words: str
) -> None:
    authority = Authority(tmp_path)
    identity = authority.issue(*names, since=-timedelta(days=2), until=until)

    async def shows_it(peer: Peer) -> None:
        await peer.secures(identity.context())

    async def main() -> tuple[int | None, str, str]:
        async with serve(shows_it) as served:
            child = await asyncio.create_subprocess_exec(
                *command(Somewhere(served.port, authority.ca_file), "--json", "--send", BOB, "x"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(),
            )
            async with asyncio.timeout(60):
                out, err = await child.communicate()
            return child.returncode, out.decode(), err.decode()

    status, out, err = asyncio.run(main())
    assert status == 76
    assert words in err
    assert json.loads(out)["outcome"] == "unsent"


class Somewhere:
    """A place where something answers."""

    host = "127.0.0.1"

    def __init__(self, port: int, ca_file: Path) -> None:
        self.port = port
        self.ca_file = ca_file


@pytest.mark.parametrize(
    "said", ["<html>hello</html>", "220 mail.example ESMTP\r\n", "<stream:stream", "\0\0"]
)
def test_who_speaks_something_else_is_76_or_69(tmp_path: Path, said: str) -> None:
    async def babbles(peer: Peer) -> None:
        peer.say(said)
        await peer.hears("<stream")

    authority = Authority(tmp_path)

    async def main() -> tuple[int | None, str]:
        async with serve(babbles) as served:
            place = Somewhere(served.port, authority.ca_file)
            sent = await sends(place, "--json", "--send", BOB, "hello")
            assert sent.fates == [(BOB, "unsent")]
            return sent.status, sent.err

    status, err = asyncio.run(main())
    assert status in (69, 76)
    assert "unsent: bob@localhost: hello" in err


def test_nobody_at_a_server_and_no_such_server_are_67(prosody: PrivateProsody) -> None:
    to = ("nobody@localhost", "bob@elsewhere.invalid", BOB)
    sent = asyncio.run(sends(prosody, "--json", *(f"--send={each}" for each in to), "hello"))
    assert sent.status == 67
    assert sent.fates == [(to[0], "bounced"), (to[1], "bounced"), (to[2], "sent")]
    assert "service-unavailable" in sent.err
    assert "not-allowed" in sent.err


def test_a_server_that_dies_between_the_message_and_its_word_leaves_it_unknown() -> None:
    """The server has handed it on, and nobody can know: it is 75, and no more is claimed."""
    server = PrivateProsody({"alice": "wonder", "bob": "build"})

    async def main(mainloop: EpollMainLoop) -> None:
        async with (
            FaultProxy(server.host, server.port) as proxy,
            listening(mainloop, server) as ear,
        ):
            place = f"127.0.0.1:{proxy.port}"
            child = await begin_send(server, "--json", "--lines", "--send", BOB, place=place)
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(b"one\n")
            assert json.loads(await child.stdout.readline())["outcome"] == "sent"
            proxy.swallow("down")
            child.stdin.write(b"two\n")
            await ear.hears_text("two")
            server.stop(kills=True)
            proxy.cut()
            out, err = await child.communicate()
            assert child.returncode == 75
            record = json.loads(out)
            assert (record["text"], record["outcome"]) == ("two", "unknown")
            assert b"unknown: bob@localhost: two" in err

    try:
        server.start()
        run(main)
    finally:
        server.close()


@pytest.mark.parametrize("has_arrived", [True, False])
def test_with_retry_the_session_goes_on_and_what_was_sent_is_proven_and_comes_once(
    prosody: PrivateProsody, has_arrived: bool
) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with (
            FaultProxy(prosody.host, prosody.port) as proxy,
            listening(mainloop, prosody) as ear,
        ):
            place = f"127.0.0.1:{proxy.port}"
            wish = ("--json", "--lines", "--retry", "30", "--send", BOB)
            child = await begin_send(prosody, *wish, place=place)
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(b"one\n")
            assert json.loads(await child.stdout.readline())["outcome"] == "sent"
            proxy.swallow("down")
            child.stdin.write(b"two\n")
            if has_arrived:
                await ear.hears_text("two")
            proxy.pass_all()
            proxy.cut()
            child.stdin.write(b"three\n")
            told = [json.loads(await child.stdout.readline()) for _ in range(2)]
            assert [(each["text"], each["outcome"]) for each in told] == [
                ("two", "sent"),
                ("three", "sent"),
            ]
            child.stdin.close()
            assert await child.wait() == 0
            await ear.hears_text("three")
            said = [each.body for each in ear.heard]
            assert said[-3:] == ["one", "two", "three"]

    run(main)


def test_without_retry_a_link_that_breaks_is_the_end_and_temporary(
    prosody: PrivateProsody,
) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with FaultProxy(prosody.host, prosody.port) as proxy:
            place = f"127.0.0.1:{proxy.port}"
            child = await begin_send(prosody, "--json", "--lines", "--send", BOB, place=place)
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(b"one\n")
            assert json.loads(await child.stdout.readline())["outcome"] == "sent"
            proxy.cut()
            assert child.stderr is not None
            err = await child.stderr.read()
            assert await child.wait() == 75
            child.stdin.close()
            assert b"The connection broke" in err
            assert b"unsent" not in err

    run(main)


def test_a_closed_standard_input_is_an_empty_message(prosody: PrivateProsody) -> None:
    words = " ".join(f"'{each}'" for each in command(prosody, "--send", BOB))
    ran = subprocess.run(
        ["/bin/sh", "-c", f"exec {words} <&-"],
        capture_output=True,
        timeout=60,
        check=False,
        env=environment(),
    )
    assert ran.returncode == 65
    assert b"empty" in ran.stderr


def test_a_wrong_configuration_is_78_and_names_the_place(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[account."alice@localhost"]\npasword_file = "x"\n')
    ran = run_send(prosody, "--config", str(path), "--send", BOB, "hello")
    assert ran.returncode == 78
    assert b"config.toml" in ran.stderr
    assert b"password_file" in ran.stderr


def test_a_text_that_is_too_long_is_65_and_the_others_go(prosody: PrivateProsody) -> None:
    long = "x" * 300_000
    lines = f"one\n{long}\ntwo\n".encode()
    sent = asyncio.run(sends(prosody, "--json", "--lines", "--send", BOB, stdin=lines))
    assert sent.status == 65
    fates = {each["text"][:3]: each["outcome"] for each in sent.records}
    assert fates == {"one": "sent", "xxx": "unsent", "two": "sent"}
    assert "too long for one message" in sent.err
