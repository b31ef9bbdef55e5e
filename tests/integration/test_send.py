"""`--send` as a script meets it: the installed program, a real server, real TLS."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from termxmpp.demo.server import PrivateProsody, free_port
from tests.support.authority import Authority
from tests.support.peer import Peer, Script, serve
from tests.support.sending import records, run_send


def test_a_message_that_the_server_took_gives_zero_and_says_nothing(
    prosody: PrivateProsody,
) -> None:
    ran = run_send(prosody, "--send", "bob@localhost", "hello", "there")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")


def test_json_tells_the_fate_of_each_message_to_each_recipient(prosody: PrivateProsody) -> None:
    ran = run_send(
        prosody, "--json", "--send", "bob@localhost", "--send", "alice@localhost", "hello"
    )
    assert ran.returncode == 0
    assert [(each["to"], each["outcome"]) for each in records(ran)] == [
        ("bob@localhost", "sent"),
        ("alice@localhost", "sent"),
    ]


def test_standard_input_is_one_message_without_its_last_newline(prosody: PrivateProsody) -> None:
    ran = run_send(prosody, "--json", "--send", "bob@localhost", stdin=b"one\ntwo\n")
    assert [each["text"] for each in records(ran)] == ["one\ntwo"]


def test_with_lines_each_line_is_a_message(prosody: PrivateProsody) -> None:
    ran = run_send(prosody, "--json", "--lines", "--send", "bob@localhost", stdin=b"one\ntwo\n\n")
    assert ran.returncode == 0
    assert [each["text"] for each in records(ran)] == ["one", "two"]


def test_an_empty_message_is_bad_data(prosody: PrivateProsody) -> None:
    ran = run_send(prosody, "--send", "bob@localhost", stdin=b"\n")
    assert ran.returncode == 65
    assert b"empty" in ran.stderr


def test_one_bad_recipient_does_not_stop_the_others(prosody: PrivateProsody) -> None:
    ran = run_send(
        prosody, "--json", "--send", "nobody@localhost", "--send", "bob@localhost", "hello"
    )
    assert ran.returncode == 67
    assert [each["outcome"] for each in records(ran)] == ["bounced", "sent"]
    assert b"bounced: nobody@localhost: hello" in ran.stderr
    assert b"service-unavailable" in ran.stderr


def test_an_address_that_is_none_does_not_stop_the_others_either(prosody: PrivateProsody) -> None:
    ran = run_send(prosody, "--json", "--send", "a b@c", "--send", "bob@localhost", "hello")
    assert ran.returncode == 65
    assert [(each["to"], each["outcome"]) for each in records(ran)] == [
        ("a b@c", "unsent"),
        ("bob@localhost", "sent"),
    ]
    assert b"is no XMPP address" in ran.stderr


def test_a_wrong_password_is_told_in_the_servers_words(prosody: PrivateProsody) -> None:
    ran = run_send(prosody, "--send", "bob@localhost", "hello", password="wrong")
    assert ran.returncode == 77
    assert b"not-authorized" in ran.stderr
    assert b"unsent: bob@localhost: hello" in ran.stderr


def test_direct_tls_works_without_starttls(prosody: PrivateProsody) -> None:
    place = f"127.0.0.1:{prosody.direct_tls_port}"
    ran = run_send(prosody, "--direct-tls", "--send", "bob@localhost", "hello", place=place)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_certificate_that_nobody_vouches_for_is_described_and_can_be_pinned(
    prosody: PrivateProsody,
) -> None:
    command = [sys.executable, "-m", "termxmpp", "alice@localhost", "--send", "bob@localhost", "x"]
    command += ["--server", f"127.0.0.1:{prosody.port}"]
    environment = dict(os.environ, TERMXMPP_PASSWORD="wonder")
    refused = subprocess.run(command, capture_output=True, timeout=60, check=False, env=environment)
    assert refused.returncode == 76
    words = refused.stderr.decode()
    assert "Expected was localhost; the certificate is for localhost" in words
    pin = words.partition("Its pin is ")[2].partition(".")[0]
    pinned = subprocess.run(
        [*command, "--pin", pin], capture_output=True, timeout=60, check=False, env=environment
    )
    assert (pinned.returncode, pinned.stderr) == (0, b"")
    other = subprocess.run(
        [*command, "--pin", "sha256:" + "00" * 32],
        capture_output=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert other.returncode == 76
    assert b"not the pinned one" in other.stderr


def test_nobody_there_is_69_and_names_the_message(prosody: PrivateProsody) -> None:
    ran = run_send(prosody, "--send", "bob@localhost", "hello", place=f"127.0.0.1:{free_port()}")
    assert ran.returncode == 69
    assert b"connection refused" in ran.stderr
    assert b"unsent: bob@localhost: hello" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--send", "bob@localhost", "--no-such-option"], 64),
        (["--send", "bob@localhost", "--password-file", "/no/such/file", "x"], 66),
        (["--send", "bob@localhost", "--password-command", "exit 3", "x"], 78),
        (["--send", "bob@localhost", "--config", "/no/such/file", "x"], 78),
        (["--send", "bob@localhost", "--timeout", "soon", "x"], 64),
        (["--send", "bob@localhost", "--lines", "x"], 64),
        (["--send", "bob@localhost", "--pin", "sha256:zz", "x"], 64),
        (["--listen", "--retry", "5"], 64),
        (["--listen", "--wait", "receipt"], 64),
        ([], 64),
    ],
)
def test_wrong_usage_has_its_status_and_one_line_of_words(
    prosody: PrivateProsody, arguments: list[str], status: int
) -> None:
    ran = run_send(prosody, *arguments)
    assert ran.returncode == status
    assert ran.stderr.startswith(b"termxmpp: ")
    assert ran.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_it_cleanly(
    prosody: PrivateProsody, number: signal.Signals, status: int
) -> None:
    """The peer accepts and says nothing, so that the signal meets it in the middle."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        child = subprocess.Popen(
            [
                *(sys.executable, "-m", "termxmpp", "alice@localhost", "--send", "bob@localhost"),
                *("--server", f"127.0.0.1:{silent.getsockname()[1]}", "hello"),
            ],
            env=dict(os.environ, TERMXMPP_PASSWORD="wonder"),
            stderr=subprocess.PIPE,
        )
        with silent.accept()[0]:
            child.send_signal(number)
            _, err = child.communicate(timeout=30)
    assert child.returncode == status
    assert b"Traceback" not in err
    assert b"unsent: bob@localhost: hello" in err


