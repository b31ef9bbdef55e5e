"""XEP-0050 Ad-Hoc Commands: what servers, rooms and programs let one do, in forms.

Which commands an entity has is asked each time they are listed; what was listed last is completed.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from termxmpp.commands.registry import Kind, Name, command
from termxmpp.core.events import CommandsListed
from termxmpp.core.jid import Jid
from termxmpp.core.table import aligned
from termxmpp.errors import ConnectionFailed, DataError, RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature
from termxmpp.filling import Filled, Question, Way, result_lines
from termxmpp.illustrations import illustrated
from termxmpp.words import _, ngettext
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.adhoc import NS, CommandPayload
from termxmpp.xmpp.disco import DiscoItemsPayload
from termxmpp.xmpp.forms import Form

__all__ = ["FEATURE"]

# What the user may answer otherwise (§4.6), while the session stands.
ANSWERABLE = frozenset({"bad-request", "conflict", "not-acceptable"})

# How it is said that there are none (XEP-0030 §7).
NO_SUCH = frozenset({"item-not-found", "service-unavailable", "feature-not-implemented"})

# So many commands are listed; nobody has more.
MOST = 500


@command("adhoc", aliases=("cmd",))
async def adhoc(
    ctx: CommandContext,
    jid: Annotated[str, Kind.JID] | None = None,
    node: Annotated[Name, Kind.NODE] | None = None,
) -> None:
    """List the commands that JID has for you, or run the one called NODE, or of that number.

    Without JID it is who you are talking with, or in the console your server. Some commands ask
    several things one after the other: Esc ends them.
    """
    to, wanted = _meant(ctx, jid, node)
    if wanted is None:
        await _list(ctx, to)
        return
    known = ctx.client.state.commands.get(to, ())
    if wanted.isascii() and wanted.isdecimal() and 1 <= int(wanted[:6]) <= len(known):
        wanted = known[int(wanted) - 1][0]
    await _run(ctx, to, wanted)


def _meant(ctx: CommandContext, jid: str | None, node: str | None) -> tuple[Jid, str | None]:
    """Whose commands, and which; a single word may be one that was listed here."""
    here = _here(ctx)
    if jid is None:
        return here, None
    listed = ctx.client.state.commands.get(here, ())
    is_listed = jid in {name for name, _words in listed} or (jid.isdecimal() and bool(listed))
    if node is None and is_listed:
        return here, jid
    if node is None and jid.isdecimal():
        raise UserError(_("{jid} has no commands listed here: /adhoc lists them.").format(jid=here))
    try:
        return Jid.parse(jid), node
    except DataError:
        if node is not None:
            raise
        return here, jid


def _here(ctx: CommandContext) -> Jid:
    """Who is meant where nobody is named: of a contact the program that speaks for it."""
    state, peer = ctx.client.state, ctx.peer
    if peer is None:
        return Jid("", state.account.domain)
    resources = state.resources_of(peer) if peer.is_bare else {}
    if not resources:
        return peer
    return peer.with_resource(max(resources, key=lambda name: resources[name].priority))


async def _list(ctx: CommandContext, to: Jid) -> None:
    try:
        answer = (await ctx.client.get(to, DiscoItemsPayload(node=NS))).get(DiscoItemsPayload)
    except RemoteError as error:
        if error.condition not in NO_SUCH:
            raise
        answer = None
    items = answer.items if answer is not None else ()
    # Nobody may list the commands of others as its own (§7).
    own = [(item.node, item.name or item.node) for item in items if item.jid == to and item.node]
    own = list(dict(own).items())[:MOST]
    ctx.client.emit(CommandsListed(to, tuple(own)))
    if not own:
        raise UserError(_("{jid} has no commands for you.").format(jid=to))
    count = len(own)
    head = ngettext("{jid} has {count} command:", "{jid} has {count} commands:", count)
    rows = aligned((str(number), words, node) for number, (node, words) in enumerate(own, 1))
    last = _("/adhoc {jid} NUMBER runs one.").format(jid=to)
    ctx.tell("\n".join([head.format(jid=to, count=count), *rows, last]))


async def _run(ctx: CommandContext, to: Jid, node: str) -> None:
    """Go through the stages of a command, as far as the user wants."""
    client = ctx.client
    stage = await _stage(client, to, CommandPayload(node, action="execute"))
    problem = ""
    while stage.status == "executing":
        filled = await _ask(client, to, node, stage, problem)
        if filled is None:
            ctx.tell(_("The command is given up."))
            return
        form = filled.form if _is_asking(stage.form) and filled.way != "prev" else None
        action = filled.way
        try:
            asked = CommandPayload(node, stage.session, action, form=form)
            stage, problem = await _stage(client, to, asked), ""
        except RemoteError as error:
            if error.condition not in ANSWERABLE or stage.form is None or form is None:
                raise
            problem = str(error)
            stage = _again(stage, form)
    _tell_end(ctx, stage)


async def _stage(client: Context, to: Jid, asked: CommandPayload) -> CommandPayload:
    answer = (await client.set(to, asked)).get(CommandPayload)
    if answer is None:
        raise RemoteError(_("{jid} says nothing about its command.").format(jid=to))
    return answer


def _again(stage: CommandPayload, form: Form) -> CommandPayload:
    """`stage` as the user has answered it."""
    asked = stage.form.with_values(form) if stage.form is not None else None
    return CommandPayload(
        *(stage.node, stage.session, "", stage.status, stage.ways, stage.notes, asked, stage.links)
    )


def _is_asking(form: Form | None) -> bool:
    return form is not None and form.type == "form"


async def _ask(
    client: Context, to: Jid, node: str, stage: CommandPayload, problem: str
) -> Filled | None:
    """What the user answers; whoever leaves a command, its session is ended (§3.3)."""
    names = dict(client.state.commands.get(to, ()))
    title = _("{jid}: {command}").format(jid=to, command=names.get(node, node))
    filled = None
    try:
        form = await illustrated(client, to, _shown(stage))
        filled = await client.ask(Question(title, form, _ways(stage.ways), problem))
    except BaseException:
        _cancel(client, to, node, stage.session)
        raise
    if filled is None:
        _cancel(client, to, node, stage.session)
    return filled


def _shown(stage: CommandPayload) -> Form:
    """The form of `stage`, with all else that it tells above it."""
    notes = tuple(note.text for note in stage.notes) + stage.links
    form = stage.form or Form()
    if not _is_asking(form):
        return Form("form", title="", instructions=(*notes, *result_lines(form)))
    return Form("form", form.fields, form.title, (*notes, *form.instructions))


def _ways(names: tuple[str, ...]) -> tuple[Way, ...]:
    words = {"next": _("Next"), "complete": _("Finish"), "prev": _("Back")}
    return tuple(Way(name, words[name], is_back=name == "prev") for name in names)


def _cancel(client: Context, to: Jid, node: str, session: str) -> None:
    """Let `to` forget the session; whatever it says to that changes nothing."""
    asked = CommandPayload(node, session, "cancel")
    with suppress(ConnectionFailed):
        client.send(stanzas.iq_set(to, asked, id=client.new_id()))


def _tell_end(ctx: CommandContext, stage: CommandPayload) -> None:
    lines = [note.text for note in stage.notes if note.type != "error"] + list(stage.links)
    if stage.form is not None:
        lines += result_lines(stage.form)
    errors = [note.text for note in stage.notes if note.type == "error"]
    if lines:
        ctx.tell("\n".join(lines))
    for each in errors:
        ctx.tell(each, is_error=True)
    if not lines and not errors:
        ctx.tell(_("The command is done.") if stage.status != "canceled" else _("It is ended."))


FEATURE = Feature(
    "XEP-0050", "Ad-Hoc Commands", commands=(adhoc,), version="1.3.0", note="used; none are offered"
)
