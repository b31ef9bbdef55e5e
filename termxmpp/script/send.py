"""`--send`: give messages to the server, wait for the proof, tell each one's fate.

Exit status 0 means that the server has confirmed every message as `--wait` asks. The stream
is closed in good order and read to its end, so that a bounce that came before counts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from termxmpp.errors import DataError, TermxmppError
from termxmpp.mainloop.stdin import Lines, read_all
from termxmpp.script.letters import Manner
from termxmpp.script.link import Link
from termxmpp.script.post import PostOffice
from termxmpp.script.recipients import Recipient
from termxmpp.script.report import UNPROVEN, Delivery, Outcome, Report
from termxmpp.values import dataclass
from termxmpp.words import _

if TYPE_CHECKING:
    from termxmpp.script.stanza import RawStanza

__all__ = ["MakeLink", "SendOptions", "send"]

# What is under way when a signal comes is still waited for, so long (seconds).
LAST_PROOF = 2.0

MakeLink = Callable[[Callable[[str], None]], Link]


@dataclass(frozen=True, slots=True)
class SendOptions:
    """What `--send` was asked: to whom, what, and when it counts as sent.

    `recipients` are addresses or links as they were given; a bad one does not stop the others.
    `text` is the message; with None it is that of the links, or all of standard input, or with
    `is_by_line` each line of it, sent as it comes. The `files` at these paths are uploaded and
    follow; where there are any, standard input is not read. With `is_raw` standard input is one
    stanza, which names its recipient. `waits_for` is `ack`, `receipt` or `none`. `timeout` bounds
    the wait for any one answer, in seconds. `subject`, `type` and `nick` are empty where they are
    not given; `room_password` is for all rooms whose link has none.
    """

    recipients: tuple[str, ...]
    text: str | None = None
    files: tuple[str, ...] = ()
    is_by_line: bool = False
    is_raw: bool = False
    waits_for: str = "ack"
    timeout: float = 30.0
    as_json: bool = False
    subject: str = ""
    type: str = ""
    nick: str = ""
    room_password: str = ""

    @property
    def manner(self) -> Manner:
        """What holds for each message."""
        return Manner(
            self.waits_for, self.timeout, self.subject, self.type, self.nick, self.room_password
        )


async def send(make_link: MakeLink, options: SendOptions, out: TextIO, err: TextIO) -> int:
    """Send what `options` say over a new link; the exit status.

    `make_link` gets who is told of what goes wrong meanwhile. What is told goes to `out` and
    `err`.
    """
    report = Report(out, err, as_json=options.as_json)
    run = _Run(make_link(report.complain), options, report)
    await run.prepare()
    try:
        await run.run()
    except asyncio.CancelledError:
        run.interrupted()
        raise
    finally:
        await run.close()
    run.check()
    return report.status


class _Run:
    """One run: the link, and what is left to be sent."""

    def __init__(self, link: Link, options: SendOptions, report: Report) -> None:
        self._link = link
        self._options = options
        self._report = report
        self._changed = asyncio.Event()
        self._office = PostOffice(
            link,
            report,
            options.manner,
            is_by_line=options.is_by_line,
            on_change=self._changed.set,
        )
        self._text = options.text
        self._has_text = False
        self._files = list(options.files)
        self._lines: Lines | None = None
        self._stanza: RawStanza | None = None
        self._is_cut_off = False

    async def prepare(self) -> None:
        """Find out who is meant and what is to be sent, before anybody is asked for anything."""
        options = self._options
        if options.is_raw:
            await self._prepare_stanza()
            return
        bad: list[tuple[str, DataError]] = []
        for given in dict.fromkeys(options.recipients):
            try:
                self._office.add(Recipient.parse(given))
            except DataError as error:
                bad.append((given, error))
        recipients = self._office.recipients
        is_read = options.text is None and not options.is_by_line and not options.files
        if is_read and any(each.text is None for each in recipients):
            self._text = (await read_all()).removesuffix("\n")
        has_own = any(each.text is not None for each in recipients)
        self._has_text = not options.is_by_line and (self._text is not None or has_own)
        if self._has_text:
            texts = [each.text if self._text is None else self._text for each in recipients]
            if not any(text and text.strip() for text in texts) and recipients:
                raise DataError(_("The message is empty; nothing was sent."))
        if options.files:
            await _check_files(options.files)
        for given, problem in bad:
            self._report.fail(str(problem), problem.exit_status)
            for text in [*([self._text] if self._text is not None else []), *self._files]:
                self._report.tell(Delivery(given, text, "", Outcome.UNSENT, problem.exit_status))

    async def run(self) -> None:
        """Connect, send, wait for the proof."""
        if not self._office.recipients:
            return
        try:
            await self._link.open()
        except TermxmppError as error:
            self._fail(error)
            return
        if self._stanza is not None:
            await self._send_stanza(self._stanza)
        elif self._has_text:
            self._has_text = False
            self._office.write_each(self._text)
        if self._files:
            await self._send_files()
        if self._options.is_by_line:
            await self._send_lines()
            if not self._office.has_written and self._link.is_open and not self._is_dead:
                raise DataError(_("There was nothing to send: standard input was empty."))
        await self._wait_for_proof()

    def interrupted(self) -> None:
        """A signal ended the run: what was not even begun is named too."""
        self._is_cut_off = True
        self._tell_unsent(UNPROVEN)

    async def close(self) -> None:
        """Close the stream in good order, then tell what each message came to."""
        if self._is_cut_off and self._office.has_unproven and self._link.is_open:
            with contextlib.suppress(TermxmppError):
                await self._link.prove(LAST_PROOF)
        self._office.leave()
        await self._link.close()
        self._office.tell_all()
        for line in self._lines.left() if self._lines is not None else ():
            if line.strip():
                self._office.tell_unsent(line, UNPROVEN)

    def check(self) -> None:
        """Raise what ends the whole run, if there is anything."""
        if self._office.problem is not None:
            raise self._office.problem

    @property
    def _is_dead(self) -> bool:
        return self._office.is_dead

    async def _prepare_stanza(self) -> None:
        # Few scripts speak XML.
        from termxmpp.script.stanza import read_stanza

        stanza = self._stanza = await read_stanza(self._link.account)
        self._office.add(Recipient(str(stanza.to), stanza.to, type="chat"))
        self._text, self._has_text = stanza.text, True

    async def _send_stanza(self, stanza: RawStanza) -> None:
        from termxmpp.script.stanza import ask

        self._has_text = False
        if stanza.is_request:
            await ask(self._link, stanza, self._report)
        else:
            self._office.go(stanza.outgoing, stanza.to, stanza.text)

    async def _send_files(self) -> None:
        """Upload each file and send its link; a file that fails stops no other."""
        # Few scripts send files, and it takes the features to do it.
        from termxmpp.script.uploading import Uploads

        uploads = Uploads(self._link, self._report)
        while self._files:
            path = self._files[0]
            try:
                url, payloads = await uploads.bring(path, self._office.recipients[0].jid)
            except TermxmppError as error:
                self._report.fail(str(error), error.exit_status)
                self._office.tell_unsent(path, error.exit_status)
            else:
                self._office.write(url, payloads)
            self._files.pop(0)

    async def _send_lines(self) -> None:
        """Send each line as it comes; no more are read than can be sent."""
        lines = self._lines = Lines()
        while not self._is_dead:
            line = lines.take()
            if line is not None:
                self._office.write(line)
                if not self._office.has_room:
                    await self._wait_until(lambda: self._office.has_room)
            elif lines.has_ended:
                return
            elif not await self._has_link():
                # There may be more to come, and nobody who takes it.
                self._report.fail(str(self._link.failure), UNPROVEN)
                return
            else:
                await self._link.until_lost(lines.read())

    async def _wait_for_proof(self) -> None:
        if self._options.waits_for == "none":
            # Only what has left is given.
            await self._wait_until(lambda: self._office.has_all_left)
        else:
            await self._wait_until(lambda: self._office.is_settled)

    async def _wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait until `is_so()`, for as long as there is a link and something goes on."""
        while not is_so():
            if not await self._has_link():
                self._report.complain(str(self._link.failure))
                return
            self._changed.clear()
            if is_so() or not self._link.is_open:
                continue
            try:
                async with asyncio.timeout(self._options.timeout):
                    await self._changed.wait()
            except TimeoutError:
                words = _(
                    "There was no confirmation within {timeout:g} s; --timeout can allow more."
                )
                if self._office.has_unproven:
                    words = _(
                        "The server did not confirm within {timeout:g} s; --timeout can allow more."
                    )
                self._report.complain(words.format(timeout=self._options.timeout))
                self._office.give_up()
                return

    async def _has_link(self) -> bool:
        """Whether there is a link; one that broke is made anew, as `--retry` allows."""
        self.check()
        return self._link.is_open or await self._link.reopen()

    def _fail(self, error: TermxmppError) -> None:
        """Nothing could be sent: name every message that was to be."""
        self._report.fail(str(error), error.exit_status)
        self._tell_unsent(error.exit_status)

    def _tell_unsent(self, status: int) -> None:
        if self._has_text:
            self._office.tell_unsent(self._text, status)
        for path in self._files:
            self._office.tell_unsent(path, status)
        self._has_text, self._files = False, []


async def _check_files(paths: tuple[str, ...]) -> None:
    """What can't be read is told before anything is sent: InputError."""
    # Most scripts send no files.
    from termxmpp.transfers.disk import reading

    for path in paths:
        async with reading(path):
            pass
