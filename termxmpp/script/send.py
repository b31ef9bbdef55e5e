"""`--send`: give messages to the server, wait for the proof, tell each one's fate.

Exit status 0 means that the server has confirmed every message as `--wait` asks. The stream
is closed in good order and read to its end, so that a bounce that came before counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TextIO

from termxmpp.client import Client
from termxmpp.core import events
from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.message import Fate
from termxmpp.errors import ConnectionFailed, DataError, TermxmppError
from termxmpp.features.uploads import upload
from termxmpp.mainloop.stdin import read_all, read_lines
from termxmpp.script.progress import Progress
from termxmpp.script.report import Delivery, Outcome, Report
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["SendOptions", "send"]

# Exit statuses of single messages (contract §1).
BOUNCED = 67
UNPROVEN = 75


@dataclass(frozen=True, slots=True)
class SendOptions:
    """What `--send` was asked: to whom, what, and when it counts as sent.

    `recipients` are addresses as they were given; a bad one does not stop the others.
    `text` is the message; with None all of standard input is, or with `is_by_line` each line
    of it, sent as it comes. The `files` at these paths are uploaded and follow; where there are
    any, standard input is not read. `timeout` bounds the wait for any one answer, in seconds.
    """

    recipients: tuple[str, ...]
    text: str | None = None
    files: tuple[str, ...] = ()
    is_by_line: bool = False
    waits: bool = True
    timeout: float = 30.0
    as_json: bool = False


async def send(
    make_client: Callable[[], Client], options: SendOptions, out: TextIO, err: TextIO
) -> int:
    """Send what `options` say through a new client; the exit status.

    `make_client` makes a client that does not reconnect. What is told goes to `out` and `err`.
    """
    progress = Progress(err)
    report = Report(out, err, as_json=options.as_json, before=progress.clear)
    text = options.text
    if not options.is_by_line and (text is not None or not options.files):
        text = await _whole(text)
    if options.files:
        await _check_files(options.files)
    sender = _Sender(make_client(), options, text, report, progress)
    try:
        await sender.run()
    except asyncio.CancelledError:
        sender.interrupted()
        raise
    finally:
        await sender.close()
    return report.status


async def _check_files(paths: Iterable[str]) -> None:
    """What can't be read is told before anything is sent: InputError."""
    # Most scripts send no files.
    from termxmpp.transfers.disk import reading

    for path in paths:
        async with reading(path):
            pass


async def _whole(text: str | None) -> str:
    """The one message: `text`, or all of standard input without its final newline."""
    whole = (await read_all()).removesuffix("\n") if text is None else text
    if not whole.strip():
        raise DataError(_("The message is empty; nothing was sent."))
    return whole


