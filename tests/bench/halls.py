"""A private Prosody with rooms full of people, and contacts who all change at once.

The rooms are Prosody's own, with its archive; who is in them is put there by a module of ours,
through Prosody's own functions, under addresses of a component that takes all and answers nothing.
So joining, presence and messages go the way that they always go.
"""

from __future__ import annotations

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.bench.peer import LAST

__all__ = ["STORM", "SUBJECT", "halls", "room_of"]

# Who is written to begins the storm, and says `LAST` behind it.
STORM = "storm@localhost"

# A room tells it behind everybody who is there; no letter of it stands elsewhere on the screen.
SUBJECT = "ZZZZZZZZ"

# Of rooms beyond the hundred that it keeps in memory, Prosody reads each anew again and again.
_HOSTS = """\
Component "conference.localhost" "muc"
    modules_enabled = {{ "muc_mam", "halls" }}
    restrict_room_creation = false
    muc_room_cache_size = 1000
    muc_room_default_public_jids = true
Component "crowd.localhost" "sink"
"""

_SINK = """\
for _, kind in ipairs({ "message", "presence", "iq" }) do
    for _, whom in ipairs({ "full", "bare", "host" }) do
        module:hook(kind.."/"..whom, function () return true end, 1000);
    end
end
"""

_HALLS = """\
local st = require "util.stanza";
local muc = module:depends("muc");
module:hook_global("server-started", function ()
    for number = 0, %(rooms)d - 1 do
        local room = muc.create_room(("hall%%03d@"):format(number)..module.host);
        local people = %(people)s;
        for each = 1, people[number + 1] or people[1] do
            local bare = ("person%%d@crowd.localhost"):format(each);
            local occupant = room:new_occupant(bare, ("%%s/Person %%04d"):format(room.jid, each));
            occupant.role = "participant";
            occupant:set_session(bare.."/desk", st.presence({ from = bare.."/desk" }), true);
            room:save_occupant(occupant);
        end
        room._data.subject_from, room._data.subject = room.jid.."/Person 0001", "%(subject)s";
    end
end, 1000);
"""

_STORM = """\
local st = require "util.stanza";
module:hook("message/bare", function (event)
    local stanza = event.stanza;
    if stanza.attr.to ~= "storm@localhost" or stanza.attr.type == "error" then return; end
    if not stanza:get_child_text("body") then return true; end
    local shows = { "away", "dnd", "xa", "chat" };
    for number = 0, %d - 1 do
        local from = ("c%%d@localhost/desk"):format(number %% %d);
        local here = st.presence({ from = from; to = stanza.attr.from });
        here:text_tag("show", shows[number %% 4 + 1]);
        event.origin.send(here:text_tag("status", "here and there"));
    end
    event.origin.send(st.message({
        from = "storm@localhost/desk"; to = stanza.attr.from; type = "chat"; id = "last";
    }):text_tag("body", "%s"));
    return true;
end, 1000);
"""


def room_of(number: int) -> str:
    return f"hall{number:03}@conference.localhost"


def halls(*people: int, rooms: int = 0, presences: int = 0, contacts: int = 1) -> PrivateProsody:
    """The server for alice, started by whoever has it: a room for each of `people`, with so many.

    `rooms` says how many there are if all have as many people. `presences` are those of the storm,
    which `contacts` take turns to send.
    """
    server = PrivateProsody(
        {"alice": "wonder", "bob": "build"},
        modules=(*MODULES, "storm"),
        hosts=_HOSTS.format(),
    )
    folder = server.folder / "modules"
    folder.mkdir()
    made = {
        "people": "{ " + ", ".join(map(str, people or (1,))) + " }",
        "rooms": rooms or len(people),
        "subject": SUBJECT,
    }
    (folder / "mod_sink.lua").write_text(_SINK)
    (folder / "mod_halls.lua").write_text(_HALLS % made)
    (folder / "mod_storm.lua").write_text(_STORM % (presences, contacts, LAST))
    return server
