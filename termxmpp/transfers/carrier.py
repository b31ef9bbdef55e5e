"""The files on their way for one account: brought, saved, watched, and stopped.

How far one has come is told a few times a second while something comes, and never by a timer.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from termxmpp.core.events import Event, TransferEnded, TransferMoved
from termxmpp.core.files import Digest, SharedFile, safe_name, size_words
from termxmpp.core.jid import Jid
from termxmpp.core.picture import Picture
from termxmpp.core.transfer import Transfer
from termxmpp.errors import ConnectionFailed, RemoteError, UserError
from termxmpp.transfers.digests import OURS, Digests, is_same
from termxmpp.values import dataclass
from termxmpp.words import _

if TYPE_CHECKING:
    from termxmpp.transfers.disk import DiskFile, Keeper
    from termxmpp.transfers.web import Header, Web

__all__ = ["Carrier", "Saved", "Saving", "Sending"]

# A transfer is told of once in so many seconds while it moves, at most.
TOLD = 0.25

# What is fetched to be shown has so many bytes at most, and comes within so many seconds.
LARGEST_PICTURE, PICTURE_PATIENCE = 5_000_000, 30.0


@dataclass(frozen=True, slots=True)
class Saving:
    """How files are saved: in `folder`, at most `limit` bytes each.

    `is_local_allowed`: also from servers in the user's own network. `shows_pictures`: what
    contacts share is fetched to be shown small.
    """

    folder: str = "~/Downloads"
    limit: int = 100_000_000
    is_local_allowed: bool = False
    shows_pictures: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that was saved at `path`, `size` bytes, and checked by the hash `checked_by`."""

    path: Path
    size: int
    checked_by: str = ""


class Carrier:
    """Carries files over the web that `make_web` makes, for one account; tells of it by `emit`.

    `saving` is how they are saved from now on. Without `make_web` nothing can be carried.

    What reads, keeps, fetches and shows files is loaded when it is needed: most sessions, and the
    start of each, do without.
    """

    def __init__(self, emit: Callable[[Event], None], make_web: Callable[[], Web] | None) -> None:
        self.saving = Saving()
        self._emit = emit
        self._make_web = make_web
        self._numbers = itertools.count(1)
        self._tasks: dict[int, tuple[Transfer, asyncio.Task[object]]] = {}

    @asynccontextmanager
    async def sending(self, path: str, peer: Jid) -> AsyncIterator[Sending]:
        """The file at `path`, about to be sent to `peer`; InputError if it can't be read.

        From now on it can be stopped, also while nobody has said where it may go.
        """
        from termxmpp.transfers.disk import reading

        web = self._reachable()
        async with reading(path) as file:
            with self._on_its_way(Transfer(0, peer, file.name, True, 0, file.size)) as way:
                yield Sending(file, web, way)

    async def save(self, file: SharedFile, peer: Jid, path: str = "") -> Saved:
        """Save what `file` says at `path`, or in the folder for such.

        Nothing is kept of a file that is too large or is not what was announced.
        """
        from termxmpp.transfers.disk import keeping

        web, saving = self._reachable(), self.saving
        if file.size is not None:
            _check_size(file.size, saving.limit)
        name = safe_name(file.label)
        checked = Digests(algorithm for algorithm, _digest in file.hashes)
        with self._on_its_way(Transfer(0, peer, name, False, 0, file.size)) as way:
            async with (
                web.get(file.url, is_local_allowed=saving.is_local_allowed) as answer,
                keeping(path or saving.folder, name, is_folder=not path) as keeper,
            ):
                if answer.size is not None:
                    _check_size(answer.size, saving.limit)
                    way.size = answer.size
                size = await _keep(answer.chunks, keeper, checked, saving.limit, way)
                if answer.size is not None and size != answer.size:
                    raise RemoteError(_("The connection broke off: nothing was kept. Try again."))
                checked_by = _check_hashes(file.hashes, checked)
                return Saved(await keeper.finish(), size, checked_by)

    async def picture(self, file: SharedFile) -> Picture:
        """The picture that `file` is, small; RemoteError if it is none, or too large."""
        from termxmpp.transfers.pictures import PIXELS, small_picture

        web = self._reachable()
        has_too_many = (file.width or 0) * (file.height or 0) > PIXELS
        if has_too_many or (file.size is not None and file.size > LARGEST_PICTURE):
            raise RemoteError(_("The picture is too large to be shown."))
        data = bytearray()
        try:
            async with (
                asyncio.timeout(PICTURE_PATIENCE),
                web.get(file.url, is_local_allowed=self.saving.is_local_allowed) as answer,
            ):
                async for chunk in answer.chunks:
                    data += chunk
                    if len(data) > LARGEST_PICTURE:
                        raise RemoteError(_("The picture is too large to be shown."))
        except TimeoutError:
            raise ConnectionFailed(_("The picture did not come in time.")) from None
        return await small_picture(bytes(data))

    def stop(self, peer: Jid | None) -> list[str]:
        """Stop what is under way for `peer`, or with None all; what that was, by its names."""
        stopped = []
        for transfer, task in list(self._tasks.values()):
            if peer is None or transfer.peer == peer:
                task.cancel()
                stopped.append(transfer.name)
        return stopped

    def _reachable(self) -> Web:
        if self._make_web is None:
            raise UserError(_("No files can be sent or saved here."))
        return self._make_web()

    @contextmanager
    def _on_its_way(self, transfer: Transfer) -> Iterator[_Way]:
        """Tell of `transfer`, and let it be stopped, until the end of the context."""
        transfer = replace(transfer, number=next(self._numbers))
        task = asyncio.current_task()
        assert task is not None
        self._tasks[transfer.number] = transfer, task
        self._emit(TransferMoved(transfer))
        try:
            yield _Way(transfer, self._emit)
        finally:
            del self._tasks[transfer.number]
            self._emit(TransferEnded(transfer.number))


