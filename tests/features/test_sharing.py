"""Files that others share, read as they describe them, told in a line, and saved."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from termxmpp.core import events
from termxmpp.core.files import SharedFile
from termxmpp.transfers.carrier import Saving
from termxmpp.ui.hyperlinks import href
from tests.support.acts import correction, message, only, retraction, shown
from tests.support.harness import BOB, Actor
from tests.support.uploader import Uploader
from tests.support.web import Response

URL = "https://files.example.org/4a77/summit.jpg"
OOB = f"<x xmlns='jabber:x:oob'><url>{URL}</url></x>"
DESCRIBED = (
    "<file xmlns='urn:xmpp:file:metadata:0'><media-type>image/jpeg</media-type>"
    "<name>summit.jpg</name><size>3032449</size><desc>Photo from the summit.</desc>"
    "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>2XarmwTlNxDAMkvymloX3S5+VbylNrJt</hash>"
    "<width>1</width></file>"
)
SOURCES = (
    f"<sources><url-data xmlns='http://jabber.org/protocol/url-data' target='{URL}'/></sources>"
)
SHARED = f"<file-sharing xmlns='urn:xmpp:sfs:0'>{DESCRIBED}{SOURCES}</file-sharing>"
FALLBACK = "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'>{}</fallback>"
SUMMIT = SharedFile(
    URL,
    "summit.jpg",
    "image/jpeg",
    3032449,
    "Photo from the summit.",
    (("sha-256", "2XarmwTlNxDAMkvymloX3S5+VbylNrJt"),),
)
LINE = "summit.jpg, picture, 3.0 MB: Photo from the summit."


@pytest.mark.parametrize(
    ("inside", "text", "files"),
    [
        (f"<body>{URL}</body>{SHARED}{OOB}{FALLBACK.format('<body/>')}", URL, (SUMMIT,)),
        (SHARED, "", (SUMMIT,)),
        (f"<body>We all</body>{SHARED}", "We all", (SUMMIT,)),
        (f"<body>See {URL}</body>{SHARED}{FALLBACK.format('')}", URL, (SUMMIT,)),
        (
            f"<body>We all\n{URL}</body>{SHARED}"
            + FALLBACK.format(f"<body start='7' end='{7 + len(URL)}'/>"),
            "We all",
            (SUMMIT,),
        ),
        (f"<body>{URL}</body>{OOB}", URL, (SharedFile(URL),)),
        (OOB, "", (SharedFile(URL),)),
        (f"<body>look</body>{OOB}", "look", (SharedFile(URL, is_link=True),)),
        (
            f"<body>look</body><x xmlns='jabber:x:oob'><url>{URL}</url><desc>us</desc></x>",
            "look",
            (SharedFile(URL, description="us", is_link=True),),
        ),
        # One file that is said to be nowhere is where the only link leads.
        (
            f"<file-sharing xmlns='urn:xmpp:sfs:0'>{DESCRIBED}</file-sharing>{OOB}",
            "",
            (SUMMIT,),
        ),
        (
            f"<file-sharing xmlns='urn:xmpp:sfs:0'>{DESCRIBED}</file-sharing>",
            "",
            (replace(SUMMIT, url=""),),
        ),
        ("<body>x</body><x xmlns='jabber:x:oob'><url>file:///etc/passwd</url></x>", "x", ()),
        ("<body>x</body><x xmlns='jabber:x:oob'/>", "x", ()),
        ("<body>x</body><file-sharing xmlns='urn:xmpp:sfs:0'/>", "x", ()),
        (f"<body>x</body>{FALLBACK.format('')}", "x", ()),
    ],
)
def test_what_is_shared_is_read_and_kept(
    alices: Callable[..., Actor],
    tmp_path: Path,
    inside: str,
    text: str,
    files: tuple[SharedFile, ...],
) -> None:
    alice = alices(tmp_path)
    alice.receives(message(inside, "m"))
    assert (only(alice).text, only(alice).files) == (text, files)
    alice.close()
    again = only(alices(tmp_path))
    assert (again.text, again.files) == (text, files)


@pytest.mark.parametrize(
    ("name", "value", "file"),
    [
        ("size", "-1", {"size": None}),
        ("size", "9" * 50, {"size": None}),
        ("size", "much", {"size": None}),
        ("media-type", "text", {"media_type": ""}),
        ("media-type", "image/png; x\n", {"media_type": ""}),
        ("dimensions", "512x511", {"width": 512, "height": 511}),
        ("dimensions", "0x511", {"width": None}),
        ("dimensions", "9999999x1", {"width": None}),
        ("width", "512", {"width": None}),
        ("length", "1.5", {"length": None}),
        ("length", "9" * 15, {"length": None}),
        ("thumbnail", "", {}),
    ],
)
def test_what_can_not_be_meant_is_left_out(
    alice: Actor, name: str, value: str, file: dict[str, object]
) -> None:
    described = f"<file xmlns='urn:xmpp:file:metadata:0'><{name}>{value}</{name}></file>"
    alice.receives(message(f"<file-sharing xmlns='urn:xmpp:sfs:0'>{described}</file-sharing>", "m"))
    assert only(alice).files == (replace(SharedFile(), **file),)  # type: ignore[arg-type]


def test_a_thumbnail_is_not_looked_at(alice: Actor) -> None:
    """It would tell a server of its sender's choice who reads, and when (XEP-0264)."""
    thumbnail = (
        "<thumbnail xmlns='urn:xmpp:thumbs:1' uri='https://evil.example/a.png' width='9' height='9'"
        " media-type='image/png'/></file>"
    )
    alice.receives(message(SHARED.replace("</file>", thumbnail), "m"))
    [file] = only(alice).files
    assert (file.width, file.height) == (None, None)
    assert "evil" not in repr(only(alice))
    assert alice.client.state.transfers == {}


