"""Where messages stand: ranks, which follow the order of the archive, with room between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from termxmpp.core.archive import Gap
from termxmpp.core.message import Message

__all__ = ["GAP_ROOM", "STEP", "ranks_of"]

# Ranks are 64-bit numbers with room between them: for what the archive puts between two
# messages that came one after the other, for a page of it, and for all that a gap may hold.
STEP = 2**32
PAGE_STEP = 2**20
GAP_ROOM = 2**42

Following = Callable[[int], int | None]


def ranks_of(
    gap: Gap, page: Sequence[Message | None], floor: int, top: int, following: Following
) -> list[int]:
    """The ranks of the items of a `page` that came for `gap`, in their order.

    The messages are those that are recorded already; what is known keeps its place if it is in
    order. What came since the archive was asked stands over `floor`; `top` is the last rank of
    all, and `following` tells the next that is taken behind another by no item of the page.
    """
    # Everything here is older than the lowest of the pages before, if there was one.
    bound = gap.high if gap.high != floor else None
    places = _kept(gap, page, bound)
    room = replace(gap, high=min(gap.high, floor))
    ranks: list[int] = []
    position = 0
    while position < len(places):
        known = places[position]
        if known is not None:
            ranks.append(known)
            position += 1
            continue
        end = position
        while end < len(places) and places[end] is None:
            end += 1
        lower = ranks[-1] if ranks else None
        upper = places[end] if end < len(places) else bound
        count = end - position
        if upper is None and lower is not None and lower >= room.high:
            # The newest of the archive when it was asked; others may have come since.
            upper = following(lower)
            ranks += _after(lower, top + STEP * (count + 1) if upper is None else upper, count)
        else:
            ranks += _before(room, lower, upper, count)
        position = end
    return ranks


def _kept(gap: Gap, page: Sequence[Message | None], bound: int | None) -> list[int | None]:
    """The places that stay, under `bound`: not those of ours that the archive shows first now."""
    places: list[int | None] = [None] * len(page)
    newer = bound
    for position in range(len(page) - 1, -1, -1):
        message = page[position]
        if message is None or (message.is_own and not message.archive_id):
            continue
        if message.rank > gap.low and (newer is None or message.rank < newer):
            places[position] = newer = message.rank
    return places


def _after(lower: int, upper: int, count: int) -> list[int]:
    """`count` ranks between the two, near the lower."""
    step = min(STEP, (upper - lower) // (count + 1))
    return [lower + step * place for place in range(1, count + 1)]


def _before(gap: Gap, lower: int | None, upper: int | None, count: int) -> list[int]:
    """`count` ranks between the two, near the upper; where one is open, the gap bounds it."""
    if upper is None or (upper > gap.high and (lower is None or lower < gap.high)):
        # What is older than this session, or may be, stands before all of it.
        upper = gap.high
    floor = gap.low if lower is None else lower
    step = min(PAGE_STEP, (upper - floor) // (count + 1))
    if step < 1:
        # No room: they stand together, in the order in which they were recorded.
        return [floor] * count
    return [upper - step * (count - place) for place in range(count)]
