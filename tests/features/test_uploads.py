"""Sending files: the service is found, a slot asked for, the file brought, its link sent."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from termxmpp.core import events
from termxmpp.core.files import SharedFile
from termxmpp.core.message import Fate, Message
from tests.support.rooms import CLUB, announces, away, enters, said
from tests.support.uploader import UPLOAD, Uploader, slot
from tests.support.web import Response


@pytest.fixture
def uploader(tmp_path: Path) -> Iterator[Uploader]:
    made = Uploader(tmp_path)
    yield made
    made.close()


def test_a_file_is_uploaded_and_its_link_is_sent(uploader: Uploader) -> None:
    uploader.sends(f"/send {uploader.file}", events.MessageWritten)
    content = uploader.file.read_bytes()
    assert uploader.web.files == {"/up/summit.jpg": content}
    assert uploader.asked == [
        {
            "to": "files.example.org",
            "filename": "summit.jpg",
            "size": str(len(content)),
            "content-type": "image/jpeg",
        }
    ]
    assert ("Content-Type", "image/jpeg") in uploader.web.requests[0].headers
    url = uploader.web.url("/down/summit.jpg")
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    (message,) = uploader.messages()
    assert (message.text, message.fate) == (url, Fate.SENT)
    assert message.files == (
        SharedFile(url, "summit.jpg", "image/jpeg", len(content), hashes=(("sha-256", digest),)),
    )
    (stanza,) = uploader.stanzas()
    assert f"<body>{url}</body>" in stanza
    assert f'<x xmlns="jabber:x:oob"><url>{url}</url></x>' in stanza
    assert 'for="urn:xmpp:sfs:0"' in stanza
    assert f'target="{url}"' in stanza
    assert f">{digest}</" in stanza
    assert not uploader.alice.client.state.transfers


def test_how_large_a_picture_is_is_said_with_it(uploader: Uploader) -> None:
    Image.new("RGB", (300, 20)).save(uploader.file)
    uploader.sends(f"/send {uploader.file}", events.MessageWritten)
    [file] = uploader.messages()[0].files
    assert (file.width, file.height) == (300, 20)
    assert "<width>300</width><height>20</height>" in uploader.stanzas()[0]


def test_how_far_it_has_come_is_told_and_it_can_be_stopped(uploader: Uploader) -> None:
    uploader.web.is_open.clear()
    uploader.file.write_bytes(bytes(900_000))
    uploader.sends(f"/send {uploader.file}", events.TransferMoved)
    (transfer,) = uploader.alice.client.state.transfers.values()
    assert (transfer.name, transfer.is_upload, transfer.size) == ("summit.jpg", True, 900_000)
    uploader.sends("/stop")
    uploader.alice.run(lambda: asyncio.sleep(0.05))
    assert uploader.alice.told() == ["Stopped: summit.jpg."]
    assert uploader.messages() == []
    assert not uploader.alice.client.state.transfers
    uploader.alice.types("/stop")
    assert uploader.alice.workspace.problem == "No file is on its way here."


def test_it_can_be_stopped_while_the_service_says_nothing(uploader: Uploader) -> None:
    uploader.slot = " "
    uploader.sends(f"/send {uploader.file}", events.TransferMoved)
    uploader.sends("/stop")
    assert uploader.alice.told() == ["Stopped: summit.jpg."]
    assert uploader.web.requests == []


def test_what_has_no_known_kind_is_said_to_be_bytes_to_both(uploader: Uploader) -> None:
    path = uploader.file.with_name("data")
    path.write_bytes(b"x")
    uploader.sends(f"/send {path}", events.MessageWritten)
    assert uploader.asked[0]["content-type"] == "application/octet-stream"
    assert ("Content-Type", "application/octet-stream") in uploader.web.requests[0].headers
    [message] = uploader.messages()
    assert message.files[0].media_type == ""


@pytest.mark.parametrize(
    ("size", "limit", "words"),
    [
        (1001, "1000", "summit.jpg has 1.0 kB, and files.example.org takes 1.0 kB at most"),
        (999_000, "5", "summit.jpg has 999 kB, and files.example.org takes 5 B at most"),
    ],
)
def test_what_is_too_large_is_told_before_anything_is_asked_for(
    uploader: Uploader, size: int, limit: str, words: str
) -> None:
    uploader.file.write_bytes(bytes(size))
    uploader.limit = limit
    uploader.sends(f"/send {uploader.file}")
    assert words in uploader.alice.workspace.problem
    assert uploader.asked == []
    assert uploader.web.requests == []


@pytest.mark.parametrize("limit", ["", "-1", "much", "9" * 400])
def test_a_limit_that_is_none_is_none(uploader: Uploader, limit: str) -> None:
    uploader.limit = limit
    uploader.sends(f"/send {uploader.file}", events.MessageWritten)
    assert len(uploader.messages()) == 1


def test_only_the_headers_that_are_allowed_are_passed_on(uploader: Uploader) -> None:
    """Their line breaks are taken out, so that none can be hidden in another."""
    headers = "".join(
        f"<header name='{name}'>{value}</header>"
        for name, value in (
            ("aUthorization", "Basic&#10;X-Evil: 1"),
            ("Cookie", "a=1"),
            ("Cookie", "b=2"),
            ("Host", "evil.example"),
            ("Content-Length", "1"),
            ("Transfer-Encoding", "chunked"),
            ("Expires", "bad\u20ac"),
            ("", "x"),
        )
    )
    inner = slot(uploader.web.url("/a"), uploader.web.url("/b"), headers)
    uploader.slot = f"<iq type='result' id='{{id}}' from='files.example.org'>{inner}"
    uploader.sends(f"/send {uploader.file}", events.MessageWritten)
    assert uploader.web.requests[0].headers == (
        ("Host", f"localhost:{uploader.web.port}"),
        ("User-Agent", "termxmpp"),
        ("Content-Length", "7000"),
        ("aUthorization", "BasicX-Evil: 1"),
        ("Cookie", "a=1"),
        ("Cookie", "b=2"),
        ("Content-Type", "image/jpeg"),
    )


@pytest.mark.parametrize(
    "inner",
    [
        "",
        f"<slot xmlns='{UPLOAD}'/>",
        f"<slot xmlns='{UPLOAD}'><put url='https://a/'/></slot>",
        f"<slot xmlns='{UPLOAD}'><put url='http://a/'/><get url='https://a/'/></slot>",
        f"<slot xmlns='{UPLOAD}'><put url='https://a/'/><get url='file:///a'/></slot>",
        f"<slot xmlns='{UPLOAD}'><put url='https://[a/'/><get url='https://a b/'/></slot>",
        f"<slot xmlns='{UPLOAD}'><put/><get/></slot>",
    ],
)
def test_a_slot_that_is_none_is_told(uploader: Uploader, inner: str) -> None:
    uploader.slot = f"<iq type='result' id='{{id}}' from='files.example.org'>{inner}</iq>"
    uploader.sends(f"/send {uploader.file}")
    assert "has told no place where summit.jpg could go" in uploader.alice.workspace.problem
    assert uploader.messages() == []


def test_a_service_that_refuses_is_heard(uploader: Uploader) -> None:
    uploader.slot = (
        "<iq type='error' id='{id}' from='files.example.org'><error type='wait'>"
        "<resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Quota reached</text></error></iq>"
    )
    uploader.sends(f"/send {uploader.file}")
    assert "Quota reached" in uploader.alice.workspace.problem
    assert "so nothing was sent" in uploader.alice.workspace.problem


def test_an_upload_that_fails_says_what_to_do(uploader: Uploader) -> None:
    uploader.web.answers["/up/summit.jpg"] = Response(507)
    uploader.sends(f"/send {uploader.file}", events.NoticeGiven)
    told = "summit.jpg was not sent: localhost says 507: it has no room left."
    assert uploader.alice.workspace.problem == told
    nowhere = slot("https://localhost:1/a", "https://localhost:1/a")
    uploader.slot = f"<iq type='result' id='{{id}}' from='files.example.org'>{nowhere}"
    uploader.sends(f"/send {uploader.file}", events.NoticeGiven)
    problem = uploader.alice.workspace.problem
    assert problem.startswith("summit.jpg was not sent: Nobody answers on port 1")
    assert problem.endswith(" /send tries again.")
    assert uploader.messages() == []


def test_a_connection_that_breaks_says_what_to_do(uploader: Uploader) -> None:
    uploader.web.hangs_up = True
    uploader.file.write_bytes(bytes(900_000))
    uploader.sends(f"/send {uploader.file}")
    problem = uploader.alice.workspace.problem
    assert problem.startswith("summit.jpg was not sent: The connection to localhost is gone")
    assert problem.endswith(" /send tries again.")
    uploader.web.hangs_up = False
    uploader.sends(f"/send {uploader.file}", events.MessageWritten)
    assert len(uploader.messages()) == 1


def test_a_server_without_a_place_for_files_is_told(uploader: Uploader) -> None:
    uploader.items = ("rooms.example.org", "rooms.example.org")
    uploader.sends(f"/send {uploader.file}")
    assert "example.org has no place for files" in uploader.alice.workspace.problem


def test_what_can_not_be_sent_is_told(uploader: Uploader) -> None:
    for line, words in (
        ("/send /nowhere/x.jpg", "/nowhere/x.jpg can't be read: No such file or directory."),
        (f"/send {uploader.file.parent}", "is a folder"),
    ):
        uploader.sends(line)
        assert words in uploader.alice.workspace.problem
    uploader.alice.loses_the_link()
    uploader.alice.types(f"/send {uploader.file}")
    assert "is not online, so nothing was sent" in uploader.alice.workspace.problem


def test_a_link_lost_after_the_upload_loses_nothing(uploader: Uploader) -> None:
    """The message waits in the outbox, as any other."""
    uploader.web.is_open.clear()
    uploader.sends(f"/send {uploader.file}", events.TransferMoved)
    uploader.alice.loses_the_link()
    uploader.web.is_open.set()
    uploader.until(
        "/me waits", lambda event: "down" in getattr(getattr(event, "message", 0), "text", "")
    )
    (message,) = [each for each in uploader.messages() if each.files]
    assert message.fate is Fate.QUEUED
    uploader.alice.run_now(uploader.alice.client.connect)
    assert any("jabber:x:oob" in each for each in uploader.stanzas())


def test_in_a_room_it_is_sent_to_all_and_proven_by_its_reflection(uploader: Uploader) -> None:
    alice = uploader.alice
    announces(alice)
    enters(alice)
    uploader.sends(f"/send {uploader.file}", events.MessageWritten)
    [stanza] = uploader.stanzas()
    assert 'type="groupchat"' in stanza
    assert "jabber:x:oob" in stanza
    [message] = [
        each for each in alice.client.state.conversation(CLUB).entries if isinstance(each, Message)
    ]
    url = uploader.web.url("/down/summit.jpg")
    alice.receives(said("alice", url, message.id))
    assert alice.lines()[-1].endswith("summit.jpg, picture, 7.0 kB ✓")


def test_into_a_room_that_was_left_nothing_is_uploaded(uploader: Uploader) -> None:
    alice = uploader.alice
    announces(alice)
    enters(alice)
    alice.receives(away("alice", 110, 307))
    uploader.sends(f"/send {uploader.file}")
    assert f"You are not in {CLUB}" in alice.workspace.problem
    assert uploader.asked == []