def test_how_large_a_picture_is_stands_beside_its_name(alice: Actor) -> None:
    sized = "<width>1920</width><height>1080</height>"
    alice.receives(message(SHARED.replace("<width>1</width>", sized), "m"))
    alice.looks_at(BOB)
    assert any("summit.jpg, picture, 1920×1080, 3.0 MB" in line for line in alice.lines(80))


def test_of_a_message_with_very_many_files_some_are_taken(alice: Actor) -> None:
    alice.receives(message(SHARED * 50 + OOB, "m"))
    assert len(only(alice).files) == 10


def test_a_file_is_told_in_one_line_which_is_a_link(alice: Actor) -> None:
    alice.receives(message(f"<body>{URL}</body>{SHARED}{FALLBACK.format('')}", "m"))
    alice.receives(message(f"<body>We all</body>{SHARED}", "n"))
    alice.looks_at(BOB)
    lines = [line.strip() for line in alice.lines(100)]
    assert [line for line in lines if "summit" in line] == [f"12:00 Bob         {LINE}", LINE]
    assert not any("https" in line for line in lines)
    assert any("We all" in line for line in lines)


def test_its_link_goes_with_it_where_the_terminal_knows_links(alice: Actor) -> None:
    alice.receives(message(SHARED, "m"))
    alice.looks_at(BOB)
    styles = [fragment[0] for line in alice.styled_lines(100) for fragment in line]
    assert href(URL) in " ".join(styles)


def test_a_correction_says_anew_what_is_shared_and_a_retraction_takes_it_back(
    alice: Actor,
) -> None:
    alice.receives(message(SHARED, "m"))
    alice.receives(correction("m", "never mind", "c"))
    assert [(each.text, each.files) for each in shown(alice)] == [("never mind", ())]
    alice.receives(message(SHARED, "n"))
    alice.receives(retraction("n", "r"))
    assert [each.files for each in shown(alice)] == [(), ()]


# Saving.


@pytest.fixture
def saver(tmp_path: Path) -> Iterator[Uploader]:
    made = Uploader(tmp_path)
    made.alice.client.carrier.saving = Saving(str(tmp_path / "down"), 1_000_000, True)
    yield made
    made.close()


def share(
    saver: Uploader, content: bytes, *, name: str = "a.txt", size: str = "", digest: str = ""
) -> str:
    """Let Bob share a file with that `content`; its link."""
    url = saver.web.url("/up/real.txt")
    saver.web.files["/up/real.txt"] = content
    inside = f"<name>{name}</name>"
    inside += f"<size>{size}</size>" if size else ""
    inside += f"<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>{digest}</hash>" if digest else ""
    saver.alice.receives(
        message(
            f"<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'>{inside}"
            f"</file>{SOURCES.replace(URL, url)}</file-sharing>",
            os.urandom(4).hex(),
        )
    )
    return url


