"""Rooms as they are run: topics, kicks, roles, bans and invitations, against slixmpp."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from termxmpp.core.room import Affiliation, Role
from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.portraits import portrait_of
from termxmpp.workspace import Window
from tests.support.account import LiveServer
from tests.support.ejabberd import PrivateEjabberd
from tests.support.forms import fills_in
from tests.support.meeting import Meeting, Typist, in_room, meet
from tests.support.occupant import occupant
from tests.support.scene import Scene, comes_online, play, until
from tests.support.servers import USERS, add_module, each_of, running

ROOMS = """\
Component "conference.localhost" "muc"
    modules_enabled = { "muc_mam"; "muc_moderation"; "vcard_muc"; }
    muc_room_locking = false
"""

MODERATION = Path(__file__).parent.parent / "support" / "moderation.lua"

# The options of a room with a password; Prosody has but the one.
SECRET = {"passwordprotectedroom": "1", "roomsecret": "sesame"}


def prosody(*modules: str) -> PrivateProsody:
    return PrivateProsody(USERS, modules=(*MODULES, *modules), hosts=ROOMS)


def ejabberd() -> PrivateEjabberd:
    return PrivateEjabberd(USERS, has_archive=True, has_rooms=True)


Kind = Callable[[], PrivateProsody | PrivateEjabberd]


@pytest.fixture(scope="module")
def full_prosody() -> Iterator[PrivateProsody]:
    with running(prosody("private", "bookmarks")) as server:
        yield server


@pytest.fixture(scope="module")
def full_ejabberd() -> Iterator[PrivateEjabberd]:
    with running(ejabberd()) as server:
        yield server


server = each_of("full_prosody", "full_ejabberd")


def test_an_owner_runs_a_room(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(here: Meeting) -> None:
        here.types("/topic tea & cake")
        await here.robert.hears(about="tea & cake")
        here.types("/role Robert moderator")
        await here.told("Robert is from now on: moderator.")
        here.types("/affiliation Robert member")
        await here.told("Robert is from now on: member.")
        here.types("/affiliation list member")
        await here.told("bob@localhost  member, Robert")
        here.types("/kick Robert too loud")
        await here.robert.hears(went="Robert", reason="too loud")
        await until(lambda: "Robert" not in here.room.occupants)
        here.types("/ban bob@localhost")
        await here.told("bob@localhost is banned")
        here.types("/affiliation list outcast")
        await here.told("bob@localhost  banned")
        here.types(f"/destroy {here.jid} all is said")
        await here.told("The room was destroyed: all is said")
        assert not here.room.is_wanted

    meet(server, tmp_path, "run", scenario)


def test_who_is_no_moderator_is_told_what_is_missing(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(here: Meeting) -> None:
        await here.alice_enters()
        await here.robert_is_seen()
        assert await here.robert.configures(changesubject="0") == "done"
        here.types("/kick Robert")
        await here.told("You are: participant, no affiliation")
        here.types("/topic mine")
        await here.told("The topic stays as it is")
        here.types("/affiliation list outcast")
        await here.told("at least: admin")
        assert await here.robert.calls("set_role", nick="alice", role="none") == "done"
        await here.told("Robert has put you out of this room")

    meet(server, tmp_path, "theirs", scenario, robert_is_first=True)


def test_invitations_go_and_come_the_way_that_fits(server: LiveServer, tmp_path: Path) -> None:
    ours = in_room("party")

    async def scenario(here: Meeting) -> None:
        await here.alice.enters(ours)
        here.types("/invite bob@localhost bring cake")
        await here.robert.hears(directly_invited_to=str(ours), reason="bring cake")
        options = {"membersonly": "1", **SECRET}
        assert await here.robert.configures(**options) == "done"
        invited = await here.robert.calls("invite", jid="alice@localhost", reason="bring tea")
        assert invited == "done"
        invitations = here.scene.alice.state.invitations
        await until(lambda: here.jid in invitations)
        found = invitations[here.jid]
        assert (found.reason, found.password) == ("bring tea", "sesame")
        await here.alice_enters()

    meet(server, tmp_path, "theirparty", scenario, robert_is_first=True)


def test_a_room_asks_for_its_password(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(here: Meeting) -> None:
        answers = iter(["wrong", "sesame"])

        async def ask(question: str) -> str:
            return next(answers)

        here.alice.workspace.on_secret = ask
        assert await here.robert.configures(**SECRET) == "done"
        here.types(f"/join {here.jid}")
        await here.told("it wants another password")
        await here.alice_enters()

    meet(server, tmp_path, "secret", scenario, robert_is_first=True)


def test_the_rooms_of_the_server_are_listed(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(here: Meeting) -> None:
        options = {"publicroom": "1", "roomdesc": "Lists & more"}
        assert await here.robert.configures(**options) != "done"
        here.types("/affiliation Robert owner")
        await here.told("Robert is from now on: owner.")
        assert await here.robert.configures(**options) == "done"
        here.types("/rooms listed")
        await here.told("2  listed@conference.localhost  Lists & more")

    meet(server, tmp_path, "listed", scenario)


def test_who_asks_to_speak_is_let(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(here: Meeting) -> None:
        here.types("/role Robert visitor")
        await until(lambda: here.room.occupants["Robert"].role is Role.VISITOR)
        assert await here.robert.calls("request_voice", role="participant") == "done"
        await here.told("Robert asks to speak here")
        here.types("/role Robert participant")
        await until(lambda: here.room.occupants["Robert"].role is Role.PARTICIPANT)

    meet(server, tmp_path, "quiet", scenario)


def test_a_room_takes_back_what_was_said_for_all(full_prosody: LiveServer, tmp_path: Path) -> None:
    async def scenario(here: Meeting) -> None:
        scene = here.scene
        here.robert.says("spam")
        await until(lambda: "spam" in scene.texts())
        here.types("/moderate 1 no spam here")
        await until(lambda: scene.shown(scene.alice, here.jid)[0].is_retracted)
        await scene.alice.disconnect()
        await Typist(scene.bob).enters(here.jid)
        await until(lambda: not scene.bob.state.gaps)
        assert "spam" not in scene.bob_has()

    meet(full_prosody, tmp_path, "clean", scenario)


def test_a_room_takes_back_what_was_said_in_the_newer_way_too(tmp_path: Path) -> None:
    """Whichever of the two wants it."""

    async def scenario(here: Meeting) -> None:
        scene = here.scene
        here.robert.says("spam")
        heard = await here.robert.hears(text="spam")
        await until(lambda: "spam" in scene.texts())
        here.types("/moderate 1 no spam here")
        by = f"{here.jid}/alice"
        await here.robert.hears(moderated=heard["by_room"], by=by, reason="no spam here")
        await until(lambda: scene.shown(scene.alice, here.jid)[0].is_retracted)
        scene.alice.write(here.jid, "nonsense")
        heard = await here.robert.hears(text="nonsense")
        order = {"id": heard["by_room"], "reason": "off topic"}
        assert await here.robert.does("moderate", **order) == "forbidden"
        here.types("/role Robert moderator")
        await here.told("Robert is from now on: moderator.")
        assert await here.robert.does("moderate", **order) == "done"
        await until(lambda: scene.shown(scene.alice, here.jid)[-1].is_retracted)

    hosts = ROOMS.replace("muc_moderation", "newer_moderation")
    made = PrivateProsody(USERS, hosts=hosts)
    add_module(made, "newer_moderation", MODERATION.read_text())
    with running(made) as server:
        meet(server, tmp_path, "newer", scenario)


def test_what_an_occupant_of_another_kind_does_is_seen_and_ours_too(
    server: LiveServer, tmp_path: Path
) -> None:
    async def scenario(here: Meeting) -> None:
        robert, room = here.robert, here.jid
        await robert.does("invite directly", "alice@localhost", reason="come in")
        invitations = here.scene.alice.state.invitations
        await until(lambda: room in invitations)
        assert invitations[room].reason == "come in"
        await here.alice_enters()
        await here.robert_is_seen()
        await robert.calls("set_subject", subject="tea & cake")
        await here.told("Robert has set the topic: tea & cake")
        assert await robert.does("ping", nick="alice") > 0
        here.types(f"/ping {room}/Robert")
        await here.told(f"{room}/Robert answered in")
        here.types("/nick queen")
        await robert.hears(went="alice", codes="303")
        await robert.hears(came="queen")
        assert await robert.calls("set_self_nick", new_nick="Bobby") == "done"
        await here.told("Robert is now Bobby.")
        await robert.calls("set_affiliation", affiliation="member", jid="alice@localhost")
        await until(lambda: here.room.occupants["queen"].affiliation is Affiliation.MEMBER)
        await robert.calls("set_affiliation", affiliation="outcast", jid="alice@localhost")
        await robert.hears(went="queen", codes="301")
        await here.told("banned")
        assert not here.room.is_in

    meet(server, tmp_path, "guests", scenario, robert_is_first=True)


def test_who_said_what_is_known_whatever_the_nick(full_prosody: LiveServer, tmp_path: Path) -> None:
    """By the room's own ids (XEP-0421), where it does not tell who somebody is."""

    async def scenario(here: Meeting) -> None:
        await here.alice_enters()
        here.robert.says("it was me")
        heard = await here.robert.hears(text="it was me")
        await until(lambda: "it was me" in here.scene.texts())
        theirs = here.scene.shown(here.scene.alice, here.jid)[-1]
        assert heard["occupant"]
        assert theirs.occupant == heard["occupant"]
        here.scene.alice.write(here.jid, "and me")
        heard = await here.robert.hears(text="and me")
        await until(lambda: here.scene.shown(here.scene.alice, here.jid)[-1].reference != "")
        assert here.scene.shown(here.scene.alice, here.jid)[-1].occupant == heard["occupant"]

    meet(full_prosody, tmp_path, "known", scenario, robert_is_first=True)


