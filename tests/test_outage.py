"""What a server that fails says elsewhere of how it is (XEP-0455)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.outage import Outage, fetch_outage, read_outage

BEGINNING, END = datetime(2021, 1, 12, 1, 1, 1, tzinfo=UTC), datetime(2021, 1, 12, 5, tzinfo=UTC)
TOLD = {
    "planned": True,
    "beginning": "2021-01-12T01:01:01Z",
    "expected_end": "2021-01-12T05:00:00Z",
    "message": {"default": "Mise à jour", "en": "It is being updated", "zh-CN": "维护中"},
    "more": 1,
}


@pytest.mark.parametrize(
    ("languages", "words"),
    [
        ((), "Mise à jour"),
        (("en",), "It is being updated"),
        (("zh-CN", "zh"), "维护中"),
        (("de-AT", "de", "en"), "It is being updated"),
    ],
)
def test_it_is_told_in_the_users_language(languages: tuple[str, ...], words: str) -> None:
    assert read_outage(json.dumps(TOLD).encode(), languages) == Outage(True, BEGINNING, END, words)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"beginning": 5}',
        b'{"beginning": "soon"}',
        b'{"beginning": "9999-12-31T23:59:59-12:00"}',
        b'{"planned": true}',
    ],
)
def test_what_tells_of_no_outage_is_none(answer: bytes) -> None:
    assert read_outage(answer) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda below: st.lists(below) | st.dictionaries(st.text(), below),
        max_leaves=5,
    ),
    st.sampled_from(["planned", "expected_end", "message", "beginning"]),
)
def test_rubbish_is_an_outage_or_none(value: object, key: str) -> None:
    found = read_outage(json.dumps({**TOLD, key: value}).encode(), ("en",))
    assert found is None or isinstance(found.words, str)


@asynccontextmanager
async def web(answer: bytes, head: str = "200 OK") -> AsyncIterator[str]:
    """A server that answers so to whoever asks; where it is."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/status.json"


@pytest.mark.parametrize(
    ("answer", "head", "is_found"),
    [
        (json.dumps(TOLD).encode(), "200 OK", True),
        (json.dumps(TOLD).encode(), "500 Broken", False),
        (b"", "302 Found\r\nLocation: file:///etc/passwd", False),
        (b" " * 70_000 + json.dumps(TOLD).encode(), "200 OK", False),
    ],
)
def test_it_is_fetched_and_no_more_than_that(answer: bytes, head: str, is_found: bool) -> None:
    async def scenario(mainloop: EpollMainLoop) -> None:
        async with web(answer, head) as address:
            assert (await fetch_outage(address) is not None) is is_found

    run(scenario)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "-x", ""])
def test_nothing_but_the_web_is_asked(address: str) -> None:
    async def scenario(mainloop: EpollMainLoop) -> None:
        assert await fetch_outage(address) is None

    run(scenario)
