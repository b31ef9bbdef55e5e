"""Opening a link in another program, which goes on when termxmpp ends."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from asyncio.subprocess import DEVNULL

from termxmpp.errors import UserError
from termxmpp.words import _

__all__ = ["open_link"]

# What has not failed after so long is at work: it may be the browser itself (seconds).
PATIENCE = 10.0

# The shell stands between: the end of termxmpp, or of its patience, ends only that.
_BESIDE = '"$@" & wait "$!"'

# What open_link is asked to open; others could name a file, or a program.
SCHEMES = ("http://", "https://", "xmpp:", "mailto:", "geo:")


async def open_link(link: str, opener: str = "") -> None:
    """Open `link` by the command `opener`, or by xdg-open where that is empty.

    Raises UserError where there is no such program, or it fails soon.
    """
    if not link.lower().startswith(SCHEMES):
        raise UserError(_("{link} is no link that can be opened.").format(link=link))
    try:
        command = shlex.split(opener) or ["xdg-open"]
    except ValueError as error:
        raise UserError(_("opener of ui: {error}").format(error=error)) from None
    program = shutil.which(command[0])
    if program is None:
        raise UserError(
            _("There is no program {name} to open links: /set ui.opener names another.").format(
                name=command[0]
            )
        )
    shell = ["/bin/sh", "-c", _BESIDE, "sh", program, *command[1:], link]
    process = await asyncio.create_subprocess_exec(
        *shell, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
    )
    try:
        async with asyncio.timeout(PATIENCE):
            status = await process.wait()
    except TimeoutError:
        return
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status != 0:
        raise UserError(
            _("{name} could not open {link} (status {status}).").format(
                name=command[0], link=link, status=status
            )
        )
