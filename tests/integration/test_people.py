"""Who the others are and who may reach us, with slixmpp, over real servers."""

from __future__ import annotations

import base64
import io
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from termxmpp import __version__
from termxmpp.asking import ask
from termxmpp.client import Client
from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice
from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.portraits import portrait_of
from termxmpp.workspace import Window, Workspace
from termxmpp.xmpp.avatars import card_picture
from termxmpp.xmpp.vcard import VCardPayload
from tests.support.account import LiveServer, happened, online
from tests.support.ejabberd import PrivateEjabberd
from tests.support.forms import fills_in
from tests.support.neighbour import Neighbour, neighbour
from tests.support.scene import ALICE, BOB, until
from tests.support.servers import (
    USERS,
    add_options,
    befriended_ejabberd,
    befriended_prosody,
    each_of,
    running,
)

MALLORY = Jid.parse("mallory@localhost")

MORE = (
    "offline",
    "time",
    "uptime",
    "lastactivity",
    "vcard_legacy",
    "server_contact_info",
    "private",
)


# What the accounts and servers of the tests have besides, on ejabberd.
EJABBERD_MORE = {
    "mod_blocking": "{}",
    "mod_disco": '{server_info: [{modules: all, name: abuse-addresses, urls: ["mailto:abuse@'
    'localhost"]}]}',
    "mod_last": "{}",
    "mod_privacy": "{}",
    "mod_private": "{}",
    "mod_time": "{}",
    "mod_vcard": "{search: false}",
}


@pytest.fixture(scope="module")
def on_prosody() -> Iterator[PrivateProsody]:
    """A Prosody with alice and bob, who see each other, and mallory, whom nobody knows."""
    with running(
        befriended_prosody(
            users={**USERS, "mallory": "malice"},
            modules=[*MODULES, *MORE],
            extra='contact_info = { abuse = { "mailto:abuse@localhost" } }',
        )
    ) as server:
        yield server


@pytest.fixture(scope="module")
def on_ejabberd() -> Iterator[PrivateEjabberd]:
    """An ejabberd with alice and bob, who see each other."""
    found = befriended_ejabberd()
    add_options(found, **EJABBERD_MORE)
    with running(found) as server:
        yield server


server = each_of("on_prosody", "on_ejabberd")


class People:
    """alice, who uses termxmpp, and bob, who uses something else."""

    def __init__(self, alice: Client, bob: Neighbour, mainloop: EpollMainLoop) -> None:
        self.alice = alice
        self.bob = bob
        self.mainloop = mainloop
        self.workspace = Workspace([alice])

    def types(self, line: str, peer: Jid | None = None) -> None:
        self.workspace.show(Window(self.alice, peer))
        self.workspace.submit(line)

    async def told(self, line: str, peer: Jid | None = None) -> str:
        """What `line` is answered with."""

        def is_told(event: events.Event) -> bool:
            return isinstance(event, events.NoticeGiven)

        async with happened(self.alice, is_told):
            self.types(line, peer)
        return self.notices()[-1]

    def notices(self) -> list[str]:
        """What stands in the window looked at of our own words."""
        entries = self.workspace.current.conversation.entries
        return [entry.text for entry in entries if isinstance(entry, Notice)]


def play(server: LiveServer, scenario: Callable[[People], Awaitable[None]]) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with AsyncExitStack() as stack:
            bob = await stack.enter_async_context(neighbour(server, "bob@localhost", "build"))
            alice = await stack.enter_async_context(
                online(mainloop, server, "alice@localhost", "wonder")
            )
            await until(lambda: bool(alice.state.resources_of(BOB)))
            await scenario(People(alice, bob, mainloop))

    run(main)


def test_who_is_blocked_does_not_reach_us_nor_we_him(server: LiveServer) -> None:
    async def scenario(people: People) -> None:
        alice = people.alice
        await until(lambda: alice.state.blocked == frozenset())
        assert "is blocked" in await people.told("/block bob@localhost")
        await people.bob.does("say", to=ALICE, text="can you hear me?")
        alice.send_xml("<message to='bob@localhost' id='out' type='chat'><body>x</body></message>")
        written = Message("out", ALICE, "x", alice.now(), is_own=True, fate=Fate.SENT)
        alice.emit(events.MessageWritten(BOB, written))
        await until(lambda: fate(alice, "out") is Fate.FAILED)
        assert not [each for each in shown(alice) if each.text == "can you hear me?"]
        async with online(people.mainloop, server, "alice@localhost", "wonder") as other:
            await until(lambda: other.state.blocked == frozenset({BOB}))
            other_desk = Workspace([other])
            other_desk.submit("/unblock bob@localhost")
            await until(lambda: alice.state.blocked == frozenset())
        await people.bob.does("say", to=ALICE, text="and now?")
        await until(lambda: shown(alice)[-1].text == "and now?")
        # Its presence is told again.
        await until(lambda: bool(alice.state.resources_of(BOB)))

    play(server, scenario)


