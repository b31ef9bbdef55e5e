from __future__ import annotations

from typing import Literal

import pytest

from termxmpp.commands.help import command_help, markdown_table, overview
from termxmpp.commands.registry import Registry, Rest, command
from termxmpp.core.jid import Jid
from termxmpp.errors import UserError


@command("msg", aliases=("query", "q"))
def msg(ctx: object, jid: Jid, text: Rest | None = None) -> None:
    """Open the conversation with JID.

    Quotes in TEXT are part of it.
    """


@command("xml")
def xml(ctx: object, switch: Literal["on", "off"]) -> None:
    """Show stanzas, or don't."""


@command("xml send")
def xml_send(ctx: object, stanza: Rest) -> None:
    """Send STANZA."""


@command("affiliation")
def affiliation(ctx: object, jid: Jid, role: Literal["owner", "admin", "member"]) -> None:
    """Make JID a member, or more."""


registry = Registry([msg, xml, xml_send, affiliation])


@command("new")
def new(ctx: object) -> None:
    """Do what nobody has thought of."""


def test_the_overview_has_a_line_for_each_command_under_what_it_is_about() -> None:
    assert overview(Registry([msg, xml, xml_send, affiliation, new])) == [
        "Talk",
        "/msg JID [TEXT]   Open the conversation with JID.",
        "",
        "Rooms",
        "/affiliation JID owner|admin|member",
        "                  Make JID a member, or more.",
        "",
        "Under the bonnet",
        "/xml on|off       Show stanzas, or don't.",
        "/xml send STANZA  Send STANZA.",
        "",
        "More",
        "/new              Do what nobody has thought of.",
    ]


@pytest.mark.parametrize("name", ["msg", "/msg", "query", "MSG"])
def test_the_help_of_a_command_is_its_docstring(name: str) -> None:
    assert command_help(registry, name) == [
        "/msg JID [TEXT]",
        "also /query, /q",
        "",
        "Open the conversation with JID.",
        "",
        "Quotes in TEXT are part of it.",
    ]


def test_the_help_of_a_group_has_its_commands_too() -> None:
    assert command_help(registry, "xml") == [
        "/xml on|off",
        "",
        "Show stanzas, or don't.",
        "",
        "/xml send STANZA  Send STANZA.",
    ]
    assert command_help(registry, "/xml  send")[0] == "/xml send STANZA"


def test_help_about_an_unknown_command_offers_the_nearest() -> None:
    with pytest.raises(UserError, match="Did you mean /msg"):
        command_help(registry, "mgs")


def test_the_table_escapes_what_would_end_a_cell() -> None:
    assert markdown_table(registry).splitlines() == [
        "| command | what it does |",
        "|---|---|",
        "| `/affiliation JID owner\\|admin\\|member` | Make JID a member, or more. |",
        "| `/msg JID [TEXT]`, `/query`, `/q` | Open the conversation with JID. |",
        "| `/xml on\\|off` | Show stanzas, or don't. |",
        "| `/xml send STANZA` | Send STANZA. |",
    ]
