"""XEP-0401 Ad-hoc Account Invitation Generation: links that make somebody a contact.

The server makes them, and lets in who comes with one. They are taken by `/subscription request`,
by `--register`, and by the first run.
"""

from __future__ import annotations

from contextlib import suppress

from termxmpp.commands.registry import command
from termxmpp.core.jid import Jid
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Feature
from termxmpp.filling import result_lines
from termxmpp.words import _
from termxmpp.xmpp.adhoc import CommandPayload
from termxmpp.xmpp.delay import parse_stamp
from termxmpp.xmpp.forms import Form

__all__ = ["FEATURE", "REGISTRATION_FEATURE", "SUBSCRIPTION_FEATURE"]

NODE = "urn:xmpp:invite#invite"

NO_SUCH = frozenset(
    {"item-not-found", "service-unavailable", "feature-not-implemented", "forbidden", "not-allowed"}
)


@command("account invite")
async def invite(ctx: CommandContext) -> None:
    """Let your server make a link that invites somebody to be your contact.

    Who has no account yet may get one by it, if your server does that. Send it by any way; whoever
    has the link is let in, once.
    """
    server = Jid("", ctx.client.state.account.domain)
    asked = CommandPayload(NODE, action="execute")
    try:
        answer = (await ctx.client.set(server, asked)).get(CommandPayload)
    except RemoteError as error:
        if error.condition in NO_SUCH:
            raise UserError(_("{server} makes no invitations.").format(server=server)) from None
        raise
    form = answer.form if answer is not None else None
    if form is None or answer is None or answer.status != "completed":
        raise UserError(
            _("{server} asks more before it invites: /adhoc {server} {node} answers it.").format(
                server=server, node=NODE
            )
        )
    ctx.tell("\n".join(_lines(form)))


def _lines(form: Form) -> list[str]:
    """The links that `form` tells, and until when they hold (§5.1)."""
    known = {each.name: each.value for each in form.fields}
    uri, page = known.get("uri", ""), known.get("landing-url", "")
    if not uri and not page:
        return result_lines(form)
    lines = [_("Whoever has this link becomes your contact:"), page or uri]
    if page and uri:
        lines += [_("For who has an XMPP program already:"), uri]
    with suppress(ValueError):
        until = parse_stamp(known.get("expire", "")).astimezone()
        lines.append(_("It holds until {time}.").format(time=f"{until:%Y-%m-%d %H:%M}"))
    return lines


FEATURE = Feature(
    "XEP-0401", "Ad-hoc Account Invitation Generation", commands=(invite,), version="0.6.0"
)
SUBSCRIPTION_FEATURE = Feature(
    "XEP-0379",
    "Pre-Authenticated Roster Subscription",
    version="0.3.3",
    note="links are taken; the server makes them",
)
REGISTRATION_FEATURE = Feature(
    "XEP-0445", "Pre-Authenticated In-Band Registration", version="0.2.0"
)