@pytest.mark.parametrize(
    "make",
    [lambda: prosody("bookmarks"), prosody, ejabberd],
    ids=["bridged", "node only", "ejabberd"],
)
def test_bookmarks_are_shared_with_another_kind_of_client(make: Kind, tmp_path: Path) -> None:
    """alice's phone is slixmpp."""
    room, theirs = in_room("ours"), in_room("phone")

    async def scenario(scene: Scene) -> None:
        user = Typist(scene.alice)
        rooms = scene.alice.state.rooms
        async with occupant(
            scene.server, "alice@localhost", "wonder", str(in_room("desk")), "phone"
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

    with running(make()) as server:
        play(server, tmp_path, scenario, room)


def test_the_older_place_is_read_by_older_clients(tmp_path: Path) -> None:
    room = in_room("old")

    async def scenario(scene: Scene) -> None:
        user = Typist(scene.alice)
        async with occupant(
            scene.server, "alice@localhost", "wonder", str(in_room("desk")), "phone"
        ) as phone:
            user.types(f"/join {room} queen")
            await until(lambda: room in scene.alice.state.bookmarks)
            await until(lambda: not scene.alice.state.bookmarks[room].is_due)
            found = await phone.does("private bookmarks")
            assert found == {str(room): ["", True, "queen"]}
            user.types("/bookmark remove")
            await until(lambda: room not in scene.alice.state.bookmarks)
            assert await phone.does("private bookmarks") == {}

    with running(prosody("private")) as server:
        play(server, tmp_path, scenario, room)


def test_bookmarks_and_lists_on_another_kind_of_server(
    full_ejabberd: LiveServer, tmp_path: Path
) -> None:
    room = in_room("deep")

    async def scenario(scene: Scene) -> None:
        user, other = Typist(scene.alice), scene.another("alice", "wonder", tmp_path / "other")
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
    play(full_ejabberd, tmp_path, scenario, room)


def test_a_room_shows_a_picture(full_prosody: LiveServer, tmp_path: Path) -> None:
    room = in_room("seen")
    Image.new("RGB", (300, 200), "red").save(tmp_path / "club.png")

    async def scenario(scene: Scene) -> None:
        user, other = Typist(scene.alice), Typist(scene.bob)
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

    play(full_prosody, tmp_path, scenario, room)


def test_a_nick_is_kept_by_the_room(full_prosody: LiveServer, tmp_path: Path) -> None:
    room = in_room("kept")

    async def scenario(scene: Scene) -> None:
        user, other = Typist(scene.alice), scene.another("bob", "build", tmp_path / "other")
        await user.enters(room)
        guest = Typist(other)
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
    play(full_prosody, tmp_path, scenario, room)


def test_a_room_that_its_service_has_forgotten_is_left(
    full_prosody: LiveServer, tmp_path: Path
) -> None:
    """Prosody forgets one whose only occupant takes another nick, and says so to no one."""
    room = in_room("lost")

    async def scenario(scene: Scene) -> None:
        user = Typist(scene.alice)
        await user.enters(room)
        user.types("/nick queen")
        await until(lambda: scene.alice.state.rooms[room].nick == "queen")
        await scene.breaks()
        await user.hears("There is no such room any more", room)
        assert not scene.alice.state.rooms[room].is_in

    play(full_prosody, tmp_path, scenario, room)


def test_a_service_keeps_a_nick_for_all_of_its_rooms(
    full_ejabberd: LiveServer, tmp_path: Path
) -> None:
    room, service = in_room("any"), "conference.localhost"

    async def scenario(scene: Scene) -> None:
        user = Typist(scene.alice)
        await user.enters(room)
        names = ("nick", "muc#register_roomnick")
        values = {name: ["White Queen"] for name in names}
        asked = fills_in(user.workspace, "submit", values=values)
        user.types(f"/nick register {service}")
        await user.hears(f"{service} has it: it keeps the nick White Queen for you", room)
        user.types(f"/nick unregister {service}")
        assert "alice" in [each.value for each in asked[0].form.fields]
        await user.hears(f"{service} keeps no nick for you any more.", room)

    play(full_ejabberd, tmp_path, scenario, room)
