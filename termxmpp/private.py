"""What an account keeps on its server for its own devices only: XEP-0049, or else XEP-0223."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from termxmpp.errors import RemoteError
from termxmpp.feature import Context
from termxmpp.xmpp.private import PrivatePayload
from termxmpp.xmpp.pubsub import PRIVATE, PUBLISH_OPTIONS, Item, ItemsPayload, PublishPayload

__all__ = ["keep", "kept"]

# The only item of a node.
CURRENT = "current"

# What a server without private storage answers.
_UNKNOWN = frozenset({"service-unavailable", "feature-not-implemented"})


async def kept(ctx: Context, tag: str) -> Element | None:
    """The element called `tag` (`{namespace}name`) that is kept, or None if none is.

    Raises RemoteError if that is not known: what is kept must not be written over then.
    """
    try:
        answer = await ctx.get(None, PrivatePayload(Element(tag)))
    except RemoteError as error:
        if error.condition == "item-not-found":
            return None
        if error.condition not in _UNKNOWN or not _has_nodes(ctx):
            raise
        return await _published(ctx, tag)
    found = answer.get(PrivatePayload)
    return found.element if found is not None and found.element.tag == tag else None


async def keep(ctx: Context, element: Element) -> None:
    """Let `element` be kept in place of what was under its name; raises RemoteError if not."""
    try:
        await ctx.set(None, PrivatePayload(element))
    except RemoteError as error:
        if error.condition not in _UNKNOWN or not _has_nodes(ctx):
            raise
        item = Item(CURRENT, element)
        await ctx.set(None, PublishPayload(_node(element.tag), item, PRIVATE))


async def _published(ctx: Context, tag: str) -> Element | None:
    try:
        found = (await ctx.get(None, ItemsPayload(_node(tag)))).get(ItemsPayload)
    except RemoteError as error:
        if error.condition == "item-not-found":
            return None
        raise
    elements = [each.element for each in found.items] if found is not None else []
    return next((each for each in elements if each is not None and each.tag == tag), None)


def _has_nodes(ctx: Context) -> bool:
    """Whether nodes can be ours alone: without the options they would be our contacts', too."""
    return PUBLISH_OPTIONS in ctx.state.namespaces | ctx.state.server_namespaces


def _node(tag: str) -> str:
    return tag[1:].partition("}")[0]
