"""A web server on loopback, by real TLS: it takes files, gives them back, and can misbehave."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.authority import Authority

__all__ = ["Request", "Response", "WebServer"]


@dataclass(frozen=True)
class Request:
    """What came: the headers as they stood, in order, and the body."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Response:
    """What is answered. `length` is what is said of the body's; None: what it has.

    Where it is `endless` the body is sent again and again, without a length.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    length: int | None = None
    endless: bool = False


@dataclass
class WebServer:
    """Serves on `port` of `localhost` what is in `files`, and takes what is put there.

    `answers` come before that, by path. Where it `hangs_up`, that is all that comes of a request.
    `is_open` has to be set for a body to be read: until then nobody takes it. `held` is set as
    soon as a request has come.
    """

    folder: Path
    names: tuple[str, ...] = ("localhost",)
    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Response] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    hangs_up: bool = False

    def __post_init__(self) -> None:
        self.authority = Authority(self.folder)
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.held = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        context = self.authority.issue(*self.names).context()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.is_open.set()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()
        while self._writers:  # noqa: ASYNC110  # theirs end in the next turns
            await asyncio.sleep(0)

    def url(self, path: str, host: str = "localhost") -> str:
        return f"https://{host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, OSError):
                await self._answer(reader, writer)
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _version = head[0].split(" ")
        headers = tuple(
            (name, value) for name, _colon, value in (line.partition(": ") for line in head[1:-2])
        )
        length = next(
            (int(value) for name, value in headers if name.lower() == "content-length"), 0
        )
        self.held.set()
        if self.hangs_up:
            writer.transport.abort()
            return
        early = self.answers.get(path)
        if early is not None and method == "PUT":
            self.requests.append(Request(method, path, headers, b""))
            await self._say(writer, early)
            return
        await self.is_open.wait()
        body = await reader.readexactly(length)
        self.requests.append(Request(method, path, headers, body))
        if method == "PUT":
            self.files[path] = body
            await self._say(writer, Response(201))
        elif early is not None:
            await self._say(writer, early)
        elif path in self.files:
            await self._say(writer, Response(body=self.files[path]))
        else:
            await self._say(writer, Response(404))

    async def _say(self, writer: asyncio.StreamWriter, response: Response) -> None:
        length = len(response.body) if response.length is None else response.length
        lines = [f"HTTP/1.1 {response.status} Words", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if not response.endless:
            lines.append(f"Content-Length: {length}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        writer.write(response.body)
        await writer.drain()
        while response.endless:
            writer.write(response.body)
            await writer.drain()
