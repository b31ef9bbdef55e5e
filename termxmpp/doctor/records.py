"""What becomes of the records of an account."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from termxmpp.doctor.findings import Finding, fine, note, wrong
from termxmpp.words import _

__all__ = ["check_records"]

# With less free space than this the disk is as good as full (MiB).
LEAST = 50


def check_records(path: Path | None, *, keeps_history: bool) -> Iterator[Finding]:
    """Whether the records at `path` are kept and can be written; None are kept nowhere."""
    if path is None:
        yield note(_("Nothing of what is said is kept on this machine."))
        return
    todo = _("Free the disk, or make {path} writable; until then all is kept in memory only.")
    writable = path if path.exists() else path.parent
    if not keeps_history or not os.access(writable, os.W_OK):
        yield wrong(
            _("The records in {path} can't be written.").format(path=path), todo.format(path=path)
        )
        return
    yield fine(_("The records are kept in {path}.").format(path=path))
    free = _free(writable)
    if free is not None and free < LEAST:
        yield note(
            _("The disk of the records is nearly full: {free} MiB are free.").format(free=free),
            _("Free the disk."),
        )


def _free(path: Path) -> int | None:
    """How many MiB are free where `path` is, if that can be told."""
    try:
        found = os.statvfs(path)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize // 2**20
