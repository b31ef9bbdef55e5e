"""A room in which alice, who uses termxmpp, meets Robert, who uses slixmpp."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.core.room import Room
from termxmpp.workspace import Window, Workspace
from tests.support.account import LiveServer
from tests.support.occupant import Occupant, occupant
from tests.support.scene import Scene, play, until

__all__ = ["Meeting", "Typist", "in_room", "meet"]


class Typist:
    """Who types in front of `client`."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.workspace = Workspace([client])

    def types(self, line: str) -> None:
        self.workspace.submit(line)

    def told(self, room: Jid) -> str:
        """All that was told in the window of `room`."""
        entries = Window(self.client, room).conversation.entries
        return "\n".join(entry.text for entry in entries if isinstance(entry, Notice))

    async def hears(self, words: str, room: Jid) -> None:
        await until(lambda: words in self.told(room))

    async def enters(self, room: Jid) -> None:
        self.types(f"/join {room}")
        await until(lambda: room in self.client.state.rooms and self.client.state.rooms[room].is_in)


class Meeting:
    """What happens in `jid`, as alice sees it; Robert's address is bob@localhost."""

    def __init__(self, scene: Scene, jid: Jid, alice: Typist, robert: Occupant) -> None:
        self.scene = scene
        self.jid = jid
        self.alice = alice
        self.robert = robert

    @property
    def room(self) -> Room:
        return self.scene.alice.state.rooms[self.jid]

    def types(self, line: str) -> None:
        self.alice.types(line)

    async def told(self, words: str) -> None:
        """Wait until alice was told `words` in the room."""
        await self.alice.hears(words, self.jid)

    async def alice_enters(self) -> None:
        await self.alice.enters(self.jid)

    async def robert_is_seen(self) -> None:
        await until(lambda: "Robert" in self.room.occupants)


def meet(
    server: LiveServer,
    folder: Path,
    name: str,
    scenario: Callable[[Meeting], Awaitable[None]],
    *,
    robert_is_first: bool = False,
) -> None:
    """Let `scenario` happen in the room `name`, which alice has made.

    If `robert_is_first` it is his, and alice is not in it.
    """
    jid = in_room(name)

    async def both(scene: Scene) -> None:
        async with AsyncExitStack() as stack:
            alice = Typist(scene.alice)
            if not robert_is_first:
                await alice.enters(jid)
            robert = await stack.enter_async_context(
                occupant(server, "bob@localhost", "build", str(jid), "Robert")
            )
            meeting = Meeting(scene, jid, alice, robert)
            if not robert_is_first:
                await meeting.robert_is_seen()
            await scenario(meeting)

    play(server, folder, both, jid)


def in_room(name: str) -> Jid:
    """The address of the room `name` of the tests' servers."""
    return Jid.parse(f"{name}@conference.localhost")
