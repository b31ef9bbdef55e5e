from __future__ import annotations

import pytest

from termxmpp.commands.line import read_invocation
from termxmpp.commands.registry import Command, Registry, Rest, command
from termxmpp.core.jid import Jid
from termxmpp.errors import UserError


@command("msg", aliases=("query",))
def msg(ctx: object, jid: Jid, text: Rest | None = None) -> None:
    """Open the conversation with JID,
    and send TEXT.

    Quotes in TEXT are part of it.
    """


@command("me")
def me(ctx: object, text: Rest) -> None:
    """Tell what you do."""


@command("roster add", aliases=("r add",))
def roster_add(ctx: object, jid: Jid) -> None:
    """Put JID into the roster."""


@command("roster list")
def roster_list(ctx: object) -> None:
    """List the contacts."""


@command("xml")
def xml(ctx: object) -> None:
    """Say whether stanzas are shown."""


@command("xml on")
def xml_on(ctx: object) -> None:
    """Show stanzas."""


registry = Registry([xml_on, xml, roster_list, roster_add, msg, me])


def lookup(line: str) -> Command:
    return registry.lookup(read_invocation(line))


def test_a_command_is_its_function_with_the_help_it_has() -> None:
    assert msg.usage == "/msg JID [TEXT]"
    assert msg.summary == "Open the conversation with JID, and send TEXT."
    assert msg.help.endswith("\n\nQuotes in TEXT are part of it.")
    assert (msg.group, roster_add.group) == ("", "roster")


def test_a_name_or_alias_finds_its_command_in_any_case() -> None:
    assert lookup("/msg bob@example.org") is lookup("/query") is lookup("/MSG") is msg


def test_two_words_find_a_command_of_a_group() -> None:
    assert lookup("/roster add bob@example.org") is lookup("/r add") is roster_add


def test_the_first_word_alone_is_a_command_if_one_is_called_so() -> None:
    assert lookup("/xml") is xml
    assert lookup("/xml on") is xml_on
    assert lookup("/xml off") is xml


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/mgs bob", "There is no command /mgs. Did you mean /msg?"),
        ("/m", "There is no command /m. Did you mean /me?"),
        ("/etc/passwd", "a text that begins with / is typed with //."),
        ("/rostr add", "Did you mean /roster?"),
        ("/roster ad", "There is no command /roster ad. Did you mean /roster add?"),
        ("/roster xyzzy", "There is /roster add JID, /roster list."),
        ("/roster", "/roster needs to know more: /roster add JID, /roster list."),
    ],
)
def test_an_unknown_command_has_a_way_out(line: str, answer: str) -> None:
    with pytest.raises(UserError) as error:
        lookup(line)
    assert str(error.value).endswith(answer)


def test_commands_are_sorted_by_name() -> None:
    assert [each.name for each in registry.commands] == [
        "me",
        "msg",
        "roster add",
        "roster list",
        "xml",
        "xml on",
    ]
    assert set(registry.names) == {each.name for each in registry.commands} | {"query", "r add"}


def test_a_group_is_found_by_its_name_and_alias() -> None:
    assert registry.group("roster") == (roster_add, roster_list)
    assert registry.group("r") == (roster_add,)
    assert registry.group("msg") == ()


def test_two_commands_of_one_name_are_refused() -> None:
    @command("query")
    def query(ctx: object) -> None:
        """Be called as an alias of another."""

    with pytest.raises(ValueError, match="two commands are called /query"):
        Registry([msg, query])


def test_a_command_without_help_is_refused() -> None:
    with pytest.raises(TypeError, match="no docstring"):

        @command("silent")
        def silent(ctx: object) -> None: ...


@pytest.mark.parametrize(
    ("name", "aliases"),
    [("", ()), ("Big", ()), (" a", ()), ("a b c", ()), ("a", ("b c",)), ("a b", ("c",))],
)
def test_a_name_that_nobody_could_type_is_refused(name: str, aliases: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match=r"name|words"):
        command(name, aliases)
