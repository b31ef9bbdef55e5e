-- Rooms that take back messages in the way of today (urn:xmpp:message-moderate:1); the module
-- that Debian has knows the one before only.
local st = require "util.stanza";
local new_id = require "util.id".medium;
local muc = module:depends "muc";

local MODERATE, RETRACT = "urn:xmpp:message-moderate:1", "urn:xmpp:message-retract:1";

module:hook("muc-disco#info", function (event)
	event.reply:tag("feature", { var = MODERATE }):up();
end);

module:hook("iq-set/bare/" .. MODERATE .. ":moderate", function (event)
	local origin, stanza = event.origin, event.stanza;
	local room = muc.get_room_from_jid(stanza.attr.to);
	local order, by = stanza.tags[1], room:get_occupant_by_real_jid(stanza.attr.from);
	if not by or by.role ~= "moderator" then
		origin.send(st.error_reply(stanza, "auth", "forbidden"));
		return true;
	end
	local told = st.message({ from = room.jid, type = "groupchat", id = new_id() })
		:tag("retract", { xmlns = RETRACT, id = order.attr.id })
			:tag("moderated", { xmlns = MODERATE, by = by.nick }):up();
	local reason = order:get_child_text("reason");
	if reason then
		told:text_tag("reason", reason);
	end
	room:broadcast_message(told);
	origin.send(st.reply(stanza));
	return true;
end);