class _Sender:
    """One run: the client, and what is known of each message."""

    def __init__(
        self,
        client: Client,
        options: SendOptions,
        text: str | None,
        report: Report,
        progress: Progress,
    ) -> None:
        self._client = client
        self._options = options
        self._text = text
        self._report = report
        self._progress = progress
        # What has not been begun yet: a text, and paths of files.
        self._left = [*([text] if text is not None else []), *options.files]
        self._recipients: list[Jid] = []
        self._fates: dict[str, tuple[Jid, str, Fate, str]] = {}
        self._changed = asyncio.Event()
        client.observers.append(self._observe)

    async def run(self) -> None:
        """Connect, send, wait for the proof."""
        self._read_recipients()
        if not self._recipients:
            return
        self._client.connect()
        try:
            await self._until(self._is_connected_or_failed)
        except TimeoutError:
            self._fail(ConnectionFailed(_("The log-in took too long; --timeout can allow more.")))
            return
        if self._client.failure is not None or not self._client.is_online:
            self._fail(self._client.failure or ConnectionFailed(_("The server closed the stream.")))
            return
        if self._text is not None:
            self._write(self._text)
            self._left.pop(0)
        for path in self._options.files:
            await self._send_file(path)
            self._left.pop(0)
        if self._text is None and not self._options.files:
            async for line in read_lines():
                self._write(line)
                if not self._client.is_online:
                    break
        if not self._fates and not self._options.files:
            raise DataError(_("There was nothing to send: standard input was empty."))
        if self._options.waits and self._fates:
            await self._wait_for_proof()

    def interrupted(self) -> None:
        """A signal ended the run: what was not even begun is named too."""
        self._tell_unsent(UNPROVEN, map(str, self._recipients))

    async def close(self) -> None:
        """Close the stream in good order, then tell what each message came to."""
        await self._client.close()
        for message_id, (to, text, fate, reason) in self._fates.items():
            self._report.tell(self._delivery(message_id, to, text, fate, reason))
        self._fates.clear()

    def _read_recipients(self) -> None:
        """Find out who is meant, and tell of each that nobody can be."""
        for address in self._options.recipients:
            try:
                self._recipients.append(Jid.parse(address))
            except DataError as error:
                self._report.fail(str(error), error.exit_status)
                self._tell_unsent(error.exit_status, [address])

    async def _send_file(self, path: str) -> None:
        """Upload the file at `path` and send its link; a file that fails stops no other."""
        try:
            shared = await upload(self._client, path, self._recipients[0])
        except TermxmppError as error:
            self._report.fail(str(error), error.exit_status)
            for to in self._recipients:
                self._report.tell(Delivery(str(to), path, "", Outcome.UNSENT, error.exit_status))
        else:
            self._write(shared.url, (shared,))

    def _write(self, text: str, files: tuple[SharedFile, ...] = ()) -> None:
        if not text.strip():
            return
        for to in self._recipients:
            try:
                message_id = self._client.write(to, text, files=files)
            except DataError as error:
                self._report.fail(str(error), error.exit_status)
                self._tell_unsent(error.exit_status, [str(to)])
                continue
            self._fates.setdefault(message_id, (to, text, Fate.QUEUED, ""))

    async def _wait_for_proof(self) -> None:
        try:
            await self._until(self._is_settled)
        except TimeoutError:
            self._report.complain(
                _(
                    "The server did not confirm within {timeout:g} s; --timeout can allow more."
                ).format(timeout=self._options.timeout)
            )

    def _delivery(self, message_id: str, to: Jid, text: str, fate: Fate, reason: str) -> Delivery:
        match fate:
            case Fate.FAILED:
                return Delivery(str(to), text, message_id, Outcome.BOUNCED, BOUNCED, reason)
            case Fate.QUEUED:
                return Delivery(str(to), text, message_id, Outcome.UNSENT, UNPROVEN, reason)
            case Fate.SENT if self._options.waits:
                return Delivery(str(to), text, message_id, Outcome.UNKNOWN, UNPROVEN, reason)
            case Fate.SENT:
                return Delivery(str(to), text, message_id, Outcome.GIVEN, 0)
        return Delivery(str(to), text, message_id, Outcome.PROVEN, 0)

    def _fail(self, error: TermxmppError) -> None:
        """Nothing could be sent: name every message that was to be."""
        self._report.fail(str(error), error.exit_status)
        self._tell_unsent(error.exit_status, map(str, self._recipients))

    def _tell_unsent(self, status: int, recipients: Iterable[str]) -> None:
        for to in recipients:
            for text in self._left:
                self._report.tell(Delivery(to, text, "", Outcome.UNSENT, status))

    def _observe(self, client: Client, event: events.Event) -> None:
        self._progress.observe(event)
        match event:
            case events.MessageWritten(to, message):
                self._fates[message.id] = (to, message.text, Fate.QUEUED, "")
            case events.FateChanged(_, message_id, fate, reason) if message_id in self._fates:
                to, text, before, known = self._fates[message_id]
                now = before.becomes(fate)
                self._fates[message_id] = (to, text, now, reason if now is fate else known)
            case events.NoticeGiven(notice) if notice.is_error:
                self._report.complain(notice.text)
            case events.LinkChanged():
                pass
            case _:
                return
        self._changed.set()

    def _is_connected_or_failed(self) -> bool:
        return self._client.state.link.phase not in (Phase.CONNECTING,)

    def _is_settled(self) -> bool:
        if not self._client.is_online:
            return True
        open_fates = (Fate.QUEUED, Fate.SENT)
        return all(fate not in open_fates for _, _, fate, _ in self._fates.values())

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Wait until `is_so()` holds; TimeoutError when nothing has changed for too long."""
        await asyncio.sleep(0)
        while not is_so():
            self._changed.clear()
            async with asyncio.timeout(self._options.timeout):
                await self._changed.wait()
