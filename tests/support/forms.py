"""Who fills in forms, as a test wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from termxmpp.filling import Filled, Question
from termxmpp.workspace import Workspace
from termxmpp.xmpp.forms import Form

__all__ = ["fills_in", "never_answers"]

Values = Mapping[str, Sequence[str]]


def fills_in(
    workspace: Workspace, *ways: str | None, values: Values | Callable[[Question], Values]
) -> list[Question]:
    """Leave the forms by `ways`, one after the other, with `values` where they ask for them.

    None gives a form up. The questions come into the list.
    """
    asked: list[Question] = []
    left = list(ways)

    async def fill(question: Question) -> Filled | None:
        asked.append(question)
        way = left.pop(0)
        if way is None:
            return None
        given = values(question) if callable(values) else values
        known = {name: each for name, each in given.items() if question.form.get(name)}
        return Filled(way, Form("submit") if way == "prev" else question.form.answered(known))

    workspace.on_form = fill
    return asked


def never_answers(workspace: Workspace) -> None:
    """Look at each form for good."""

    async def fill(question: Question) -> Filled | None:
        never: asyncio.Future[Filled | None] = asyncio.get_running_loop().create_future()
        return await never

    workspace.on_form = fill