def digest_of(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def down(tmp_path: Path) -> dict[str, bytes]:
    folder = tmp_path / "down"
    return {each.name: each.read_bytes() for each in folder.iterdir()} if folder.exists() else {}


def test_a_file_is_saved_and_checked(saver: Uploader, tmp_path: Path) -> None:
    share(saver, b"hello", size="5", digest=digest_of(b"hello"))
    saver.sends("/save", events.NoticeGiven)
    assert saver.alice.told() == [f"Saved {tmp_path}/down/a.txt (5 B), checked by its sha-256."]
    assert down(tmp_path) == {"a.txt": b"hello"}


def test_it_gets_a_safe_name_and_is_never_written_over_another(
    saver: Uploader, tmp_path: Path
) -> None:
    share(saver, b"1", name="../../.bashrc")
    saver.sends("/save", events.NoticeGiven)
    saver.sends("/save 1", events.NoticeGiven)
    assert down(tmp_path) == {"_.._.bashrc": b"1", "_.._ (2).bashrc": b"1"}
    (tmp_path / "mine").write_bytes(b"mine")
    saver.sends(f"/save 1 {tmp_path}/mine", events.NoticeGiven)
    assert "File exists" in saver.alice.workspace.problem
    assert (tmp_path / "mine").read_bytes() == b"mine"
    saver.sends(f"/save 1 {tmp_path}/other name", events.NoticeGiven)
    assert (tmp_path / "other name").read_bytes() == b"1"
    saver.sends(f"/save '{tmp_path}/third name'", events.NoticeGiven)
    assert (tmp_path / "third name").read_bytes() == b"1"


@pytest.mark.parametrize(
    ("content", "size", "digest", "words"),
    [
        (b"hello", "", digest_of(b"hellO"), "is not what was announced (its sha-256 is another)"),
        (bytes(1_000_001), "", "", "larger than 1.0 MB"),
        (b"x", "1000001", "", "larger than 1.0 MB"),
    ],
)
def test_nothing_is_kept_of_what_is_too_large_or_another_file(
    saver: Uploader, tmp_path: Path, content: bytes, size: str, digest: str, words: str
) -> None:
    share(saver, content, size=size, digest=digest)
    saver.sends("/save", events.NoticeGiven)
    assert words in saver.alice.workspace.problem
    assert down(tmp_path) == {}


def test_a_server_that_never_ends_is_left(saver: Uploader, tmp_path: Path) -> None:
    share(saver, b"")
    saver.web.answers["/up/real.txt"] = Response(body=bytes(65536), endless=True)
    saver.sends("/save", events.NoticeGiven)
    assert "larger than 1.0 MB" in saver.alice.workspace.problem
    assert down(tmp_path) == {}


def test_saving_can_be_stopped(saver: Uploader, tmp_path: Path) -> None:
    share(saver, b"hello")
    saver.web.is_open.clear()
    saver.sends("/save", events.TransferMoved)
    saver.sends("/stop")
    saver.alice.run(lambda: asyncio.sleep(0.05))
    assert saver.alice.told() == ["Stopped: a.txt."]
    assert down(tmp_path) == {}


def test_from_the_users_own_network_nothing_is_fetched_unasked(
    saver: Uploader, tmp_path: Path
) -> None:
    share(saver, b"hello")
    saver.alice.client.carrier.saving = Saving(str(tmp_path / "down"))
    saver.sends("/save", events.NoticeGiven)
    assert "localhost is in your own network" in saver.alice.workspace.problem
    assert saver.web.requests == []


def test_where_nothing_is_to_be_saved_is_told(saver: Uploader) -> None:
    saver.alice.receives(message("<body>hello</body>", "m"))
    saver.alice.looks_at(BOB)
    for line in ("/save", "/save 1"):
        saver.alice.types(line)
        assert "message" in saver.alice.workspace.problem
    saver.alice.receives(message("<body>see http://localhost/x.txt</body>", "n"))
    saver.sends("/save 1", events.NoticeGiven)
    assert "is not encrypted" in saver.alice.workspace.problem


def test_the_place_of_a_file_is_completed_with_or_without_a_number(alice: Actor) -> None:
    alice.workspace.offers.folder = ("/tmp/", [("down/", "")])
    for line in ("/save /tmp/d", "/save 1 /tmp/d", "/send /tmp/d"):
        assert [each.text for each in alice.workspace.complete(line, len(line))] == ["/tmp/down/"]


def test_of_what_is_opened_the_user_chooses_if_there_is_more_than_one(alice: Actor) -> None:
    offered: list[str] = []
    alice.workspace.on_links = offered.extend
    alice.receives(message(f"<body>{URL} https://example.org/more</body>{SHARED}", "m"))
    alice.receives(message("<body>nice</body>", "n"))
    alice.looks_at(BOB)
    alice.types("/open")
    assert offered == [URL, "https://example.org/more"]
