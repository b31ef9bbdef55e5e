"""What is done to messages, between two termxmpp and with slixmpp, over real servers.

Edits, reactions, replies and retractions, in a conversation of two and in rooms: live, after the
other side was away, and when the network breaks off in the middle.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core import quoting
from termxmpp.core.jid import Jid
from termxmpp.core.message import Act, Deed, Fate, Message, Reply
from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.workspace import Workspace
from tests.support.account import LiveServer
from tests.support.ejabberd import PrivateEjabberd
from tests.support.scene import ALICE, BOB, Scene, comes_online, play, until
from tests.support.servers import ROOMS, USERS, each_of, running
from tests.support.stranger import stranger

CLUB = Jid.parse("club@conference.localhost")
HALL = Jid.parse("hall@conference.localhost")


@pytest.fixture(scope="module")
def full_prosody() -> Iterator[PrivateProsody]:
    with running(PrivateProsody(USERS, modules=[*MODULES, "offline"], hosts=ROOMS)) as server:
        yield server


@pytest.fixture(scope="module")
def full_ejabberd() -> Iterator[PrivateEjabberd]:
    with running(PrivateEjabberd(USERS, has_archive=True, has_rooms=True)) as server:
        yield server


server = each_of("full_prosody", "full_ejabberd")


def said(scene: Scene, client: Client, peer: Jid, *names: str) -> list[Message]:
    """Of what stands there the messages that began as `names`, whatever became of them."""
    shown = scene.shown(client, peer)
    return [each for each in shown if (each.edits or (each.text,))[0] in names]


def correct(client: Client, peer: Jid, message: Message, text: str) -> None:
    client.write(peer, text, act=Act(Deed.CORRECTION, message.id), reply=message.reply)


def react(client: Client, peer: Jid, message: Message, *emojis: str) -> None:
    client.write(peer, "", act=Act(Deed.REACTIONS, message.reference, emojis))


def retract(client: Client, peer: Jid, message: Message) -> None:
    target = message.reference if message.is_groupchat else message.id
    client.write(peer, "/me retracted a message.", act=Act(Deed.RETRACTION, target))


def answer(client: Client, peer: Jid, message: Message, text: str) -> None:
    reply = Reply(message.reference, message.author, quoting.excerpt(message.text))
    client.write(peer, text, reply=reply)


def story(client: Client, peer: Jid) -> list[tuple[object, ...]]:
    """What stands there, as its reader sees it; the nick is the same on both sides."""
    messages = client.state.conversation(peer).entries
    return [
        (
            *(each.text, each.edits, each.is_retracted, each.is_own),
            [(reaction.emoji, reaction.is_own) for reaction in each.reactions],
            each.reply.text if each.reply else None,
        )
        for each in messages
        if isinstance(each, Message)
    ]


def mirrored(stories: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The same from the other side, where both have no part in the reactions of the other."""
    found: list[tuple[object, ...]] = []
    for text, edits, is_retracted, is_own, reactions, reply in stories:
        assert isinstance(reactions, list)
        others = [(emoji, not by_me) for emoji, by_me in reactions]
        found.append((text, edits, is_retracted, not is_own, others, reply))
    return found


async def happens(scene: Scene, alices: Jid, bobs: Jid, tag: str) -> None:
    """A conversation in which everything is done; `alices` is what alice calls the other side."""
    alice, bob = scene.alice, scene.bob
    helo, secret = f"helo {tag}", f"secret {tag}"
    alice.write(alices, helo)
    alice.write(alices, secret)
    await until(lambda: len(said(scene, bob, bobs, helo, secret)) == 2)
    await until(lambda: all(each.reference for each in said(scene, alice, alices, helo, secret)))
    await until(
        lambda: all(
            each.fate not in (Fate.QUEUED, Fate.SENT)
            for each in said(scene, alice, alices, helo, secret)
        )
    )
    first, second = said(scene, alice, alices, helo, secret)
    theirs, _ = said(scene, bob, bobs, helo, secret)
    react(bob, bobs, theirs, "👍", "🎉")
    react(bob, bobs, theirs, "🎉")
    answer(bob, bobs, theirs, f"hello yourself {tag}")
    correct(alice, alices, first, f"hello {tag}")
    retract(alice, alices, second)
    correct(alice, alices, first, f"hello! {tag}")
    await until(lambda: f"hello yourself {tag}" in [each[0] for each in story(alice, alices)])


