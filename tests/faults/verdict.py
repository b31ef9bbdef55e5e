"""What came of a run: the screens of all against the archives of the server.

The archives are the truth: what the server took, and in which order. So what a server does
itself is not held against the clients: where a crash came between the sender's archive and the
recipient's, only one of them has the message (`one_sided`), and each screen is compared with its
own archive. ejabberd goes on with what a connection had sent after it has told how far it came
on another one, so that it takes things twice (`twice`, of what was sent again by its count) and
delivers in another order than that of its archive (`swapped`): that stands as it came. What a
process held in memory while its disk was full goes with a SIGKILL (`forgotten`): that was told
to the user, and nothing else could be done.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["CONFIRMED", "Evidence", "Line", "Outcome", "Talks", "compare", "compare_order"]

WRONG = ("lost", "doubled", "out_of_order", "wrong_fate", "vanished")

CONFIRMED = ("ACKNOWLEDGED", "RECEIVED", "READ")

# The texts of each conversation of an account, in the order of its archive.
Talks = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a screen shows it; `fate` is None for a peer's."""

    text: str
    is_own: bool
    fate: str | None


@dataclass
class Outcome:
    """What came of a run; the lists in `WRONG` should be empty.

    `is_exact`: the server counts what it takes and delivers in its archive's order, so that
    nothing of that is to be excused.
    """

    seed: int
    server: str
    is_exact: bool
    seconds: float = 0.0
    written: int = 0
    archived: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    wrong_fate: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    one_sided: list[str] = field(default_factory=list)
    swapped: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    forgotten: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing went wrong."""
        return not any(getattr(self, name) for name in WRONG)

    def __str__(self) -> str:
        lines = [
            f"{self.server}, seed {self.seed}: {self.written} messages, {self.archived} in the "
            f"archives, {sum(self.faults.values())} faults in {self.seconds:.0f} s",
            "  " + ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items())),
            f"  by the server: {len(self.one_sided)} in one archive only, {len(self.twice)} taken "
            f"twice, {len(self.swapped)} delivered in another order",
            f"  forgotten with a full disk: {self.forgotten}",
        ]
        for name in WRONG:
            found = getattr(self, name)
            lines.append(f"  {name.replace('_', ' ')}: {len(found)}" + _some(found))
        return "\n".join(lines)


@dataclass
class Evidence:
    """What is known of one of the people: what the screen has told, and what it shows now.

    `shown`, `confirmed` and `received` hold (peer, text): what was on the screen at some time,
    and with which mark. `delivered` are the texts that the server itself sent, in their order,
    `resent` those that were sent again because it had not counted them, and `unseen` those that
    were typed and never shown. `at_risk` was shown by a process that could keep nothing and was
    killed.
    """

    jid: str
    archive: Talks
    screen: Mapping[str, Sequence[Line]]
    shown: set[tuple[str, str]]
    confirmed: set[tuple[str, str]]
    received: set[tuple[str, str]]
    delivered: Sequence[str]
    resent: set[str]
    unseen: Sequence[str]
    at_risk: set[tuple[str, str]]


def compare(people: Sequence[Evidence], outcome: Outcome) -> None:
    """Note in `outcome` all that is not as it must be."""
    resent = {text for person in people for text in person.resent}
    for person in people:
        outcome.lost += [f"{person.jid}: {text} was never shown" for text in person.unseen]
        for peer in {*person.archive, *person.screen}:
            lines = person.screen.get(peer, ())
            name = f"{person.jid} with {peer}"
            archived, shown = person.archive.get(peer, ()), [line.text for line in lines]
            _compare_talk(name, archived, shown, resent, outcome)
            _compare_senders(name, archived, lines, person.delivered, outcome)
            outcome.wrong_fate += [
                f"{name}: {line.text} is {line.fate}"
                for line in lines
                if line.is_own and line.fate not in CONFIRMED
            ]
        archives = {peer: set(texts) for peer, texts in person.archive.items()}
        outcome.wrong_fate += [
            f"{person.jid}: {text} was told to be there"
            for peer, text in person.confirmed
            if text not in archives.get(peer, ())
        ]
        screens = {peer: {line.text for line in lines} for peer, lines in person.screen.items()}
        outcome.vanished += [
            f"{person.jid}: {text}"
            for peer, text in person.shown
            if text not in screens.get(peer, ())
        ]
        outcome.forgotten += sum(text not in screens.get(peer, ()) for peer, text in person.at_risk)
    _compare_both_ends(people, outcome)


def compare_order(people: Sequence[Evidence], outcome: Outcome) -> None:
    """After everything has been fetched, each screen has the very order of the archive."""
    for person in people:
        for peer, archived in person.archive.items():
            shown = [line.text for line in person.screen.get(peer, ())]
            name = f"{person.jid} with {peer} in the end"
            _compare_order(name, shown, archived, person.delivered, outcome)


def _compare_talk(
    name: str, archived: Sequence[str], shown: Sequence[str], resent: set[str], outcome: Outcome
) -> None:
    has, had = Counter(shown), Counter(archived)
    outcome.lost += [f"{name}: {text}" for text in had if not has[text]]
    # What the screen has and the archive has not was never taken by the server.
    outcome.lost += [f"{name}: {text} is not in the archive" for text in has if not had[text]]
    outcome.doubled += [
        f"{name}: {text} on the screen" for text, n in (has - had).items() if had[text]
    ]
    for text in [text for text, count in had.items() if count > 1]:
        is_twice = text in resent and not outcome.is_exact
        found = outcome.twice if is_twice else outcome.doubled
        found.append(f"{name}: {text} in the archive")


def _compare_senders(
    name: str,
    archived: Sequence[str],
    lines: Sequence[Line],
    delivered: Sequence[str],
    outcome: Outcome,
) -> None:
    for sender in {text.partition(" ")[0] for text in archived}:
        shown = [line.text for line in lines if line.text.startswith(f"{sender} ")]
        _compare_order(name, shown, archived, delivered, outcome)


def _compare_order(
    name: str,
    shown: Sequence[str],
    archived: Sequence[str],
    delivered: Sequence[str],
    outcome: Outcome,
) -> None:
    came = {text: place for place, text in enumerate(delivered)}
    for earlier, later in _inverted(shown, archived):
        is_delivered = earlier in came and later in came and came[earlier] < came[later]
        is_swapped = is_delivered and not outcome.is_exact
        found = outcome.swapped if is_swapped else outcome.out_of_order
        found.append(f"{name}: {earlier} before {later}")


def _compare_both_ends(people: Sequence[Evidence], outcome: Outcome) -> None:
    by_jid = {person.jid: person for person in people}
    for person in people:
        for peer, archived in person.archive.items():
            other = by_jid.get(peer)
            if other is None:
                continue
            theirs = set(other.archive.get(person.jid, ()))
            outcome.one_sided += [
                f"{person.jid}: {text}" for text in archived if text not in theirs
            ]
            seen = {line.text for line in other.screen.get(person.jid, ())}
            outcome.wrong_fate += [
                f"{person.jid}: {text} was told to be received"
                for where, text in person.received
                if where == peer and text not in seen
            ]


def _inverted(shown: Sequence[str], archived: Sequence[str]) -> list[tuple[str, str]]:
    """The neighbours on the screen that stand the other way round in the archive.

    What is there twice is in no order.
    """
    places = {text: place for place, text in enumerate(archived)}
    counts = Counter(archived)
    known = [text for text in shown if counts[text] == 1]
    return [
        (earlier, later)
        for earlier, later in itertools.pairwise(known)
        if places[earlier] > places[later]
    ]


def _some(found: Sequence[str]) -> str:
    return "".join(f"\n    {each}" for each in found[:10])
