"""What is told, with the mark that it is told by."""

from __future__ import annotations

from termxmpp.core.message import Notice
from termxmpp.doctor.findings import Finding

__all__ = ["told_of"]


def told_of(found: Finding | Notice) -> str:
    """The words of `found`, and its mark by name before them, if it has one."""
    return f"{found.mark.value}: {found.text}" if found.mark is not None else found.text
