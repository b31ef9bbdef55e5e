"""What an account keeps on its server for its own devices only: XEP-0049, or else XEP-0223."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from termxmpp.errors import RemoteError
from termxmpp.feature import Context
from termxmpp.xmpp.private import PrivatePayload
from termxmpp.xmpp.pubsub import (
    PRIVATE,
    PUBLISH_OPTIONS,
    UNBOUNDED,
    ConfigurePayload,
    CreatePayload,
    Item,
    ItemsPayload,
    PublishPayload,
)

__all__ = ["Collection", "keep", "kept"]

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


class Collection:
    """A node of ours with an item for each of many things, which nobody else sees."""

    def __init__(self, ctx: Context, node: str) -> None:
        self._ctx = ctx
        self._node = node
        self._options = UNBOUNDED

    def begin(self) -> None:
        """A new session has begun: what the node is like is not known."""
        self._options = UNBOUNDED

    async def publish(self, item: Item) -> None:
        """Put `item` into the node, which keeps all others; raises RemoteError if it can't be."""
        try:
            await self._ctx.set(None, PublishPayload(self._node, item, self._options))
        except RemoteError as error:
            if error.condition is None or self._options is PRIVATE:
                raise
            # The node is another than it should be, or the server takes not all of this as
            # options of a publication (ejabberd 23.01 has no `max_items` there, and one that it
            # makes by itself keeps the newest item only).
            await self._prepare()
            self._options = PRIVATE
            await self._ctx.set(None, PublishPayload(self._node, item, self._options))

    async def _prepare(self) -> None:
        """Let the node be there as it should be."""
        try:
            await self._ctx.set(None, CreatePayload(self._node, UNBOUNDED))
        except RemoteError as error:
            if error.condition != "conflict":
                raise
            await self._ctx.set(None, ConfigurePayload(self._node, UNBOUNDED))


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