def test_what_people_say_of_themselves_is_read_both_ways(server: LiveServer) -> None:
    """Prosody keeps one card and tells it in both kinds (XEP-0398 does so with pictures)."""

    async def scenario(people: People) -> None:
        await people.bob.does("tell", name="Bob the Builder")
        told = await people.told("/vcard", BOB)
        assert told.split("\n") == ["bob@localhost:", "name  Bob the Builder"]
        told = await people.told("/vcard set name Alice in Wonderland")
        assert told == "Your vCard tells Alice in Wonderland as name now."
        await people.told("/vcard set city Oxford")
        assert await people.bob.does("name of", jid=ALICE) == "Alice in Wonderland"
        told = await people.told("/vcard", None)
        assert told.split("\n")[1:] == ["name  Alice in Wonderland", "city  Oxford"]

    play(server, scenario)


def test_what_people_call_themselves_is_heard_both_ways(server: LiveServer) -> None:
    async def scenario(people: People) -> None:
        await people.bob.does("call itself", nick="Bobby")
        await until(lambda: people.alice.state.nicks.get(BOB) == "Bobby")
        told = await people.told("/nick Queen of Hearts")
        assert told == "Your contacts are told that you call yourself Queen of Hearts."
        assert await people.bob.does("nick of", jid=ALICE) == ["Queen of Hearts"]

    play(server, scenario)


def test_who_somebody_is_and_what_a_server(server: LiveServer) -> None:
    async def scenario(people: People) -> None:
        await people.bob.does("tell", name="Bob the Builder")
        known = await people.told("/info", BOB)
        assert "you see each other" in known
        await until(lambda: "slixmpp" in people.notices()[-1].lower())
        assert "Bob the Builder" in people.notices()[-1]
        told = await people.told("/info", None)
        assert "server/im" in told
        assert "mailto:abuse@localhost" in told
        told = await people.told("/disco localhost")
        assert "urn:xmpp:blocking" in told

    play(server, scenario)


def test_the_picture_that_somebody_shows_is_seen(server: LiveServer) -> None:
    async def scenario(people: People) -> None:
        await people.bob.does("show a picture", data=picture((0, 128, 0)))
        people.types("/info", BOB)
        await until(lambda: "The picture that bob@localhost shows:" in people.notices())
        entries = people.workspace.current.conversation.entries
        [shown] = [each for each in entries if isinstance(each, Notice) and each.picture]
        assert shown.picture is not None
        assert shown.picture.colour(0, 0) == "#008800"

    play(server, scenario)


def test_the_picture_in_a_card_is_seen(server: LiveServer) -> None:
    async def scenario(people: People) -> None:
        await people.bob.does("show a picture in the card", data=picture((0, 0, 128)))
        people.types("/info", BOB)
        await until(lambda: "The picture that bob@localhost shows:" in people.notices())

    play(server, scenario)


def test_the_newer_kind_of_card_is_read(server: LiveServer) -> None:
    async def scenario(people: People) -> None:
        await people.bob.does("tell in the newer card", name="Bob the Newer", note="builds & more")
        told = await people.told("/vcard", BOB)
        assert "Bob the Newer" in told
        assert "builds & more" in told

    play(server, scenario)


def test_the_newer_kind_of_card_is_written(on_prosody: LiveServer) -> None:
    async def scenario(people: People) -> None:
        await people.told("/vcard set name Alice the Newer")
        assert await people.bob.does("name in the newer card of", jid=ALICE) == "Alice the Newer"

    play(on_prosody, scenario)


def test_programs_tell_what_they_are_and_can(server: LiveServer) -> None:
    async def scenario(people: People) -> None:
        alice, bob = people.alice, people.bob
        assert "slixmpp" in await people.told("/version", BOB)
        assert await bob.does("version of", jid=alice.jid) == ["termxmpp", __version__]
        assert "answered in" in await people.told("/ping bob@localhost")
        assert await bob.does("ping", jid=alice.jid) > 0
        assert await bob.does("what can", jid=alice.jid) == list(alice.namespaces)
        [there] = alice.state.resources_of(BOB)
        told = await people.told(f"/disco {BOB.with_resource(there)}")
        assert "jabber:iq:last" in told

    play(server, scenario)


def test_what_somebody_offers_to_do_is_done(server: LiveServer) -> None:
    """By a form of two stages (XEP-0050)."""

    async def scenario(people: People) -> None:
        await people.bob.does("offer a command")
        [there] = people.alice.state.resources_of(BOB)
        full = BOB.with_resource(there)
        told = await people.told(f"/adhoc {full}")
        assert "Order" in told
        fills_in(people.workspace, "complete", values={"dish": ["tea & cake"]})
        told = await people.told(f"/adhoc {full} order", None)
        await people.bob.hears(ordered="tea & cake")
        assert "tea & cake is coming" in told

    play(server, scenario)