async def are_alike(scene: Scene, alices: Jid, bobs: Jid, tag: str) -> list[tuple[object, ...]]:
    """Wait until both see the same, and nothing is under way."""
    expected: list[tuple[object, ...]] = [
        (f"hello! {tag}", (f"helo {tag}", f"hello {tag}"), False, True, [("🎉", False)], None),
        ("", (), True, True, [], None),
        (f"hello yourself {tag}", (), False, False, [], f"hello! {tag}"),
    ]
    await until(lambda: story(scene.alice, alices)[-3:] == expected)
    await until(lambda: mirrored(story(scene.bob, bobs)[-3:]) == expected)
    await until(
        lambda: all(
            each.fate not in (Fate.QUEUED, Fate.SENT) for each in scene.shown(scene.alice, alices)
        )
    )
    return expected


async def both_enter(scene: Scene) -> None:
    for client, nick in ((scene.alice, "alice"), (scene.bob, "bob")):
        await enters(client, CLUB, nick)


async def enters(client: Client, room: Jid, nick: str) -> None:
    Workspace([client]).submit(f"/join {room} {nick}")
    await until(lambda: room in client.state.rooms and client.state.rooms[room].is_in)
    await until(lambda: client.state.rooms[room].is_settled)


def test_both_sides_see_the_same(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        await happens(scene, BOB, ALICE, "live")
        expected = await are_alike(scene, BOB, ALICE, "live")
        # And so does the next run.
        await scene.alice_restarts()
        assert story(scene.alice, BOB)[-3:] == expected

    play(server, tmp_path, scenario)


def test_all_in_a_room_see_the_same(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        await happens(scene, CLUB, CLUB, "room")
        await are_alike(scene, CLUB, CLUB, "room")

    play(server, tmp_path, scenario, CLUB)


def test_who_was_away_finds_it_all_in_the_archive(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        await happens(scene, BOB, ALICE, "archive")
        expected = await are_alike(scene, BOB, ALICE, "archive")
        # A device that was never there before: all that it knows is what the server has kept.
        (tmp_path / "new").mkdir()
        fresh = scene.another("alice", "wonder", tmp_path / "new")
        try:
            await comes_online(fresh)
            await until(lambda: not fresh.state.gaps)
            fresh.state.conversation(BOB)
            fresh.recall.load_older(BOB)
            assert story(fresh, BOB)[-3:] == expected
        finally:
            await fresh.close()

    play(server, tmp_path, scenario)


def test_who_comes_into_a_room_finds_it_all_in_its_archive(
    server: LiveServer, tmp_path: Path
) -> None:
    """alice has made the room, so that it tells her who is who, by whatever it has."""

    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        await happens(scene, CLUB, CLUB, "past")
        expected = await are_alike(scene, CLUB, CLUB, "past")
        (tmp_path / "new").mkdir()
        fresh = scene.another("alice", "wonder", tmp_path / "new")
        try:
            await comes_online(fresh)
            await enters(fresh, CLUB, "alice2")
            await until(lambda: any("past" in str(each[0]) for each in story(fresh, CLUB)))
            await until(
                lambda: not any(gap.archive and not gap.problem for gap in fresh.state.gaps)
            )
            # Whose it is, not every archive tells (XEP-0313 §5.1.3).
            found = story(fresh, CLUB)[-3:]
            assert [each[:3] + each[4:] for each in found] == [
                each[:3] + each[4:] for each in expected
            ]
        finally:
            await fresh.close()

    play(server, tmp_path, scenario, CLUB)


def test_what_was_done_offline_is_done_once(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        scene.alice.write(BOB, "helo offline")
        await until(lambda: "helo offline" in scene.bob_has())
        [mine] = said(scene, scene.alice, BOB, "helo offline")
        await scene.alice.disconnect()
        correct(scene.alice, BOB, mine, "hello offline")
        scene.alice.write(BOB, "anothr")
        [other] = said(scene, scene.alice, BOB, "anothr")
        correct(scene.alice, BOB, other, "another")
        scene.alice.settle()
        await scene.alice_restarts()
        await until(lambda: {"hello offline", "another"} <= set(scene.bob_has()))
        await until(lambda: scene.fate("another")[0] not in (Fate.QUEUED, Fate.SENT))
        [theirs] = said(scene, scene.bob, ALICE, "helo offline")
        assert theirs.edits == ("helo offline",)
        [theirs] = said(scene, scene.bob, ALICE, "anothr")
        assert (theirs.text, theirs.edits) == ("another", ("anothr",))

    play(server, tmp_path, scenario)


@pytest.mark.parametrize("way", ["up", "down"])
def test_an_edit_that_a_broken_link_swallows_arrives_once(
    server: LiveServer, tmp_path: Path, way: str
) -> None:
    name = f"helo {way}"

    async def scenario(scene: Scene) -> None:
        scene.alice.write(BOB, name)
        await until(lambda: name in scene.bob_has())
        await until(lambda: scene.fate(name)[0] is not Fate.SENT)
        [mine] = said(scene, scene.alice, BOB, name)
        scene.proxy.swallow(way)
        correct(scene.alice, BOB, mine, f"hello {way}")
        if way == "down":
            await until(lambda: f"hello {way}" in scene.bob_has())
        await scene.breaks()
        await until(lambda: f"hello {way}" in scene.bob_has())
        await until(lambda: scene.fate(f"hello {way}")[0] not in (Fate.QUEUED, Fate.SENT))
        [theirs] = said(scene, scene.bob, ALICE, name)
        assert theirs.edits == (name,)

    play(server, tmp_path, scenario)


@pytest.mark.parametrize("room", [None, CLUB], ids=["two", "room"])
def test_over_a_network_that_breaks_all_is_done_once_and_in_order(
    server: LiveServer, tmp_path: Path, room: Jid | None
) -> None:
    chance = random.Random(7)
    alices, bobs = room or BOB, room or ALICE

    async def scenario(scene: Scene) -> None:
        if room is not None:
            await both_enter(scene)
        for number in range(6):
            scene.proxy.swallow(chance.choice(["up", "down"]))
            name = f"network {number}"
            scene.alice.write(alices, name)
            for edit in range(chance.randint(1, 3)):
                [mine] = said(scene, scene.alice, alices, name)
                correct(scene.alice, alices, mine, f"{name}, {edit}")
            shown = scene.shown(scene.bob, bobs)
            theirs = [each for each in shown if each.reference and "network" in each.text]
            if theirs:
                react(scene.bob, bobs, chance.choice(theirs), chance.choice("👍🎉😀"))
            await (scene.breaks() if chance.random() < 0.7 else restarts(scene, room))
        await until(
            lambda: all(
                each.fate not in (Fate.QUEUED, Fate.SENT) and not each.reason
                for each in scene.shown(scene.alice, alices)
                if each.text.startswith("network")
            )
        )
        await until(lambda: texts(scene, scene.alice, alices) == texts(scene, scene.bob, bobs))
        assert len(texts(scene, scene.alice, alices)) == 6

    play(server, tmp_path, scenario, room)


async def restarts(scene: Scene, room: Jid | None) -> None:
    """Another run, over a network that is whole again."""
    scene.alice.settle()
    scene.proxy.cut()
    scene.proxy.pass_all()
    await scene.alice_restarts()
    if room is not None:
        await until(lambda: scene.alice.state.rooms[room].is_in)


def texts(scene: Scene, client: Client, peer: Jid) -> Sequence[object]:
    """The texts and what they were before, and with what was reacted, whatever their order."""
    return sorted(
        (each.text, each.edits, sorted(reaction.emoji for reaction in each.reactions))
        for each in scene.shown(client, peer)
        if each.text.startswith("network")
    )


def test_who_is_writing_is_seen(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        there = CLUB.with_resource("alice")
        scene.alice.composing(CLUB, is_composing=True)
        await until(lambda: scene.bob.state.composing(CLUB) == (there,))
        scene.alice.composing(CLUB, is_composing=False)
        await until(lambda: scene.bob.state.composing(CLUB) == ())

    play(server, tmp_path, scenario, CLUB)


# Another implementation.


def test_another_client_does_to_ours_what_ours_does_to_it(
    server: LiveServer, tmp_path: Path
) -> None:
    """slixmpp, in a conversation of two."""

    async def scenario(scene: Scene) -> None:
        alice = scene.alice
        async with stranger(server, "bob@localhost", "build") as bob:
            # What it does.
            await bob.does("say", ALICE, text="helo there", id="b1")
            await until(lambda: len(said(scene, alice, BOB, "helo there")) == 1)
            await bob.does("correct", ALICE, target="b1", text="hello there")
            await until(lambda: said(scene, alice, BOB, "helo there")[0].text == "hello there")
            await bob.does("state", ALICE, state="composing")
            await until(lambda: bool(alice.state.composing(BOB)))
            await bob.does("state", ALICE, state="paused")
            await until(lambda: not alice.state.composing(BOB))
            alice.write(BOB, "shall we\nbake?")
            heard = await bob.hears(text="shall we\nbake?")
            await bob.does("react", ALICE, target=heard["id"], emojis=["👍", "🎂"])
            await until(
                lambda: (
                    {each.emoji for each in scene.shown(alice, BOB)[-1].reactions} == {"👍", "🎂"}
                )
            )
            await bob.does(
                "reply",
                ALICE,
                target=heard["id"],
                author="alice@localhost",
                quoted="something else",
                text="yes!",
            )
            await until(lambda: scene.texts()[-1] == "yes!")
            answered = scene.shown(alice, BOB)[-1].reply
            assert answered is not None
            assert answered.text == "shall we\nbake?"
            await bob.does("retract", ALICE, target="b1")
            await until(lambda: any(each.is_retracted for each in scene.shown(alice, BOB)))
            # What ours does.
            alice.write(BOB, "mistkae")
            heard = await bob.hears(text="mistkae")
            [mine] = said(scene, alice, BOB, "mistkae")
            correct(alice, BOB, mine, "mistake")
            await bob.hears(corrected=heard["id"], text="mistake")
            retract(alice, BOB, mine)
            await bob.hears(retracted=heard["id"])
            await bob.does("say", ALICE, text="cake is ready", id="b2")
            await until(lambda: "cake is ready" in scene.texts())
            [theirs] = said(scene, alice, BOB, "cake is ready")
            react(alice, BOB, theirs, "🎂", "😋")
            await bob.hears(reacted="b2", emojis="".join(sorted("🎂😋")))
            answer(alice, BOB, theirs, "I come")
            await bob.hears(answered="b2", text="I come", author=str(theirs.author))
            alice.composing(BOB, is_composing=True)
            await bob.hears(state="composing")

    play(server, tmp_path, scenario)


def test_another_client_does_so_in_a_room(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        alice = scene.alice
        await enters(alice, HALL, "alice")
        async with stranger(server, "bob@localhost", "build", str(HALL), "Robert") as bob:
            await until(lambda: "Robert" in alice.state.rooms[HALL].occupants)
            there = HALL.with_resource("Robert")
            await bob.does("say", HALL, kind="groupchat", text="helo all", id="b1")
            await until(lambda: len(said(scene, alice, HALL, "helo all")) == 1)
            await bob.does("correct", HALL, kind="groupchat", target="b1", text="hello all")
            await until(lambda: said(scene, alice, HALL, "helo all")[0].text == "hello all")
            [theirs] = said(scene, alice, HALL, "helo all")
            react(alice, HALL, theirs, "👍")
            heard = await bob.hears(text="helo all")
            await bob.hears(reacted=heard["by_room"], emojis="👍")
            answer(alice, HALL, theirs, "hello Robert")
            await bob.hears(answered=heard["by_room"], text="hello Robert", author=str(there))
            alice.write(HALL, "hear, Robert")
            await bob.hears(named=f"xmpp:{there}", text="hear, Robert")
            uri = f"xmpp:{HALL}/alice"
            await bob.does(
                "say and name", HALL, kind="groupchat", text="hey queen", name="queen", uri=uri
            )
            await until(lambda: bool(said(scene, alice, HALL, "hey queen")))
            assert said(scene, alice, HALL, "hey queen")[0].is_mention
            alice.write(HALL, "secret")
            heard = await bob.hears(text="secret")
            await until(lambda: bool(said(scene, alice, HALL, "secret")[0].reference))
            await bob.does("react", HALL, kind="groupchat", target=heard["by_room"], emojis=["🤫"])
            await until(lambda: bool(said(scene, alice, HALL, "secret")[0].reactions))
            retract(alice, HALL, said(scene, alice, HALL, "secret")[0])
            await bob.hears(retracted=heard["by_room"])
            await until(lambda: scene.shown(alice, HALL)[-1].fate is Fate.ACKNOWLEDGED)

    play(server, tmp_path, scenario, HALL)
