"""`--send` and what stands beside it: links, subjects, types, receipts, retries, raw stanzas."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from termxmpp.demo.server import PrivateProsody, free_port
from termxmpp.mainloop import EpollMainLoop, run
from tests.support.extensible import extensible_prosody
from tests.support.sending import begin_send, command, environment, listening, run_send, sends

BOB = "bob@localhost"


def test_a_link_says_what_is_to_be_said_and_how(prosody: PrivateProsody) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with listening(mainloop, prosody) as ear:
            link = f"xmpp:{BOB}?message;body=disk%20full;subject=Disk;type=headline"
            sent = await sends(prosody, "--json", "--send", link)
            assert (sent.status, sent.err) == (0, "")
            assert sent.fates == [(BOB, "sent")]
            await ear.hears()
            [said] = ear.heard
            assert (said.body, said.subject, said.type) == ("disk full", "Disk", "headline")

    run(main)


def test_subject_and_type_are_as_they_are_given_and_chat_is_the_type_else(
    prosody: PrivateProsody,
) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with listening(mainloop, prosody) as ear:
            await sends(prosody, "--send", BOB, "--subject", "S", "--type", "normal", "one")
            await sends(prosody, "--send", BOB, "two")
            await ear.hears(2)
            told = [(each.body, each.subject, each.type or "normal") for each in ear.heard]
            assert told == [("one", "S", "normal"), ("two", None, "chat")]

    run(main)


def test_a_link_that_asks_for_something_else_stops_nobody(prosody: PrivateProsody) -> None:
    ran = run_send(prosody, "--send", f"xmpp:{BOB}?roster", "--send", BOB, "hello")
    assert ran.returncode == 65
    assert b"asks for 'roster'" in ran.stderr


def test_the_recipients_receipt_is_waited_for(prosody: PrivateProsody) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with listening(mainloop, prosody) as ear:
            ear.receipts = True
            sent = await sends(prosody, "--json", "--wait", "receipt", "--send", BOB, "hello")
            assert (sent.status, sent.err) == (0, "")
            assert sent.fates == [(BOB, "sent")]

    run(main)


def test_a_receipt_that_never_comes_is_75_and_says_that_the_server_has_it(
    prosody: PrivateProsody,
) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with listening(mainloop, prosody):
            wish = ("--wait", "receipt", "--timeout", "1.5")
            sent = await sends(prosody, "--json", *wish, "--send", BOB, "hello")
            assert sent.status == 75
            assert sent.fates == [(BOB, "unknown")]
            assert "the server has it; the recipient has not confirmed it" in sent.err

    run(main)


def test_it_tries_again_for_as_long_as_it_may() -> None:
    server = PrivateProsody({"alice": "wonder", "bob": "build"})

    async def main() -> None:
        child = await begin_send(server, "--retry", "40", "--json", "--send", BOB, "hello")
        assert child.stderr is not None
        async with asyncio.timeout(60):
            assert b"Trying again" in await child.stderr.readline()
            await asyncio.to_thread(server.start)
            out, _err = await child.communicate()
        assert child.returncode == 0
        assert json.loads(out)["outcome"] == "sent"

    try:
        asyncio.run(main())
    finally:
        server.close()


def test_what_is_not_there_in_time_is_69_also_after_trying_again(prosody: PrivateProsody) -> None:
    place = f"127.0.0.1:{free_port()}"
    ran = run_send(prosody, "--retry", "1", "--send", BOB, "hello", place=place)
    assert ran.returncode == 69
    assert ran.stderr.count(b"Trying again") >= 1
    assert b"unsent: bob@localhost: hello" in ran.stderr


def test_a_full_disk_is_no_bug_and_74(prosody: PrivateProsody) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            command(prosody, "--send", BOB, "--json", "hello"),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    said = b"termxmpp: The output can't be written: No space left on device.\n"
    assert (ran.returncode, ran.stderr) == (74, said)


def test_a_stanza_is_sent_as_it_is(prosody: PrivateProsody) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with listening(mainloop, prosody) as ear:
            stanza = f"<message to='{BOB}' type='headline' id='mine'><body>raw</body></message>"
            sent = await sends(prosody, "--raw", "--json", stdin=stanza.encode())
            assert (sent.status, sent.err) == (0, "")
            assert [(each["to"], each["id"], each["outcome"]) for each in sent.records] == [
                (BOB, "mine", "sent")
            ]
            await ear.hears()
            assert (ear.heard[0].id, ear.heard[0].body) == ("mine", "raw")

    run(main)


def test_the_answer_to_an_iq_is_what_was_asked_for(prosody: PrivateProsody) -> None:
    question = b"<iq type='get' to='localhost'><query xmlns='jabber:iq:version'/></iq>\n"
    ran = run_send(prosody, "--raw", stdin=question)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"Prosody" in ran.stdout
    refused = question.replace(b"jabber:iq:version", b"urn:no:such")
    ran = run_send(prosody, "--raw", stdin=refused)
    assert (ran.returncode, ran.stdout) == (67, b"")
    assert b"service-unavailable" in ran.stderr


def test_a_raw_message_to_nobody_bounces(prosody: PrivateProsody) -> None:
    stanza = b"<message to='nobody@localhost' type='chat'><body>raw</body></message>"
    ran = run_send(prosody, "--raw", stdin=stanza)
    assert ran.returncode == 67
    assert b"bounced: nobody@localhost" in ran.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", b"no stanza"),
        (b"hello", b"not one message, presence or iq"),
        (b"<message><body>x</message>", b"no well-formed XML"),
        (b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", b"not one message"),
        (b"<message/><message/>", b"not one message"),
        (b"<message/></stream:stream>", b"no well-formed XML"),
        (b"<!DOCTYPE x [<!ENTITY y 'z'>]><message/>", b"no declarations"),
        (b"<iq type='get'/>", b"one child"),
        (b"\xff", b"not UTF-8"),
    ],
)
def test_what_is_no_stanza_is_refused_before_anybody_is_asked(
    prosody: PrivateProsody, text: bytes, words: bytes
) -> None:
    ran = run_send(prosody, "--raw", stdin=text, place=f"127.0.0.1:{free_port()}")
    assert ran.returncode == 65
    assert words in ran.stderr


def test_scripts_log_in_by_the_token_of_the_run_before(tmp_path: Path) -> None:
    """Also when two run at once, which must not end one another."""
    server = extensible_prosody({"alice": "wonder", "bob": "build"})
    more = {"XDG_DATA_HOME": str(tmp_path)}
    try:
        server.start()
        ran = run_send(server, "--send", BOB, "one", more=more)
        assert (ran.returncode, ran.stderr) == (0, b"")
        kept = tmp_path / "termxmpp" / "alice@localhost.token"
        assert kept.stat().st_mode & 0o777 == 0o600
        ran = run_send(server, "--send", BOB, "two", more=more, password="forgotten")
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert server.log().count("Client is authenticating using FAST") == 1

        async def at_once() -> None:
            first = await begin_send(server, "--lines", "--json", "--send", BOB, **more)
            assert first.stdin is not None
            assert first.stdout is not None
            first.stdin.write(b"one\n")
            await first.stdout.readline()
            second = await begin_send(server, "--send", BOB, "beside", **more)
            assert await second.wait() == 0
            first.stdin.write(b"two\n")
            assert json.loads(await first.stdout.readline())["outcome"] == "sent"
            first.stdin.close()
            assert await first.wait() == 0

        asyncio.run(asyncio.wait_for(at_once(), 60))
    finally:
        server.close()
