"""What is said of a file, and what of its name a file of ours can have."""

from __future__ import annotations

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.files import (
    LONGEST_NAME,
    SharedFile,
    file_words,
    has_only_links,
    safe_name,
    size_words,
    web_link,
)

URL = "https://files.example.org/4a77/summit.jpg"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SharedFile(URL, "summit.jpg", "image/jpeg", 3_032_449), "summit.jpg, picture, 3.0 MB"),
        (SharedFile(URL), "summit.jpg, picture"),
        (SharedFile(URL, "voice", "audio/ogg", 999), "voice, sound, 999 B"),
        (SharedFile(f"{URL}/x.bin"), "x.bin, file"),
        (SharedFile("https://example.org/"), "file"),
        (SharedFile("https://example.org/tr%C3%A8s%20cool.pdf?x=1"), "très cool.pdf, document"),
        (SharedFile(name="a.zip"), "a.zip, archive, without a link"),
        (SharedFile(URL, "a.png", description="of us\nall"), "a.png, picture: of us␤all"),
        (SharedFile(URL, is_link=True), "summit.jpg, link"),
        (SharedFile("https://example.org/", is_link=True), "example.org, link"),
        (SharedFile(URL, "x\x1b[31m\u202egpj.exe"), "x␛[31m⟦RLO⟧gpj.exe, file"),
        (
            SharedFile(URL, "https://bank.example/a.pdf"),
            "https://bank.example/a.pdf, document, files.example.org",
        ),
        (SharedFile(URL, ".jpg"), ".jpg, file"),
        (
            SharedFile(URL, "a.png", size=5000, width=1920, height=1080),
            "a.png, picture, 1920×1080, 5.0 kB",
        ),
        (SharedFile(URL, "a.png", width=1920), "a.png, picture"),
        (SharedFile(URL, "a.ogg", length=63_400), "a.ogg, sound, 1:03"),
        (SharedFile(URL, "a.mp4", length=3_600_000), "a.mp4, video, 1:00:00"),
        (SharedFile(URL, "a.ogg", length=0), "a.ogg, sound, 0:00"),
        (SharedFile(URL, "a.ogg", length=754_000), "a.ogg, sound, 12:34"),
    ],
)
def test_a_file_is_told_in_one_line(file: SharedFile, words: str) -> None:
    assert file_words(file) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9949, "9.9 kB"),
        (9950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (3_032_449, "3.0 MB"),
        (10**15, "1000 TB"),
    ],
)
def test_a_size_is_told_as_people_read_it(size: int, words: str) -> None:
    assert size_words(size) == words


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (URL, True),
        (f" {URL}\n", True),
        ("http://example.org", True),
        ("HTTPS://EXAMPLE.ORG/X", True),
        ("https://[::1]:8443/x", True),
        ("https://müller.example/ä", True),
        ("https://", False),
        ("https:///x", False),
        ("https://[::1/x", False),
        ("https://a:99999/", False),
        ("https://a b/", False),
        ("https://a\u202e/", False),
        ("https://a\x00/", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("ftp://example.org/x", False),
        ("aesgcm://example.org/x", False),
        ("", False),
        ("https://example.org/" + "x" * 5000, False),
    ],
)
def test_which_texts_are_links_to_the_web(text: str, is_one: bool) -> None:
    assert web_link(text) == (text.strip() if is_one else "")


@pytest.mark.parametrize(
    ("text", "is_all"),
    [(URL, True), (f"{URL}\n{URL}", True), ("", True), (f"look: {URL}", False), ("x", False)],
)
def test_whether_a_text_says_nothing_but_where_files_are(text: str, is_all: bool) -> None:
    assert has_only_links(text, [SharedFile(URL)]) == is_all
    assert not has_only_links(text, [])


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("photo.jpg", "photo.jpg"),
        ("très cool (1).jpg", "très cool (1).jpg"),
        ("照片.jpg", "照片.jpg"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        ("..\\..\\boot.ini", "_.._boot.ini"),
        (".bashrc", "bashrc"),
        ("...", "file"),
        ("", "file"),
        ("\0\x1b[2J\n", "[2J"),
        ("-rf", "rf"),
        ("~root", "root"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\u200b\u2066b", "ab"),
        ("x" * 300 + ".jpg", "x" * 196 + ".jpg"),
        ("ü" * 300, "ü" * 100),
        ("name. ", "name"),
        ("\ud800", "file"),
    ],
)
def test_what_of_a_name_a_file_can_have(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text())
def test_no_name_leads_elsewhere_or_hides_anything(name: str) -> None:
    safe = safe_name(name)
    assert safe == os.path.basename(safe)
    assert 0 < len(safe.encode()) <= LONGEST_NAME
    assert safe[0] not in ".-~ "
    assert not any(unicodedata.category(char)[0] == "C" for char in safe)
    assert safe_name(safe) == safe
