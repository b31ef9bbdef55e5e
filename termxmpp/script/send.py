"""`--send`: give messages to the server, wait for the proof, tell each one's fate.

Exit status 0 means that the server has confirmed every message as `--wait` asks. The stream
is closed in good order and read to its end, so that a bounce that came before counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TextIO

from termxmpp.client import Client
from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.message import Fate
from termxmpp.errors import ConnectionFailed, DataError, TermxmppError
from termxmpp.script.report import Delivery, Outcome, Report

__all__ = ["SendOptions", "send"]

# Exit statuses of single messages (contract §1).
BOUNCED = 67
UNPROVEN = 75


@dataclass(frozen=True, slots=True)
class SendOptions:
    """What `--send` was asked: to whom, what, and when it counts as sent.

    `timeout` bounds the wait for any one answer, in seconds. `texts` are the messages known
    at the start; with `lines` more come as they are read.
    """

    recipients: tuple[Jid, ...]
    texts: tuple[str, ...] = ()
    lines: AsyncIterator[str] | None = None
    waits: bool = True
    timeout: float = 30.0
    as_json: bool = False


async def send(
    make_client: Callable[[], Client], options: SendOptions, out: TextIO, err: TextIO
) -> int:
    """Send what `options` say through a new client; the exit status.

    `make_client` makes a client that does not reconnect. What is told goes to `out` and `err`.
    """
    report = Report(out, err, as_json=options.as_json)
    sender = _Sender(make_client(), options, report)
    try:
        await sender.run()
    finally:
        await sender.close()
    return report.status


class _Sender:
    """One run: the client, and what is known of each message."""

    def __init__(self, client: Client, options: SendOptions, report: Report) -> None:
        self._client = client
        self._options = options
        self._report = report
        self._fates: dict[str, tuple[Jid, str, Fate, str]] = {}
        self._changed = asyncio.Event()
        client.observers.append(self._observe)

    async def run(self) -> None:
        """Connect, send, wait for the proof."""
        self._client.connect()
        try:
            await self._until(self._is_connected_or_failed)
        except TimeoutError:
            self._fail(ConnectionFailed("The log-in took too long; --timeout can allow more."))
            return
        if self._client.failure is not None or not self._client.is_online:
            self._fail(self._client.failure or ConnectionFailed("The server closed the stream."))
            return
        for text in self._options.texts:
            self._write(text)
        if self._options.lines is not None:
            async for line in self._options.lines:
                self._write(line)
                if not self._client.is_online:
                    break
        if not self._fates:
            raise DataError("There was nothing to send: standard input was empty.")
        if self._options.waits:
            await self._wait_for_proof()

    async def close(self) -> None:
        """Close the stream in good order, then tell what each message came to."""
        await self._client.close()
        for message_id, (to, text, fate, reason) in self._fates.items():
            self._report.tell(self._delivery(message_id, to, text, fate, reason))
        self._fates.clear()

    def _write(self, text: str) -> None:
        if not text.strip():
            return
        for to in self._options.recipients:
            message_id = self._client.write(to, text)
            self._fates.setdefault(message_id, (to, text, Fate.QUEUED, ""))

    async def _wait_for_proof(self) -> None:
        try:
            await self._until(self._is_settled)
        except TimeoutError:
            self._report.complain(
                f"The server did not confirm within {self._options.timeout:g} s; "
                "--timeout can allow more."
            )

    def _delivery(self, message_id: str, to: Jid, text: str, fate: Fate, reason: str) -> Delivery:
        match fate:
            case Fate.FAILED:
                return Delivery(to, text, message_id, Outcome.BOUNCED, BOUNCED, reason)
            case Fate.QUEUED:
                return Delivery(to, text, message_id, Outcome.UNSENT, UNPROVEN, reason)
            case Fate.SENT if self._options.waits:
                return Delivery(to, text, message_id, Outcome.UNKNOWN, UNPROVEN, reason)
            case Fate.SENT:
                return Delivery(to, text, message_id, Outcome.GIVEN, 0)
        return Delivery(to, text, message_id, Outcome.PROVEN, 0)

    def _fail(self, error: TermxmppError) -> None:
        """Nothing could be sent: name every message that was to be."""
        self._report.fail(str(error), error.exit_status)
        for text in self._options.texts:
            for to in self._options.recipients:
                self._report.tell(
                    Delivery(to, text, "", Outcome.UNSENT, error.exit_status)
                )

    def _observe(self, client: Client, event: events.Event) -> None:
        match event:
            case events.MessageWritten(to, message):
                self._fates[message.id] = (to, message.text, Fate.QUEUED, "")
            case events.FateChanged(_, message_id, fate, reason) if message_id in self._fates:
                to, text, before, _ = self._fates[message_id]
                self._fates[message_id] = (to, text, before.becomes(fate), reason)
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