def test_sending_loads_neither_the_screen_nor_anything_else_of_a_chat(
    prosody: PrivateProsody,
) -> None:
    unwanted = ["prompt_toolkit", "sqlite3", "dns", "httpcore", "cryptography", "wcwidth", "hsluv"]
    unwanted += ["termxmpp.client", "termxmpp.features", "termxmpp.core.state", "termxmpp.store"]
    program = (
        "import sys; from termxmpp.cli import main; status = main(sys.argv[1:]);"
        f"found = [each for each in {unwanted} if each in sys.modules];"
        "sys.exit(status or ' '.join(found) or 0)"
    )
    ran = subprocess.run(
        [
            *(sys.executable, "-c", program, "alice@localhost", "--send", "bob@localhost", "x"),
            *("--server", f"127.0.0.1:{prosody.port}", "--ca-file", str(prosody.ca_file)),
        ],
        capture_output=True,
        timeout=60,
        check=False,
        env=dict(os.environ, TERMXMPP_PASSWORD="wonder"),
    )
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_with_wait_none_it_is_given_away_unproven(prosody: PrivateProsody) -> None:
    ran = run_send(prosody, "--json", "--wait", "none", "--send", "bob@localhost", "hello")
    assert (ran.returncode, ran.stderr) == (0, b"")
    # The server's word may come before its end of the stream; nobody has waited for it.
    [record] = records(ran)
    assert record["outcome"] in ("given", "sent")


def test_a_host_that_is_not_found_is_68(prosody: PrivateProsody) -> None:
    command = [sys.executable, "-m", "termxmpp", "alice@nowhere.invalid"]
    ran = subprocess.run(
        [*command, "--send", "bob@localhost", "hello"],
        capture_output=True,
        timeout=60,
        check=False,
        env=dict(os.environ, TERMXMPP_PASSWORD="wonder"),
    )
    assert ran.returncode == 68
    assert b"nowhere.invalid can't be found" in ran.stderr
    assert b"unsent: bob@localhost: hello" in ran.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def run_send_to(authority: Authority, script: Script, *arguments: str) -> tuple[int, str, str]:
    """Run termxmpp against a server that lets alice in and then follows `script`."""
    identity = authority.issue("localhost")

    async def host(peer: Peer) -> None:
        await peer.hosts(identity.context())
        await script(peer)

    async def main() -> tuple[int, str, str]:
        async with serve(host) as served:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "termxmpp", "alice@localhost"),
                *("--server", f"127.0.0.1:{served.port}", "--ca-file", str(authority.ca_file)),
                *("--send", "bob@localhost", *arguments, "hello"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(os.environ, TERMXMPP_PASSWORD="wonder"),
            )
            async with asyncio.timeout(60):
                out, err = await child.communicate()
            assert child.returncode is not None
            return child.returncode, out.decode(), err.decode()

    return asyncio.run(main())


def test_what_is_not_confirmed_in_time_is_unknown_and_75(authority: Authority) -> None:
    async def says_nothing(peer: Peer) -> None:
        await peer.hears_the_end()

    status, out, err = run_send_to(authority, says_nothing, "--timeout", "1", "--json")
    assert status == 75
    assert json.loads(out)["outcome"] == "unknown"
    assert "did not confirm within 1 s" in err
    assert "unknown: bob@localhost: hello" in err


