"""The log of `--debug`: it tells what happens and holds no secret, whatever the user does."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.support.account import Place
from tests.support.authority import Authority
from tests.support.extensible import extensible_prosody
from tests.support.peer import Peer, encoded, serve
from tests.support.servers import running
from tests.support.terminal import Terminal, environment

PASSWORD = "wonder & länd"
ROOM = "vault@conference.localhost"
FIELD = "muc#roomconfig_roomsecret"

ROOMS = """\
allow_registration = true
Component "conference.localhost" "muc"
    muc_room_locking = false
    muc_room_default_persistent = true
"""


def disguises(secret: str) -> set[str]:
    """What `secret` may look like: as it is, quoted, and within whatever is told in base64."""
    raw = secret.encode()
    found = {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], raw.hex()}
    for before in range(3):
        text = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        # The signs at the ends are those of the neighbours, too.
        found.add(text[(0, 2, 3)[before] : len(text) - 1])
    return found


def kept_out(log: Path, *secrets: str) -> str:
    """What stands in the log, in which there are no `secrets`."""
    text = log.read_text()
    assert " DEBUG " in text
    for secret in secrets:
        for disguise in disguises(secret):
            assert disguise not in text, disguise
    return text


def program(server: Place, log: Path, *options: str, jid: str = "alice@localhost") -> list[str]:
    place = ["--server", f"127.0.0.1:{server.port}", "--ca-file", str(server.ca_file)]
    return [sys.executable, "-m", "termxmpp", jid, *place, f"--debug={log}", *options]


def chat(server: Place, folder: Path, password: str = "wonder") -> Terminal:
    surroundings = {
        name: value
        for name, value in environment(folder, password).items()
        if not name.startswith("XDG_")
    }
    return Terminal(program(server, folder / "log"), surroundings, columns=100)


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateProsody]:
    """A Prosody that has rooms, takes files, registers who asks and changes passwords."""
    modules = (*MODULES, "register", "register_ibr")
    users = {"alice": "wonder", "bob": PASSWORD}
    with running(
        PrivateProsody(users, modules=modules, hosts=ROOMS, files_limit=1_000_000)
    ) as made:
        yield made


def test_what_a_secret_may_look_like_is_found() -> None:
    """Else the tests here would prove nothing."""
    for text in (f"\0alice\0{PASSWORD}", f"alice:{PASSWORD}", PASSWORD, f"x{PASSWORD}"):
        shown = base64.b64encode(text.encode()).decode()
        assert any(disguise in shown for disguise in disguises(PASSWORD))


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM"])
def test_a_log_in(server: PrivateProsody, tmp_path: Path, mechanism: str) -> None:
    authority = Authority(tmp_path)
    identity = authority.issue("localhost")
    heard: list[str] = []

    async def plain(peer: Peer) -> None:
        await peer.hosts(identity.context())
        heard.append(peer.received)
        while True:
            await peer.hears("ping")
            peer.say("<presence from='alice@localhost'/>")

    async def sends(place: Place, jid: str) -> tuple[bytes, bytes]:
        child = await asyncio.create_subprocess_exec(
            *program(place, tmp_path / "log", "--send", "bob@localhost", "hi", jid=jid),
            "--timeout=1",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(os.environ, TERMXMPP_PASSWORD=PASSWORD),
        )
        async with asyncio.timeout(60):
            return await child.communicate()

    async def main() -> tuple[bytes, bytes]:
        if mechanism == "SCRAM":
            return await sends(server, "bob@localhost")
        async with serve(plain) as served:

            class There:
                host, port, ca_file = "127.0.0.1", served.port, authority.ca_file

            return await sends(There, "alice@localhost")

    said, complained = asyncio.run(main())
    assert said == b""
    assert PASSWORD.encode() not in complained
    if mechanism == "PLAIN":
        assert encoded(f"\0alice\0{PASSWORD}".encode()) in heard[0]
    kept_out(tmp_path / "log", PASSWORD)


def test_a_log_in_by_a_token(tmp_path: Path) -> None:
    """By SASL2 and its token (XEP-0388, XEP-0484), which the records keep for the next run."""
    made = extensible_prosody({"alice": PASSWORD})
    try:
        made.start()
        for _run in range(2):
            with chat(made, tmp_path, PASSWORD) as terminal:
                terminal.wait_for("alice@localhost: online")
                terminal.type("\x04")
                assert terminal.wait_for_exit() == 0
        assert "HT-SHA-256" in made.log()
    finally:
        made.close()
    [records] = tmp_path.glob(".local/share/termxmpp/*.sqlite")
    with closing(sqlite3.connect(records)) as db:
        (kept,) = db.execute("SELECT value FROM fact WHERE name = 'token'").fetchone()
    _mechanism, token, _expires_at = json.loads(kept)
    assert token
    kept_out(tmp_path / "log", PASSWORD, token)


def test_a_room_with_a_password(server: PrivateProsody, tmp_path: Path) -> None:
    """Typed where it is asked for, and in a stanza that the user has made."""
    with chat(server, tmp_path) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.type(f"/join {ROOM}\r")
        terminal.wait_for("you have made it")
        terminal.type("/xml on\r")
        terminal.type(
            f"/xml send <iq type='set' to='{ROOM}'><query xmlns='http://jabber.org/protocol/muc#owner'>"
            f"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber."
            f"org/protocol/muc#roomconfig</value></field><field var='{FIELD}'><value>open sesame"
            "</value></field></x></query></iq>\r"
        )
        terminal.wait_for("The settings of the room have changed")
        terminal.type("/leave\r")
        terminal.type(f"/join {ROOM}\r")
        terminal.wait_for(f"Password of {ROOM}:")
        terminal.type("open sesame\r")
        terminal.wait_for("1 occupant")
        terminal.type("/win 1\r")
        terminal.wait_for("<password>***</password>")
        assert "sesame" not in terminal.text
        terminal.type("/quit\r")
        assert terminal.wait_for_exit() == 0
    kept_out(tmp_path / "log", "open sesame", "wonder")


def test_another_password(server: PrivateProsody, tmp_path: Path) -> None:
    server.add_user("eve", "first one")
    with Terminal(
        program(server, tmp_path / "log", jid="eve@localhost"),
        environment(tmp_path, "first one"),
        columns=100,
    ) as terminal:
        terminal.wait_for("eve@localhost: online")
        terminal.type("/account password\r")
        terminal.wait_for("New password for eve@localhost:")
        terminal.type("second one\r")
        terminal.wait_for("Once more:")
        terminal.type("second one\r")
        terminal.wait_for("is changed on the server")
        terminal.type("/disconnect\r")
        terminal.wait_for("eve@localhost: offline")
        terminal.type("/connect\r")
        terminal.wait_for("eve@localhost: online")
        terminal.type("\x04")
        terminal.wait_for_exit()
    kept_out(tmp_path / "log", "first one", "second one")


def test_a_new_account(server: PrivateProsody, tmp_path: Path) -> None:
    command = program(server, tmp_path / "log", "--register", jid="carol@localhost")
    with Terminal(command, environment(tmp_path, "")) as terminal:
        terminal.wait_for("[carol]:")
        terminal.type("\n")
        terminal.wait_until(lambda: b"password: " in terminal.output.lower(), "the password")
        terminal.type("brand new\n")
        terminal.wait_until(lambda: b"Once more: " in terminal.output, "the password again")
        terminal.type("brand new\n")
        terminal.wait_for("2  No, only chat now")
        terminal.type("2\n")
        terminal.wait_for("carol@localhost: online")
        terminal.type("\x04")
        terminal.wait_for_exit()
    kept_out(tmp_path / "log", "brand new")


def test_what_lets_a_file_be_put(server: PrivateProsody, tmp_path: Path) -> None:
    """The slot's header (XEP-0363 §4), which the console shows masked."""
    (tmp_path / "note.txt").write_text("hello")
    with chat(server, tmp_path) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.type("/xml on slot\r/msg bob@localhost\r")
        terminal.type(f"/send {tmp_path}/note.txt\r")
        terminal.wait_for("note.txt, text, 5 B ✓")
        terminal.type("/win 1\r")
        terminal.wait_for("***</header>")
        terminal.type("/quit\r")
        assert terminal.wait_for_exit() == 0
        assert b"Bearer " not in terminal.output
    text = kept_out(tmp_path / "log", "wonder", "Bearer ")
    assert "httpcore" in text