def test_who_may_see_whom_is_settled_both_ways(on_prosody: LiveServer) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with (
            neighbour(on_prosody, "mallory@localhost", "malice") as mallory,
            online(mainloop, on_prosody, "alice@localhost", "wonder") as alice,
        ):
            desk = Workspace([alice])
            await mallory.does("ask to see", ALICE)
            await until(lambda: MALLORY in alice.state.requests)
            desk.submit("/subscription approve mallory@localhost")
            await mallory.hears(lets="alice@localhost")
            desk.submit("/roster add mallory@localhost Mal")
            await mallory.hears(asks_to_see="alice@localhost")
            await mallory.does("let", ALICE)
            await until(lambda: bool(alice.state.resources_of(MALLORY)))
            assert alice.state.contacts[MALLORY].subscription == "both"
            await mallory.does("deny", ALICE)
            await until(lambda: alice.state.contacts[MALLORY].subscription == "from")
            desk.submit("/roster remove mallory@localhost")
            await mallory.hears(denies="alice@localhost")
            await until(lambda: MALLORY not in alice.state.contacts)

    run(main)


def test_a_note_is_found_on_another_device(server: LiveServer) -> None:
    async def scenario(people: People) -> None:
        told = await people.told("/info note builds boats", BOB)
        assert told == "That is noted about bob@localhost; nobody else sees it."
        async with online(people.mainloop, server, "alice@localhost", "wonder") as other:
            people.workspace, people.alice = Workspace([other]), other
            assert await people.told("/info note", BOB) == "builds boats"

    play(server, scenario)


def test_who_is_away_from_the_keys_is_seen_both_ways(server: LiveServer) -> None:
    async def scenario(people: People) -> None:
        alice, bob = people.alice, people.bob
        since = alice.now().replace(microsecond=0) - timedelta(minutes=10)
        await bob.does("be idle", since=since.isoformat())
        await until(lambda: alice.state.presence_of(BOB).idle_since == since)
        alice.set_idle(since)
        assert int(await bob.does("idle of", jid=alice.jid)) >= 600
        assert (await bob.does("time at", jid=alice.jid))[:4] == str(alice.now().year)

    play(server, scenario)


def test_who_was_approved_before_sees_us_as_soon_as_he_asks(on_prosody: LiveServer) -> None:
    async def scenario(people: People) -> None:
        alice = people.alice
        told = await people.told("/subscription approve mallory@localhost")
        assert told == "mallory@localhost may see your presence as soon as it asks."
        # Prosody 0.12 keeps it, and does not tell it (§3.4.2).
        await until(lambda: MALLORY in alice.state.contacts)
        async with online(people.mainloop, on_prosody, "mallory@localhost", "malice") as mallory:
            Workspace([mallory]).submit("/subscription request alice@localhost")
            await until(lambda: bool(mallory.state.resources_of(ALICE)))
        assert alice.state.requests == {}
        people.types("/subscription deny mallory@localhost")

    play(on_prosody, scenario)


def picture(colour: tuple[int, int, int]) -> str:
    """A square of that colour, in base64."""
    file = io.BytesIO()
    Image.new("RGB", (48, 48), colour).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def shown(client: Client, peer: Jid = BOB) -> list[Message]:
    entries = client.state.conversation(peer).entries
    return [entry for entry in entries if isinstance(entry, Message)]


def fate(client: Client, message_id: str) -> Fate | None:
    return next(each.fate for each in shown(client) if each.id == message_id)


def test_a_picture_that_one_shows_others_see(server: LiveServer, tmp_path: Path) -> None:
    """Contacts by PEP, and by the card, which the server makes of it (XEP-0398) or we."""
    path = tmp_path / "me.png"
    Image.effect_noise((300, 200), 90).convert("RGB").save(path)

    async def scenario(people: People) -> None:
        assert (await people.told(f"/vcard avatar {path}")).startswith("Your contacts see this")
        picture = await portrait_of(people.alice, ALICE)
        assert picture is not None
        assert picture.startswith(b"\x89PNG")
        async with online(people.mainloop, server, "bob@localhost/other", "build") as bob:
            assert await portrait_of(bob, ALICE) == picture
            card = await ask(bob, ALICE, VCardPayload(), VCardPayload)
            assert card is not None
            assert card_picture(card.element) == picture
            assert await people.told("/vcard avatar clear") == "You show no picture any more."
            assert await portrait_of(bob, ALICE) is None

    play(server, scenario)
