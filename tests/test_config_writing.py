"""Writing the configuration: what was asked for, and nothing else that stands in the file."""

from __future__ import annotations

import asyncio
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.config import AccountConfig, Config, UiConfig
from termxmpp.config_keys import Edit, account_keys, all_keys, with_edits
from termxmpp.config_reading import load, parse
from termxmpp.config_writing import edited, rewrite, write
from termxmpp.errors import ConfigError
from termxmpp.mainloop import EpollMainLoop, run

PATH = Path("config.toml")
MOUSE = Edit(("ui", "mouse"), False)

FILES = (
    "",
    "# mine\n",
    '# mine\n\n[ui]\ntheme = "light" # at noon\n# about the mouse\nmouse = false\n\n'
    '[account."me@a.example"]\n# of work\nauto = true # always\n\n'
    '[account."you@a.example"]\n\n[keys]\n"ctrl-t" = "send" # as in\n\n[alias]\n',
    'ui = { theme = "light", mouse = false } # in one line\n[alias]\nbrb = "/away" # soon',
    'ui.theme = "light" # dotted\nui.mouse = false\naccount."me@a.example".auto = true # too\n',
    "[notify]\r\nbell = false # windows\r\n# end\r\n",
    '[account]\n"me@a.example" = { auto = true } # short\n# last\n',
    '[account]\n"me@a.example".auto = true # dots\n',
    "[network]\n  ping_interval = 10 # indented\n\n\n# far below\n",
)

# What is right where a text is checked.
CHECKED = {
    "server": "[::1]:5222",
    "pin": "sha256:" + "0f" * 32,
    "proxy": "socks5://127.0.0.1:9050",
    "quiet": "22:00-07:00",
    "tell": "own, presence",
}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.sampled_from(["brb", "x", "schön", 'a"b', "a.b", "two words"])
addresses = st.sampled_from(["me@a.example", "new@b.example", "ü@例え.example"])


def values(key: object) -> st.SearchStrategy[Edit]:
    default, choices, path = key.default, key.choices, key.path  # type: ignore[attr-defined]
    field = key.field  # type: ignore[attr-defined]
    value: st.SearchStrategy[object] = texts
    if isinstance(default, bool):
        value = st.booleans()
    elif isinstance(default, (int, float)):
        least, most = field.metadata["limits"]
        value = st.integers(least, most) | st.floats(least, most)
    elif choices:
        value = st.sampled_from(choices)
    elif field.metadata["check"] is not None:
        value = st.sampled_from(["", CHECKED[field.name]])
    return st.builds(Edit, st.just(path), value | st.none())


edits = st.one_of(
    st.sampled_from(all_keys()).flatmap(values),
    addresses.flatmap(lambda address: st.sampled_from(account_keys(address)).flatmap(values)),
    st.builds(lambda name, line: Edit(("alias", name), line), names, texts | st.none()),
    st.builds(
        lambda key, does: Edit(("keys", key), does),
        st.sampled_from(["ctrl-t", "alt-x", "f5"]),
        st.sampled_from(["send", "/quit", "", None]),
    ),
)


def comments(text: str) -> list[str]:
    return re.findall(r"#[ \w]+", text)


@given(st.sampled_from(FILES), st.lists(edits, max_size=8))
def test_any_settings_are_read_as_they_were_set_and_no_comment_is_lost(
    text: str, wanted: list[Edit]
) -> None:
    config = parse(text, PATH)
    said = comments(text)
    for edit in wanted:
        config = with_edits(config, [edit])
        text = edited(text, [edit], PATH)
        found = parse(text, PATH)
        assert replace(found, accounts={}) == replace(config, accounts={})
        for address in (*found.accounts, *config.accounts):
            assert found.account(address) == config.account(address)
    assert [each for each in comments(text) if each in said] == said


def test_an_account_is_taken_out_with_what_is_said_of_it_and_the_others_stay() -> None:
    text = edited(FILES[2], [Edit(("account", "me@a.example"), None)], PATH)
    assert parse(text, PATH).accounts == {"you@a.example": AccountConfig()}
    assert "at noon" in text


def test_order_and_blank_lines_stay() -> None:
    before = FILES[2]
    assert edited(before, [Edit(("ui", "theme"), "dark")], PATH) == before.replace("light", "dark")


def test_a_new_table_stands_apart() -> None:
    assert edited("# mine", [MOUSE], PATH) == "# mine\n\n[ui]\nmouse = false\n"
    two = [MOUSE, Edit(("keys", "f5"), "send"), Edit(("account", "me@a.example", "auto"), True)]
    assert edited("", two, PATH) == (
        '[ui]\nmouse = false\n\n[keys]\nf5 = "send"\n\n[account."me@a.example"]\nauto = true\n'
    )
    assert edited("", [MOUSE], PATH) == "[ui]\nmouse = false\n"


def test_a_file_that_is_wrong_is_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[ui]\nmuose = false\n")
    with pytest.raises(ConfigError, match=r"config.toml:2: unknown key 'muose'"):
        rewrite(path, [MOUSE])
    assert path.read_text() == "[ui]\nmuose = false\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_is_the_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    rewrite(path, [MOUSE])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load(path, is_required=True).ui == UiConfig(mouse=False)


def test_an_old_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(0o640)
    rewrite(path, [MOUSE])
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_one(tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "real.toml").write_text("# mine\n")
    path = tmp_path / "config.toml"
    path.symlink_to("dotfiles/real.toml")
    rewrite(path, [MOUSE])
    assert path.is_symlink()
    assert (dotfiles / "real.toml").read_text() == "# mine\n\n[ui]\nmouse = false\n"


def test_what_others_wrote_meanwhile_stays(tmp_path: Path) -> None:
    """Whatever we have read before: the file is changed as it is now."""
    path = tmp_path / "config.toml"
    rewrite(path, [MOUSE])
    path.write_text('[ui]\nmouse = false\ntheme = "light" # by hand\n')
    rewrite(path, [Edit(("notify", "bell"), False)])
    assert "by hand" in path.read_text()
    assert load(path, is_required=True).ui.theme == "light"


def test_a_folder_that_can_not_be_written_is_told() -> None:
    # Root may write into any other.
    with pytest.raises(ConfigError, match="it can't be written"):
        rewrite(Path("/proc/self/config.toml"), [MOUSE])


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "config.toml", Path("/proc/none/config.toml")):
        with pytest.raises(ConfigError, match=r"it can't be (written|read)"):
            rewrite(path, [MOUSE])


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.symlink_to(path)
    with pytest.raises(ConfigError, match="it can't be"):
        rewrite(path, [MOUSE])


def test_the_child_writes_and_tells_what_it_can_not(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    run(lambda mainloop: write(path, [MOUSE, Edit(("alias", "ü"), "/away 'x' \"y\"")]))
    assert load(path, is_required=True) == Config(
        ui=UiConfig(mouse=False), aliases={"ü": "/away 'x' \"y\""}
    )
    path.write_text("[ui]\nmuose = false\n")
    with pytest.raises(ConfigError, match=r"^\S+config.toml:2: unknown key 'muose' of ui; did"):
        run(lambda mainloop: write(path, [MOUSE]))


def test_several_termxmpp_that_write_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    names = [f"a{number}" for number in range(6)]

    async def main(mainloop: EpollMainLoop) -> None:
        await asyncio.gather(*(write(path, [Edit(("alias", name), "/away")]) for name in names))

    run(main)
    assert sorted(load(path, is_required=True).aliases) == names
    assert list(tmp_path.iterdir()) == [path]