def test_a_link_that_breaks_before_the_proof_leaves_it_unknown(authority: Authority) -> None:
    async def hangs_up(peer: Peer) -> None:
        await peer.hears("</[^>]*message>")

    status, _, err = run_send_to(authority, hangs_up)
    assert status == 75
    assert "unknown: bob@localhost: hello" in err


def test_a_bounce_that_comes_while_the_stream_closes_counts(authority: Authority) -> None:
    """The server confirms, and has the bounce ready only when it is told goodbye."""

    async def bounces_late(peer: Peer) -> None:
        message = await peer.hears("<[^>]*message .*?</[^>]*message>")
        found = re.search(r"id=['\"]([^'\"]+)", message)
        assert found is not None
        ping = re.search(r"id=['\"]([^'\"]+)", await peer.hears("<[^>]*iq [^>]*>.*?ping"))
        assert ping is not None
        peer.say(f"<iq type='result' id='{ping[1]}' from='localhost'/>")
        await peer.hears("</[^>]*stream>")
        peer.say(
            f"<message type='error' id='{found[1]}' from='bob@localhost' to='alice@localhost/here'>"
            "<error type='cancel'><service-unavailable "
            "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message></stream:stream>"
        )
        await peer.hears_the_end()

    status, _, err = run_send_to(authority, bounces_late)
    assert status == 67
    assert "bounced: bob@localhost: hello" in err
    assert "service-unavailable" in err


def run_bare(prosody: PrivateProsody, home: Path, *arguments: str) -> tuple[int, bytes]:
    """Run termxmpp where nothing but the files in `home` tells of an account."""
    environment = {name: value for name, value in os.environ.items() if name != "TERMXMPP_PASSWORD"}
    ran = subprocess.run(
        [sys.executable, "-m", "termxmpp", *arguments, "--ca-file", str(prosody.ca_file)],
        input=b"hello\n",
        capture_output=True,
        timeout=60,
        check=False,
        env=dict(environment, HOME=str(home), XDG_CONFIG_HOME=str(home), XDG_DATA_HOME=str(home)),
        start_new_session=True,
    )
    return ran.returncode, ran.stderr


def test_the_account_file_of_other_senders_is_read(prosody: PrivateProsody, tmp_path: Path) -> None:
    path = tmp_path / ".sendxmpprc"
    path.touch(0o600)
    path.write_text(f"alice@localhost;127.0.0.1:{prosody.port} wonder\n")
    assert run_bare(prosody, tmp_path, "--send", "bob@localhost") == (0, b"")
    assert run_bare(prosody, tmp_path, "alice@localhost", "--send", "bob@localhost") == (0, b"")
    status, err = run_bare(prosody, tmp_path, "bob@localhost", "--send", "bob@localhost")
    assert (status, b"No password for bob@localhost" in err) == (78, True)
    path.write_text(
        f"username: alice@localhost\njserver: 127.0.0.1\nport: {prosody.port}\n"
        "eval_password: echo wonder\n"
    )
    assert run_bare(prosody, tmp_path, "--send", "bob@localhost") == (0, b"")
    path.chmod(0o644)
    status, err = run_bare(prosody, tmp_path, "--send", "bob@localhost")
    assert (status, b"chmod 600" in err) == (78, True)


@pytest.mark.parametrize(
    ("option", "ours"),
    [
        ("-u", b"the address of the account stands first"),
        ("-p", b"--password-file"),
        ("-f", b"~/.sendxmpprc"),
        ("-j", b"--server"),
        ("-c", b"--send finds out"),
        ("-r", b"--nick"),
        ("--tls", b"TLS is always used"),
        ("--no-tls-verify", b"--pin"),
        ("--headline", b"--type headline"),
        ("-i", b"--lines"),
        ("--http-upload", b"--file"),
        ("--retry-connect", b"--retry"),
    ],
)
def test_options_of_other_senders_are_told_by_their_names_here(
    prosody: PrivateProsody, option: str, ours: bytes
) -> None:
    ran = run_send(prosody, "--send", "bob@localhost", option, "x")
    assert ran.returncode == 64
    assert ours in ran.stderr


def test_nobody_waits_for_a_recipient_whose_server_says_nothing(authority: Authority) -> None:
    """What bob is, is answered at once; what the other is, never."""

    async def answers_for_bob(peer: Peer) -> None:
        question = await peer.hears("<iq [^>]*to=.bob@localhost[^>]*>")
        found = re.search("id=['\"]([^'\"]+)", question)
        assert found is not None
        peer.say(
            f"<iq type='error' id='{found[1]}' from='bob@localhost'><error type='cancel'>"
            "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        )
        await peer.hears("<message [^>]*to=.bob@localhost.*?</message>")
        assert 'to="silent@away.example"' not in peer.received.partition("<message")[2]

    status, out, _err = run_send_to(
        authority, answers_for_bob, "--send", "silent@away.example", "--json"
    )
    assert status == 75
    fates = {(each["to"], each["outcome"]) for each in map(json.loads, out.splitlines())}
    assert fates == {("bob@localhost", "unknown"), ("silent@away.example", "unsent")}