class _Way:
    """How far `transfer` has come, told by `emit`; `size` is how much there is, if known."""

    def __init__(self, transfer: Transfer, emit: Callable[[Event], None]) -> None:
        self.size = transfer.size
        self._transfer = transfer
        self._emit = emit
        self._done = 0
        self._told_at = asyncio.get_running_loop().time()

    def move(self, count: int) -> None:
        """So many bytes more have come over."""
        self._done += count
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= TOLD:
            self._told_at = now
            moved = replace(self._transfer, done=self._done, size=self.size)
            self._emit(TransferMoved(moved))


class Sending:
    """A file that is being sent: `name`, `size` in bytes, and media type, or nothing.

    When it was brought, `pixels` are width and height of what is a picture.
    """

    def __init__(self, file: DiskFile, web: Web, way: _Way) -> None:
        self.name, self.size, self.media_type = file.name, file.size, file.media_type
        self.pixels: tuple[int, int] | None = None
        self._file = file
        self._web = web
        self._way = way

    async def bring(self, url: str, headers: Sequence[Header]) -> tuple[Digest, ...]:
        """Bring the file to `url`; the hashes of what was brought."""
        from termxmpp.transfers.measures import LOOKED_AT, pixels_of

        digests, head = Digests([OURS]), bytearray()

        async def content() -> AsyncIterator[bytes]:
            async for chunk in self._file.chunks():
                digests.update(chunk)
                head.extend(chunk[: LOOKED_AT - len(head)])
                yield chunk
                self._way.move(len(chunk))

        await self._web.put(url, headers, self.size, content())
        self.pixels = pixels_of(bytes(head))
        return digests.all()


async def _keep(
    chunks: AsyncIterator[bytes],
    keeper: Keeper,
    digests: Digests,
    limit: int,
    way: _Way,
) -> int:
    """Keep all that comes; how many bytes that was."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        _check_size(size, limit)
        digests.update(chunk)
        await keeper.write(chunk)
        way.move(len(chunk))
    return size


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise UserError(
            _(
                "The file is larger than {limit}, which is the most that is saved: nothing was "
                "kept. /set network.largest_file sets another limit, in megabytes."
            ).format(limit=size_words(limit))
        )


def _check_hashes(announced: Sequence[Digest], made: Digests) -> str:
    """What the file was checked by, if by anything; RemoteError if it is another one."""
    said = dict(announced)
    for algorithm, digest in made.all():
        if not is_same(said[algorithm], digest):
            raise RemoteError(
                _(
                    "What came is not what was announced (its {algorithm} is another): nothing "
                    "was kept. Somebody may have changed it on the way."
                ).format(algorithm=algorithm)
            )
    return next((algorithm for algorithm, _digest in made.all()), "")
