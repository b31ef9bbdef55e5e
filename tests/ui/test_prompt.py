"""The input: drafts, own lines, pastes, completion, the hint, and the user's editor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest

from termxmpp.commands.registry import Kind, Registry, command
from termxmpp.config import UiConfig
from termxmpp.core.draft import Draft
from termxmpp.core.events import RosterReceived
from termxmpp.core.jid import Jid
from termxmpp.core.roster import Contact
from termxmpp.ui.folders import list_folder
from tests.support.drawn import Drawn
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import announces, enters, said
from tests.support.snapshots import SIZES
from tests.ui.test_application import assert_looks_like

CTRL_C, CTRL_R, UP, DOWN, ESC, SHIFT_TAB = "\x03", "\x12", "\x1b[A", "\x1b[B", "\x1b", "\x1b[Z"

Draw = Callable[..., Drawn]


@pytest.fixture
def draw(alice: Actor) -> Iterator[Draw]:
    with ExitStack() as stack:

        def make(columns: int = 80, rows: int = 24) -> Drawn:
            drawn = stack.enter_context(closing(Drawn(alice, columns, rows)))
            drawn.shows("online")
            return drawn

        yield make


def pasted(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


def sets(alice: Actor, **ui: object) -> None:
    """Let these keys of `[ui]` hold."""
    settings = alice.workspace.settings
    alice.run_now(settings.replace, replace(settings.config, ui=UiConfig(**ui)))  # type: ignore[arg-type]


# Drafts.


def test_each_window_has_its_draft_and_the_sidebar_shows_where(alice: Actor, draw: Draw) -> None:
    drawn = draw()
    drawn.types("/msg bob@example.org\rhello bob, I")
    drawn.shows("> hello bob, I")
    drawn.types("\x1b1")
    drawn.shows("Bob              ✎ │")
    drawn.hides("> hello bob")
    drawn.types("/msg carol@example.org\rcarol?\x1b2")
    drawn.shows("> hello bob, I")
    drawn.types(" am here\x1b3")
    drawn.shows("> carol?")
    drawn.types("\x1b2")
    drawn.shows("> hello bob, I am here")


def test_a_key_in_the_same_burst_as_the_windows_is_written_in_that_window(
    alice: Actor, draw: Draw
) -> None:
    alice.looks_at(BOB)
    draw().types("one\x1b1two\x1b2three\r")
    waits_until(alice, lambda: BOB not in alice.client.state.drafts and bool(alice.sent()))
    assert alice.lines()[-1].endswith("onethree ·")
    assert alice.client.state.drafts == {None: Draft("two", 3)}


def waits_until(alice: Actor, is_so: Callable[[], bool]) -> None:
    """Return when something has happened to alice by which `is_so`."""

    async def wait() -> None:
        news = asyncio.Event()
        alice.client.observers.append(lambda client, event: news.set())
        while not is_so():
            news.clear()
            await news.wait()

    alice.run(wait)


def test_a_draft_is_there_after_a_restart_with_the_cursor(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.looks_at(BOB)
    with closing(Drawn(alice, 80, 24)) as drawn:
        drawn.types("two\x1b\rlines\x02\x02")
        drawn.shows("lines")
    alice.close()
    again = alices(tmp_path)
    again.looks_at(BOB)
    assert again.workspace.current.draft == Draft("two\nlines", 7)
    with closing(Drawn(again, 80, 24)) as drawn:
        drawn.shows("lines")
        drawn.types("N\x1b1")
        drawn.hides("lines")
    assert again.client.state.drafts[BOB].text == "two\nlinNes"


def test_a_killed_process_loses_no_more_than_the_last_second(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.looks_at(BOB)
    drawn = Drawn(alice, 80, 24)
    drawn.types("half a thought")
    waits_until(alice, lambda: BOB in alice.client.state.drafts)
    alice.store.commit()
    alice.store.abandon()
    drawn.close()
    again = alices(tmp_path)
    assert again.client.state.drafts == {BOB: Draft("half a thought", 14)}


def test_what_was_sent_is_a_draft_no_more(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types("hello")
    waits_until(alice, lambda: BOB in alice.client.state.drafts)
    drawn.types("\r")
    drawn.shows("hello ·")
    assert alice.client.state.drafts == {}


# Sending.


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/unknown but meant", "There is no command /unknown"),
        ("/etc/passwd is a file", "There is no command /etc/passwd"),
        ("/msg @@ hello", "is no XMPP address"),
    ],
)
def test_a_line_that_is_refused_stays_to_be_corrected(
    alice: Actor, draw: Draw, line: str, words: str
) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types(f"{line}\r")
    drawn.shows(words)
    drawn.shows(f"> {line}")
    assert alice.sent() == []
    drawn.types("\x01/\r" if line.startswith("/e") else CTRL_C)
    drawn.hides(f"> {line}")


def test_newlines_at_the_end_are_not_sent(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types(pasted("  one\n\ntwo\n\n") + "\r")
    drawn.shows("two ·")
    assert "<body>  one\n\ntwo</body>" in alice.sent()[-1]


def test_a_text_that_no_server_takes_is_told_and_kept(alice: Actor, draw: Draw) -> None:
    """It would end the stream, and do so again with each connection."""
    alice.looks_at(BOB)
    drawn = draw()
    room = alice.client.longest_text
    alice.run_now(drawn.prompt.insert, "<" * (room // 4) + "xxxx")
    drawn.types("\r")
    drawn.shows("too long for one message by")
    assert alice.sent() == []
    assert drawn.prompt.buffer.text.endswith("xxxx")


def test_names_of_emoji_are_sent_as_such_only_if_that_was_asked_for(
    alice: Actor, draw: Draw
) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types("a :smile: b\r")
    drawn.shows("a :smile: b ·")
    sets(alice, shortcodes=True)
    drawn.types("c :smile: d\r")
    drawn.shows("c 😄")
    assert "<body>c 😄 d</body>" in alice.sent()[-1]


# Own lines.


def test_own_lines_are_those_of_the_window_also_after_a_restart(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    with closing(Drawn(alice, 80, 24)) as drawn:
        drawn.types("/msg bob@example.org\rfirst\r/me waves\r\x1b1")
        drawn.hides("waves")
        drawn.types(UP)
        drawn.shows("> /msg bob@example.org")
        drawn.types("\x1b2" + UP)
        drawn.shows("> /me waves")
        drawn.types(UP)
        drawn.shows("> first")
    alice.close()
    again = alices(tmp_path)
    again.looks_at(BOB)
    with closing(Drawn(again, 80, 24)) as drawn:
        drawn.shows("> first")
        drawn.types(CTRL_C)
        drawn.hides("> first")
        drawn.types(UP + UP)
        drawn.shows("> /me waves")


def test_up_and_down_move_within_the_text_first(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types("earlier\r")
    drawn.shows("earlier ·")
    drawn.types("one\x1b\rtwo" + UP)
    drawn.types("X")
    drawn.shows("> oneX")
    drawn.types(UP)
    drawn.shows("> earlier")
    drawn.types(DOWN)
    drawn.shows("> oneX\ntwo")


def test_what_was_begun_is_there_again_after_an_old_line_was_sent(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types("hello\r")
    drawn.shows("hello ·")
    drawn.types("half a thou" + UP)
    drawn.shows("> hello")
    drawn.types("\r")
    drawn.shows("> half a thou")
    assert sum("hello" in xml for xml in alice.sent()) == 2


def test_ctrl_r_searches_own_lines(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    for line in ("green apples", "red apples", "plums"):
        drawn.types(f"{line}\r")
        drawn.shows(f"{line} ·")
    drawn.types(CTRL_R + "green")
    drawn.shows("> green apples")
    drawn.shows("Search back: green")
    drawn.types("\r")
    drawn.hides("Search back")
    assert len(alice.sent()) == 3
    drawn.types("!\r")
    drawn.shows("!green apples ·")


def test_what_was_cleared_can_be_called_back(alice: Actor, draw: Draw) -> None:
    drawn = draw()
    drawn.types("a long thought" + CTRL_C)
    drawn.hides("long")
    drawn.types(UP)
    drawn.shows("> a long thought")


# Pastes.


def test_a_paste_is_text_and_not_obeyed(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types(pasted("\x1b[31mred\x1b[0m\x00 \x1b]0;title\x07and\x9b2J\tblue\r\nlast\rline"))
    drawn.shows("line")
    drawn.types("\r")
    drawn.shows("line ·")
    assert "<body>red and2J\tblue\nlast\nline</body>" in alice.sent()[-1]


@pytest.mark.parametrize(("answer", "is_taken"), [("y", True), ("n", False)])
def test_more_than_twenty_lines_ask_first(
    alice: Actor, draw: Draw, answer: str, is_taken: bool
) -> None:
    drawn = draw()
    drawn.types(pasted("\n".join(f"line{n}" for n in range(20)) + "\n"))
    drawn.shows("line19")
    drawn.types(CTRL_C)
    drawn.hides("line19")
    drawn.types(pasted("\n".join(f"line{n}" for n in range(21))))
    drawn.shows("Paste 21 lines as one message? (y/n)")
    drawn.types(answer)
    drawn.hides("Paste 21")
    assert ("line20" in drawn.prompt.buffer.text) == is_taken


def test_a_paste_while_a_question_is_open_is_no_answer_and_waits(alice: Actor, draw: Draw) -> None:
    drawn = draw()
    drawn.types(CTRL_C * 2)
    drawn.shows("Quit termxmpp?")
    drawn.types(pasted("y"))
    drawn.types(pasted("\n".join(["es"] * 30)))
    drawn.types("n")
    drawn.shows("Paste 30 lines")
    drawn.types("n")
    drawn.hides("Paste 30 lines")
    assert drawn.prompt.buffer.text == "y"


def test_of_pastes_that_nobody_answers_for_the_last_are_refused_with_a_word(
    alice: Actor, draw: Draw
) -> None:
    drawn = draw()
    drawn.types(CTRL_C * 2)
    drawn.shows("Quit termxmpp?")
    drawn.types("".join(pasted(each) for each in "abcd"))
    drawn.types("n")
    drawn.shows("> abc")
    drawn.shows("The paste was left out")


def test_a_paste_of_a_megabyte_is_refused_and_keys_go_on(alice: Actor, draw: Draw) -> None:
    drawn = draw()
    drawn.types("before " + pasted("x" * 1_000_000) + "after")
    drawn.shows("too long for one message")
    drawn.shows("> before after")


@pytest.mark.parametrize("piece", ["{:06}", "{:06}界"])
def test_of_a_very_long_line_what_is_near_the_cursor_is_seen(
    alice: Actor, draw: Draw, piece: str
) -> None:
    text = "".join(piece.format(number) for number in range(9000))
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types(pasted(text))
    drawn.shows("8998")
    middle = len(text) // 2
    for place in (0, 79, 2399, middle, middle + 1, middle + 2400, middle - 80, len(text) - 1):
        drawn.prompt.buffer.cursor_position = place
        drawn.redraws()
        column, row = drawn.cursor
        assert drawn.text.splitlines()[row - 1 : row] != [""]
        here = "".join(drawn.cell(each, row).data for each in range(column, 80)).rstrip()
        assert here
        assert text[place:].startswith(here)
    drawn.types("\x01x")
    drawn.shows("> x000000")
    drawn.types("\x05y\r")
    drawn.hides("> x0")
    assert f"<body>x{text}y</body>" in alice.sent()[-1]


# The menu.


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_the_menu_says_what_each_thing_is(
    alice: Actor, draw: Draw, columns: int, rows: int
) -> None:
    drawn = draw(columns, rows)
    drawn.types("/roster \t")
    drawn.shows("Put JID")
    drawn.types("\t\t")
    drawn.shows("> /roster group")
    assert_looks_like(drawn, f"menu-{columns}x{rows}")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_the_command_that_is_typed_shows_how_it_goes_on(
    alice: Actor, draw: Draw, columns: int, rows: int
) -> None:
    drawn = draw(columns, rows)
    drawn.types("/msg bob@example.org h")
    drawn.shows("/msg JID [TEXT]")
    assert_looks_like(drawn, f"hint-{columns}x{rows}")


def test_a_name_that_is_none_offers_the_nearest_while_it_is_typed(alice: Actor, draw: Draw) -> None:
    drawn = draw()
    drawn.types("/qui")
    drawn.shows("Leave the servers")
    drawn.types("ut")
    drawn.shows("Did you mean /quit?")
    drawn.types(CTRL_C + "quiut")
    drawn.shows("> quiut")
    assert "Did you mean" not in drawn.text


def test_commands_are_offered_while_one_is_typed_and_enter_still_enters(
    alice: Actor, draw: Draw
) -> None:
    drawn = draw()
    drawn.types("/ac")
    drawn.shows("List the accounts")
    drawn.types("count\r")
    drawn.shows("alice@example.org  online")
    drawn.hides("List the accounts")


def test_enter_takes_what_is_chosen_and_sends_nothing(alice: Actor, draw: Draw) -> None:
    drawn = draw()
    drawn.types("/roster \t" + DOWN + DOWN + "\r")
    drawn.shows("> /roster group")
    drawn.hides("Call JID by NAME")
    assert drawn.prompt.buffer.text == "/roster group "
    assert alice.workspace.problem == ""


def test_the_menu_is_gone_through_both_ways_and_left_with_escape(alice: Actor, draw: Draw) -> None:
    drawn = draw()
    drawn.types("/roster \t\t" + SHIFT_TAB + UP)
    drawn.shows("> /roster rename")
    drawn.types(ESC)
    drawn.hides("Call JID by NAME")
    assert drawn.prompt.buffer.text == "/roster "


def test_alt_and_a_key_is_no_escape_to_the_menu(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types("/roster \t\x1b1")
    drawn.shows("│ alice@example.org")
    drawn.hides("Call JID by NAME")
    assert alice.client.state.drafts[BOB].text == "/roster "


def test_up_calls_own_lines_back_over_a_menu_that_came_by_itself(alice: Actor, draw: Draw) -> None:
    drawn = draw()
    drawn.types("/account\r")
    drawn.shows("alice@example.org  online")
    drawn.types("/")
    drawn.shows("List the accounts")
    drawn.types(UP)
    drawn.shows("> /account")


def test_an_emoji_is_typed_by_its_name(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types("well :grinning_face_with_smiling\t:tada:\tdone")
    drawn.shows("done")
    assert drawn.prompt.buffer.text == "well 😄 🎉 done"


def test_nicks_are_completed_whoever_spoke_last_first(alice: Actor, draw: Draw) -> None:
    announces(alice)
    enters(alice, "anna", "anton", "bob")
    alice.receives(said("anna", "hello", "1"), said("anton", "hello", "2"))
    drawn = draw()
    drawn.types("an\t\t")
    drawn.shows("> anton:")
    drawn.types("\t\r")
    drawn.shows("> anna:")
    drawn.types("I told b\tso")
    drawn.shows("> anna: I told bob so")
    drawn.types(CTRL_C + "@bo\t")
    drawn.shows("> bob:")
    assert drawn.prompt.buffer.text == "bob: "


def test_with_ten_thousand_contacts_tab_still_knows_them(alice: Actor, draw: Draw) -> None:
    many = tuple(
        Contact(Jid.parse(f"user{n}@example.org"), f"User {n}", (), "both") for n in range(10_000)
    )
    alice.run_now(alice.client.emit, RosterReceived(many))
    drawn = draw()
    drawn.types("/msg user9998\t")
    drawn.shows("> /msg user9998@example.org")


def test_who_looks_at_a_draft_does_not_write_until_a_key_is_pressed(
    alices: Callable[..., Actor],
) -> None:
    """Own lines or not: nobody is told of a text that was typed before (XEP-0085)."""
    alice = alices()
    alice.receives("<presence from='bob@example.org/x'/>")
    alice.looks_at(BOB)
    with closing(Drawn(alice, 80, 24)) as drawn:
        drawn.types("an old line\r")
        drawn.shows("an old line ·")
        drawn.types("half a thought\x1b1")
        drawn.hides("> half")
        alice.sent()
        drawn.types("\x1b2")
        drawn.shows("> half a thought")
        assert "composing" not in "".join(alice.sent())
        drawn.types("!")
        drawn.shows("thought!")
        assert "composing" in "".join(alice.sent())
        drawn.types(CTRL_C)
        drawn.hides("> half")
        [told] = alice.sent(is_whole=True)
        assert "chatstates" in told
        assert "composing" not in told


# vi.


def test_vi_is_switched_to_while_running_and_shows_its_state(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    drawn = draw()
    sets(alice, editing="vi")
    drawn.shows("[I] >")
    drawn.types("hello")
    drawn.types(ESC)
    drawn.shows("[N] > hello")
    drawn.types("0x$")
    drawn.shows("[N] > ello")
    drawn.types("\r")
    drawn.shows("ello ·")
    sets(alice, editing="emacs")
    drawn.shows("\n>")


def test_in_vi_the_contracts_keys_come_first(alice: Actor, draw: Draw) -> None:
    sets(alice, editing="vi")
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types("hello\x0e")
    drawn.shows("│ alice@example.org")
    drawn.types("\x10")
    drawn.shows("hello")
    drawn.types("\x1b1")
    drawn.shows("│ alice@example.org")


def test_in_vi_escape_leaves_the_selected_message_first(alice: Actor, draw: Draw) -> None:
    sets(alice, editing="vi")
    alice.looks_at(BOB)
    drawn = draw()
    drawn.types("hello\r")
    drawn.shows("hello ·")
    drawn.types("\x1b[1;3A")
    drawn.shows("copy")
    drawn.types(ESC)
    drawn.hides("copy")
    assert "[I] >" in drawn.text


# The editor.


@pytest.fixture
def editor(tmp_path: Path) -> Path:
    """An editor that notes what it was given, then does as the file `script` beside it says."""
    path = tmp_path / "an editor"
    path.write_text(
        '#!/bin/sh\ncp "$1" "$0.given"\nstat -c %a "$1" > "$0.mode"\n'
        'echo "$1" > "$0.name"\n. "$0.script"\n'
    )
    path.chmod(0o700)
    return path


def edits(alice: Actor, editor: Path, script: str) -> None:
    Path(f"{editor}.script").write_text(script)
    sets(alice, editor=f"'{editor}'")


@pytest.mark.parametrize("key", ["\x1be", "\x18\x05"])
def test_the_input_is_written_in_an_editor(
    alice: Actor, draw: Draw, editor: Path, key: str
) -> None:
    alice.looks_at(BOB)
    edits(alice, editor, 'printf "line 1\\nline 2\\n\\n" > "$1"; touch "$1~"')
    drawn = draw()
    drawn.types("a draft" + key)
    drawn.shows("line 2")
    assert drawn.prompt.buffer.text == "line 1\nline 2"
    assert Path(f"{editor}.given").read_text() == "a draft"
    assert Path(f"{editor}.mode").read_text() == "600\n"
    assert not Path(Path(f"{editor}.name").read_text().strip()).parent.exists()
    drawn.types("\r")
    drawn.shows("line 2 ·")


def test_between_the_keys_of_a_pair_there_is_time(alice: Actor, draw: Draw, editor: Path) -> None:
    """As a hand needs it: longer than Escape waits to be known as that."""
    edits(alice, editor, 'echo edited > "$1"')
    drawn = draw()
    drawn.types("\x18")
    alice.run(lambda: asyncio.sleep(2 * drawn.escape_time))
    drawn.types("\x05")
    drawn.shows("> edited")


@pytest.mark.parametrize(
    ("script", "words"),
    [("exit 3", "ended with status 3"), ("kill -9 $$", "ended with status -9"),
     ('rm "$1"', "can't be used")],
)  # fmt: skip
def test_an_editor_that_fails_changes_nothing(
    alice: Actor, draw: Draw, editor: Path, script: str, words: str
) -> None:
    edits(alice, editor, script)
    drawn = draw(200, 24)
    drawn.types("a draft\x1be")
    drawn.shows(words)
    drawn.shows("> a draft")


@pytest.mark.parametrize("editor", ["/nowhere/at/all", "'never closed"])
def test_an_editor_that_is_none_is_told(alice: Actor, draw: Draw, editor: str) -> None:
    sets(alice, editor=editor)
    drawn = draw(200, 24)
    drawn.types("a draft\x1be")
    drawn.shows("editor")
    drawn.shows("> a draft")


def test_messages_come_while_the_editor_has_the_terminal_and_nothing_is_drawn(
    alice: Actor, draw: Draw, editor: Path, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "go on")
    edits(alice, editor, f'echo editing; read line < "{tmp_path}/go on"; echo "$line" > "$1"')
    drawn = draw()
    drawn.types("a draft\x1be")
    drawn.shows("editing")
    alice.receives(
        "<message from='carol@example.org/x' type='chat'><body>are you there</body></message>"
    )
    drawn.resizes(100, 30)
    assert alice.client.state.conversation(CAROL).unread == 1
    assert drawn.text.split() == ["editing"]
    with open(tmp_path / "go on", "w") as pipe:
        pipe.write("written meanwhile\n")
    drawn.shows("> written meanwhile")
    drawn.shows("1 unread")


def test_the_program_can_end_while_the_editor_has_the_terminal(
    alice: Actor, draw: Draw, editor: Path
) -> None:
    edits(alice, editor, "echo editing $$; exec sleep 1000")
    drawn = draw()
    drawn.types("a draft\x1be")
    drawn.shows("editing ")
    pid = int(drawn.text.split()[1])
    drawn.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert alice.client.state.drafts == {None: Draft("a draft", 7)}


# Files.


@command("upload")
def upload(ctx: object, file: Annotated[str, Kind.FILE]) -> None:
    """Upload FILE."""


@pytest.fixture
def folder(alice: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with files, and a command that takes one."""
    workspace = alice.workspace
    workspace.registry = Registry([*workspace.registry.commands, upload])
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my notes").mkdir()
    for name in ("my notes/a 'b' \"c\".txt", "picture.png", ".hidden", "-n"):
        (tmp_path / name).write_text("x" * 12_345)
    return tmp_path


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("/upload ~/pic\t", "/upload ~/picture.png "),
        ("/upload ~\t", "/upload ~/"),
        ("/upload ~/my\t", '/upload "~/my notes/'),
        ("/upload '~/my notes/a\t", '/upload "~/my notes/a \'b\' \\"c\\".txt" '),
        ("/upload ~/.hi\t", "/upload ~/.hidden "),
        ("/upload ~/-\t", "/upload ~/-n "),
    ],
)
def test_files_are_completed_as_words_that_the_command_can_read(
    draw: Draw, folder: Path, keys: str, text: str
) -> None:
    drawn = draw(200, 24)
    drawn.types(keys)
    drawn.shows(f"> {text.strip()}")
    drawn.completes(text)


def test_hidden_files_are_shown_to_who_asks_for_them_only(draw: Draw, folder: Path) -> None:
    drawn = draw()
    drawn.types("/upload ~/\t")
    drawn.shows("12 kB")
    assert "picture.png" in drawn.text
    assert ".hidden" not in drawn.text


def test_a_folder_that_comes_late_does_not_write_into_what_was_typed_meanwhile(
    alice: Actor, draw: Draw, folder: Path
) -> None:
    drawn = draw()
    drawn.types("/upload ~/pic\tx")
    drawn.shows("picx")
    alice.run(drawn.prompt.looked)
    assert drawn.prompt.buffer.text == "/upload ~/picx"


@pytest.mark.parametrize("path", ["/nowhere/", "~/picture.png/", "~nobody-of-that-name/", "\x01"])
def test_a_folder_that_is_none_is_empty(alice: Actor, folder: Path, path: str) -> None:
    found: list[object] = []

    async def look() -> None:
        found.append(await list_folder(path))

    alice.run(look)
    assert found == [[]]
