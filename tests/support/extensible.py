"""A Prosody that speaks SASL2, Bind 2 and FAST, by the community's modules as Debian packs them.

They were written for a Prosody newer than Debian 12's; what they miss of it, a small module of
ours puts there. Resumption along with the log-in needs more than that: it is played by a script
(`tests/xmpp/test_sasl2.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from termxmpp.demo.server import MODULES, PrivateProsody

__all__ = ["extensible_prosody"]

_NEWER = """\
local stanza_mt = require "util.stanza".stanza_mt;

function stanza_mt:get_child_attr(name, xmlns, attr)
    local child = self:get_child(name, xmlns);
    return child and child.attr[attr];
end

local datetime = require "util.datetime";
local of_whole_seconds = datetime.datetime;

function datetime.datetime(at)
    return of_whole_seconds(at and math.floor(at));
end

module:hook("stream-features", function (event)
    local session = event.origin;
    event.stream = { from = session.opened_by };
    local open_stream = session.open_stream;
    function session:open_stream(to, from)
        self.opened_by = from;
        return open_stream(self, to, from);
    end
    local conn = getmetatable(session.conn).__index;
    function conn:ssl_info()
        return self:socket():info();
    end
    function conn:ssl_peerfinished()
        return self:socket():getpeerfinished();
    end
end, 1000);
"""


def extensible_prosody(users: Mapping[str, str], *, extra: str = "") -> PrivateProsody:
    """A server with `users`, not started; `extra` are more lines of its configuration."""
    modules = (*MODULES, "newer", "sasl2", "sasl2_bind2", "sasl2_fast")
    server = PrivateProsody(users, modules=modules, extra=extra)
    folder = server.folder / "modules"
    folder.mkdir()
    (folder / "mod_newer.lua").write_text(_NEWER)
    return server
