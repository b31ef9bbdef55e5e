"""What a check has found, and the verdict on all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from termxmpp.core.message import Mark
from termxmpp.core.text import one_line
from termxmpp.values import dataclass
from termxmpp.words import _, ngettext

__all__ = ["Finding", "Findings", "Mark", "fine", "note", "verdict", "wrong"]

# So much of a finding is shown; what peers put into one may be longer (characters).
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination has found, and `todo`, what to do about it, if anything.

    What peers have written in it is made harmless where it is shown (`text`).
    """

    mark: Mark
    words: str
    todo: str = ""

    @property
    def text(self) -> str:
        """One line, and a second one where there is something to do."""
        told = one_line(self.words, LONGEST)
        if not self.todo:
            return told
        todo = _("To do: {todo}").format(todo=one_line(self.todo, LONGEST))
        return f"{told}\n  {todo}"


Findings = AsyncIterator[Finding]


def fine(words: str) -> Finding:
    """All is well."""
    return Finding(Mark.FINE, words)


def note(words: str, todo: str = "") -> Finding:
    """It works, and is worth knowing."""
    return Finding(Mark.NOTE, words, todo)


def wrong(words: str, todo: str = "") -> Finding:
    """It does not work."""
    return Finding(Mark.WRONG, words, todo)


def verdict(findings: Sequence[Finding]) -> str:
    """What it all comes to."""
    bad = [each for each in findings if each.mark is Mark.WRONG]
    notes = sum(each.mark is Mark.NOTE for each in findings)
    if bad:
        return ngettext(
            "{count} thing is wrong: {first}",
            "{count} things are wrong; begin with the first: {first}",
            len(bad),
        ).format(count=len(bad), first=one_line(bad[0].words, LONGEST))
    if notes:
        return ngettext(
            "Nothing is wrong; {count} thing is worth knowing.",
            "Nothing is wrong; {count} things are worth knowing.",
            notes,
        ).format(count=notes)
    return _("All is well.")
