"""Rooms as they are run: topics, kicks, roles, bans and invitations, against slixmpp on Prosody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.core.room import Role
from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.portraits import portrait_of
from termxmpp.workspace import Window, Workspace
from tests.support.account import LiveServer
from tests.support.ejabberd import PrivateEjabberd
from tests.support.forms import fills_in
from tests.support.occupant import occupant
from tests.support.scene import Scene, comes_online, play, until
from tests.support.servers import running

ROOMS = """\
Component "conference.localhost" "muc"
    modules_enabled = { "muc_mam"; "muc_moderation"; "vcard_muc"; }
    muc_room_locking = false
"""


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with running(
        PrivateProsody(
            {"alice": "wonder", "bob": "build"},
            modules=(*MODULES, "private", "bookmarks"),
            hosts=ROOMS,
        )
    ) as server:
        yield server


class User:
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


def test_an_owner_runs_a_room(server: LiveServer, tmp_path: Path) -> None:
    room = Jid.parse("run@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user = User(scene.alice)
        await user.enters(room)
        async with occupant(server, "bob@localhost", "build", str(room), "Robert") as robert:
            there = scene.alice.state.rooms[room]
            await until(lambda: "Robert" in there.occupants)
            user.types("/topic tea & cake")
            await robert.hears(about="tea & cake")
            user.types("/role Robert moderator")
            await user.hears("Robert is from now on: moderator.", room)
            user.types("/affiliation Robert member")
            await user.hears("Robert is from now on: member.", room)
            user.types("/affiliation list member")
            await user.hears("bob@localhost  member, Robert", room)
            user.types("/kick Robert too loud")
            await robert.hears(went="Robert", reason="too loud")
            await until(lambda: "Robert" not in there.occupants)
            user.types("/ban bob@localhost")
            await user.hears("bob@localhost is banned", room)
            user.types("/affiliation list outcast")
            await user.hears("bob@localhost  banned", room)
            user.types(f"/destroy {room} all is said")
            await user.hears("The room was destroyed: all is said", room)
            assert not there.is_wanted

    play(server, tmp_path, scenario, room)


def test_who_is_no_moderator_is_told_what_is_missing(server: LiveServer, tmp_path: Path) -> None:
    room = Jid.parse("theirs@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user = User(scene.alice)
        async with occupant(server, "bob@localhost", "build", str(room), "Robert") as robert:
            await user.enters(room)
            await until(lambda: "Robert" in scene.alice.state.rooms[room].occupants)
            user.types("/kick Robert")
            await user.hears("You are: participant, no affiliation", room)
            user.types("/topic mine")
            await user.hears("The topic stays as it is", room)
            user.types("/affiliation list outcast")
            await user.hears("at least: admin", room)
            assert await robert.calls("set_role", room=room, nick="alice", role="none") == "done"
            await user.hears("Robert has put you out of this room", room)

    play(server, tmp_path, scenario, room)


def test_invitations_go_and_come_the_way_that_fits(server: LiveServer, tmp_path: Path) -> None:
    room = Jid.parse("party@conference.localhost")
    theirs = Jid.parse("theirparty@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user = User(scene.alice)
        await user.enters(room)
        async with occupant(server, "bob@localhost", "build", str(theirs), "Robert") as robert:
            user.types("/invite bob@localhost bring cake")
            await robert.hears(directly_invited_to=str(room), reason="bring cake")
            options = {"membersonly": "1", "roomsecret": "sesame"}
            assert await robert.configures(theirs, **options) == "done"
            invitation = {"room": str(theirs), "jid": "alice@localhost", "reason": "bring tea"}
            assert await robert.calls("invite", **invitation) == "done"
            await until(lambda: theirs in scene.alice.state.invitations)
            found = scene.alice.state.invitations[theirs]
            assert (found.reason, found.password) == ("bring tea", "sesame")
            await user.enters(theirs)

    play(server, tmp_path, scenario, room)


def test_a_room_asks_for_its_password(server: LiveServer, tmp_path: Path) -> None:
    room = Jid.parse("secret@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user = User(scene.alice)
        answers = iter(["wrong", "sesame"])

        async def ask(question: str) -> str:
            return next(answers)

        user.workspace.on_secret = ask
        async with occupant(server, "bob@localhost", "build", str(room), "Robert") as robert:
            assert await robert.configures(room, roomsecret="sesame") == "done"
            user.types(f"/join {room}")
            await user.hears("it wants another password", room)
            await user.enters(room)

    play(server, tmp_path, scenario, room)


def test_the_rooms_of_the_server_are_listed(server: LiveServer, tmp_path: Path) -> None:
    room = Jid.parse("listed@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user = User(scene.alice)
        await user.enters(room)
        async with occupant(server, "bob@localhost", "build", str(room), "Robert") as robert:
            options = {"publicroom": "1", "roomdesc": "Lists & more"}
            assert await robert.configures(room, **options) != "done"
            await until(lambda: "Robert" in scene.alice.state.rooms[room].occupants)
            user.types("/affiliation Robert owner")
            await user.hears("Robert is from now on: owner.", room)
            assert await robert.configures(room, **options) == "done"
            user.types("/rooms listed")
            await user.hears("2  listed@conference.localhost  Lists & more", room)

    play(server, tmp_path, scenario, room)


@pytest.mark.parametrize("modules", [("bookmarks",), ()], ids=["bridged", "node only"])
def test_bookmarks_are_shared_with_another_kind_of_client(
    modules: tuple[str, ...], tmp_path: Path
) -> None:
    room, theirs = Jid.parse("ours@conference.localhost"), Jid.parse("phone@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user = User(scene.alice)
        rooms = scene.alice.state.rooms
        async with occupant(
            scene.server, "alice@localhost", "wonder", "desk@conference.localhost", "phone"
        ) as phone:
            await user.enters(room)
            user.types("/bookmark name Our room")
            await until(lambda: not scene.alice.state.bookmarks[room].is_due)
            assert await phone.does("bookmarks") == {str(room): ["Our room", True]}

            async def puts(*, autojoin: bool) -> None:
                await phone.does("bookmark", room=theirs, name="Theirs", autojoin=autojoin)

            await puts(autojoin=True)
            await until(lambda: theirs in rooms and rooms[theirs].is_in)
            assert scene.alice.state.title_of(theirs) == "Theirs"
            await puts(autojoin=False)
            await until(lambda: not rooms[theirs].is_in)
            user.types("/leave")
            await until(lambda: not scene.alice.state.bookmarks[room].is_due)
            found = await phone.does("bookmarks")
            assert found == {str(room): ["Our room", False], str(theirs): ["Theirs", False]}

    server = PrivateProsody(
        {"alice": "wonder", "bob": "build"}, modules=(*MODULES, *modules), hosts=ROOMS
    )
    try:
        server.start()
        play(server, tmp_path, scenario, room)
    finally:
        server.close()


def test_the_older_place_is_read_by_older_clients(tmp_path: Path) -> None:
    room = Jid.parse("old@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user = User(scene.alice)
        async with occupant(
            scene.server, "alice@localhost", "wonder", "desk@conference.localhost", "phone"
        ) as phone:
            user.types(f"/join {room} queen")
            await until(lambda: room in scene.alice.state.bookmarks)
            await until(lambda: not scene.alice.state.bookmarks[room].is_due)
            found = await phone.does("private bookmarks")
            assert found == {str(room): ["", True, "queen"]}
            user.types("/bookmark remove")
            await until(lambda: room not in scene.alice.state.bookmarks)
            assert await phone.does("private bookmarks") == {}

    server = PrivateProsody(
        {"alice": "wonder", "bob": "build"}, modules=(*MODULES, "private"), hosts=ROOMS
    )
    try:
        server.start()
        play(server, tmp_path, scenario, room)
    finally:
        server.close()


def test_a_room_takes_back_what_was_said_for_all(server: LiveServer, tmp_path: Path) -> None:
    room = Jid.parse("clean@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user = User(scene.alice)
        await user.enters(room)
        async with occupant(server, "bob@localhost", "build", str(room), "Robert") as robert:
            await robert.says("spam")
            await until(lambda: "spam" in scene.texts())
            user.types("/moderate 1 no spam here")
            await until(lambda: scene.shown(scene.alice, room)[0].is_retracted)
            await scene.alice.disconnect()
        bob = User(scene.bob)
        await bob.enters(room)
        await until(lambda: not scene.bob.state.gaps)
        assert "spam" not in scene.bob_has()

    play(server, tmp_path, scenario, room)


def test_who_asks_to_speak_is_let(server: LiveServer, tmp_path: Path) -> None:
    room = Jid.parse("quiet@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user = User(scene.alice)
        await user.enters(room)
        async with occupant(server, "bob@localhost", "build", str(room), "Robert") as robert:
            there = scene.alice.state.rooms[room]
            await until(lambda: "Robert" in there.occupants)
            user.types("/role Robert visitor")
            await until(lambda: there.occupants["Robert"].role is Role.VISITOR)
            assert await robert.calls("request_voice", room=room, role="participant") == "done"
            await user.hears("Robert asks to speak here", room)
            user.types("/role Robert participant")
            await until(lambda: there.occupants["Robert"].role is Role.PARTICIPANT)

    play(server, tmp_path, scenario, room)


def test_bookmarks_and_lists_on_another_kind_of_server(tmp_path: Path) -> None:
    room = Jid.parse("deep@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user, other = User(scene.alice), scene.another("alice", "wonder", tmp_path / "other")
        await user.enters(room)
        await until(lambda: not scene.alice.state.bookmarks[room].is_due)
        try:
            await comes_online(other)
            await until(lambda: room in other.state.rooms and other.state.rooms[room].is_in)
            user.types("/leave")
            await until(lambda: not other.state.rooms[room].is_in)
            assert not other.state.rooms[room].is_wanted
            await user.enters(room)
            await until(lambda: other.state.rooms[room].is_in)
            user.types("/affiliation list owner")
            await user.hears("alice@localhost  owner, alice", room)
            user.types("/topic deep thoughts")
            await user.hears("alice has set the topic: deep thoughts", room)
            user.types("/rooms deep")
            await user.hears("1  deep@conference.localhost\n", room)
        finally:
            await other.close()

    (tmp_path / "other").mkdir()
    server = PrivateEjabberd({"alice": "wonder", "bob": "build"}, has_rooms=True)
    try:
        server.start()
        play(server, tmp_path, scenario, room)
    finally:
        server.close()


def test_a_room_shows_a_picture(server: LiveServer, tmp_path: Path) -> None:
    room = Jid.parse("seen@conference.localhost")
    Image.new("RGB", (300, 200), "red").save(tmp_path / "club.png")

    async def scenario(scene: Scene) -> None:
        user, other = User(scene.alice), User(scene.bob)
        await user.enters(room)
        await other.enters(room)
        user.types(f"/configure avatar {tmp_path}/club.png")
        await user.hears(f"{room} shows this picture now", room)
        await other.hears("The room shows another picture", room)
        picture = await portrait_of(scene.bob, room)
        assert picture is not None
        assert picture.startswith(b"\x89PNG")
        other.types("/configure avatar clear")
        await other.hears("that needs the rights of at least: owner", room)
        user.types("/configure avatar clear")
        await other.hears("The room shows no picture any more.", room)
        assert await portrait_of(scene.bob, room) is None

    play(server, tmp_path, scenario, room)


def test_a_nick_is_kept_by_the_room(server: LiveServer, tmp_path: Path) -> None:
    room = Jid.parse("kept@conference.localhost")

    async def scenario(scene: Scene) -> None:
        user, other = User(scene.alice), scene.another("bob", "build", tmp_path / "other")
        await user.enters(room)
        guest = User(other)
        nick = {"muc#register_roomnick": ["White Queen"]}
        fills_in(guest.workspace, "submit", values=nick)
        try:
            await comes_online(other)
            guest.workspace.show(Window(other, room))
            guest.types("/nick register")
            await guest.hears(f"{room} lets only members do that", room)
            user.types("/affiliation bob@localhost member")
            await user.hears("bob@localhost is from now on: member.", room)
            guest.types("/nick register")
            await guest.hears(f"{room} has it: it keeps the nick White Queen for you", room)
            await guest.enters(room)
            assert other.state.rooms[room].nick == "White Queen"
            guest.types("/nick register")
            await guest.hears(f"{room} keeps the nick White Queen for you", room)
            fills_in(user.workspace, "submit", None, values=nick)
            user.types("/nick register")
            await user.hears("You have given it up", room)
            guest.types("/nick unregister")
            await guest.hears(f"{room} keeps no nick for you any more.", room)
        finally:
            await other.close()

    (tmp_path / "other").mkdir()
    play(server, tmp_path, scenario, room)


def test_a_service_keeps_a_nick_for_all_of_its_rooms(tmp_path: Path) -> None:
    room, service = Jid.parse("any@conference.localhost"), "conference.localhost"

    async def scenario(scene: Scene) -> None:
        user = User(scene.alice)
        await user.enters(room)
        names = ("nick", "muc#register_roomnick")
        values = {name: ["White Queen"] for name in names}
        asked = fills_in(user.workspace, "submit", values=values)
        user.types(f"/nick register {service}")
        await user.hears(f"{service} has it: it keeps the nick White Queen for you", room)
        user.types(f"/nick unregister {service}")
        assert "alice" in [each.value for each in asked[0].form.fields]
        await user.hears(f"{service} keeps no nick for you any more.", room)

    server = PrivateEjabberd({"alice": "wonder", "bob": "build"}, has_rooms=True)
    try:
        server.start()
        play(server, tmp_path, scenario, room)
    finally:
        server.close()
