"""Settings, keys and aliases: listed, told, changed at once and in the file, both ways."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from termxmpp.config_reading import load
from termxmpp.errors import ConfigError
from termxmpp.settings import Settings
from tests.support.drawn import Drawn
from tests.support.harness import BOB, Actor

PATIENCE = 20.0


class Tuner:
    """alice in front of her screen, with her configuration in `path`."""

    def __init__(self, folder: Path, text: str = "") -> None:
        self.path = folder / "config.toml"
        if text:
            self.path.write_text(text)
        self.settings = Settings(load(self.path, is_required=False), self.path)
        self.alice = Actor(settings=self.settings)
        self.alice.goes_online()
        self.screen = Drawn(self.alice, 100, 40)
        self.alice.run_now(self.settings.open)

    def close(self) -> None:
        self.alice.run_now(self.settings.close)
        self.screen.close()
        self.alice.close()

    def enters(self, line: str, told: str | None = None) -> None:
        """Enter `line`, until `told` is told."""
        before = len(self.alice.told())
        self.alice.types(line)
        self.until(lambda: any((told or "") in each for each in self.alice.told()[before:]))

    def until(self, is_so: Callable[[], bool]) -> None:
        async def wait() -> None:
            async with asyncio.timeout(PATIENCE):
                while not is_so():  # noqa: ASYNC110  # a child or the kernel has to act
                    await asyncio.sleep(0.01)

        self.alice.run(wait)

    @property
    def text(self) -> str:
        return self.path.read_text()


@pytest.fixture
def tuner(tmp_path: Path) -> Iterator[Tuner]:
    with closing(Tuner(tmp_path, '# mine\n\n[ui]\ntheme = "dark" # at night\n')) as made:
        yield made


def offers(alice: Actor, line: str) -> dict[str, str]:
    return {each.text: each.meta for each in alice.workspace.complete(line, len(line))}


def test_a_setting_holds_at_once_and_is_in_the_file(tuner: Tuner) -> None:
    tuner.enters("/set ui.theme light", "ui.theme is light now.")
    assert tuner.settings.config.ui.theme == "light"
    assert tuner.text == '# mine\n\n[ui]\ntheme = "light" # at night\n'
    tuner.enters("/set theme default", "ui.theme is dark again.")
    assert tuner.text == "# mine\n\n[ui]\n# at night\n"


@pytest.mark.parametrize(
    ("line", "value"),
    [("off", False), ("false", False), ("No", False), ("on", True), ("true", True), ("yes", True)],
)
def test_a_switch_has_many_words(tuner: Tuner, line: str, value: bool) -> None:
    tuner.enters(f"/set mouse {line}", f"ui.mouse is {'on' if value else 'off'} now.")
    assert load(tuner.path, is_required=True).ui.mouse is value


def test_numbers(tuner: Tuner) -> None:
    tuner.enters("/set ping-interval 60", "network.ping_interval is 60 now.")
    assert tuner.alice.client.ping_interval == 60
    tuner.enters("/set network.ping_interval 0.5", "network.ping_interval is 0.5 now.")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("/set mouse maybe", "ui.mouse must be on or off, not 'maybe'."),
        ("/set editing nano", "ui.editing must be one of emacs, vi, not 'nano'."),
        ("/set ping_interval -1", "network.ping_interval must be a number from 0 to 86400"),
        ("/set ping_interval nan", "must be a number"),
        ("/set ui.moose off", "There is no setting ui.moose. Did you mean ui.mouse?"),
        ("/set moose off", "Did you mean ui.mouse?"),
        ("/set zzz", "/set lists those there are."),
        ("/set account.@@.markers off", "is no XMPP address"),
        ("/set network.proxy tor", "must be socks5://HOST:PORT or http://HOST:PORT"),
        ("/set network.proxy socks5://me:pw@a:1", "write a password into the configuration file"),
        ("/set network.proxy socks5://me:***@a:1", "write a password into the configuration file"),
        ("/theme neon", "There is no theme neon; there are ascii, contrast, dark, light"),
        ("/bind ctrl-ü send", "is no key that a terminal tells of"),
        ("/bind f5 sned", "There is no action 'sned'. Did you mean send?"),
        ("/bind f5 /qiut", "Did you mean /quit?"),
        ("/alias quit /away", "/quit is a command; an alias needs a name of its own."),
        ("/alias brb /awya", "Did you mean /away?"),
        ("/alias x/y hi", "can't be a command's name"),
        ("/alias nothing", "There is no alias /nothing."),
    ],
)
def test_what_means_nothing_is_told_and_changes_nothing(
    tuner: Tuner, line: str, problem: str
) -> None:
    before = tuner.settings.config, tuner.text
    tuner.enters(line, problem)
    assert (tuner.settings.config, tuner.text) == before


def test_one_setting_is_told_with_what_it_can_be(tuner: Tuner) -> None:
    tuner.enters("/set editing", "ui.editing = emacs")
    told = tuner.alice.told()[-1]
    assert "It can be emacs, vi." in told
    tuner.enters("/set server", "account.alice@example.org.server")
    assert "from the next connection on" in tuner.alice.told()[-1]


def test_the_password_of_a_proxy_is_shown_nowhere(tmp_path: Path) -> None:
    text = '[network]\nproxy = "socks5://me:sesame@a:1080"\n'
    with closing(Tuner(tmp_path, text)) as tuner:
        tuner.enters("/set network.proxy", "network.proxy = socks5://me:***@a:1080")
        tuner.enters("/set", "[ui]")
        tuner.screen.types("/set network.proxy \t")
        assert not any("sesame" in each for each in tuner.alice.told())
        assert "sesame" not in tuner.screen.text


def test_all_settings_are_listed_with_their_meaning(tuner: Tuner) -> None:
    tuner.enters("/set theme light", "now")
    tuner.enters("/set", "[ui]")
    told = tuner.alice.told()[-1]
    assert "[notify]\nbell" in told
    assert '[account."alice@example.org"]\nauto' in told
    [line] = [line for line in told.splitlines() if line.startswith("theme")]
    assert line.split()[:2] == ["theme", "light"]
    assert line.endswith("(default: dark)")


def test_a_setting_of_an_account_is_that_of_the_window_or_of_the_address(tuner: Tuner) -> None:
    assert tuner.alice.client.sends_markers
    tuner.enters("/set markers off", "account.alice@example.org.markers is off now.")
    assert not tuner.alice.client.sends_markers
    tuner.enters("/set typing off", "account.alice@example.org.typing is off now.")
    assert not tuner.alice.client.sends_typing
    tuner.enters("/set account.Bob@Example.org.server a.example", "from the next connection on")
    config = load(tuner.path, is_required=True)
    assert not config.account("alice@example.org").markers
    assert config.account("bob@example.org").server == "a.example"


def test_settings_are_completed_with_their_values(tuner: Tuner) -> None:
    assert offers(tuner.alice, "/set ui.mo") == {
        "ui.mouse": "on: clicks and the wheel are for termxmpp, not for the terminal"
    }
    assert list(offers(tuner.alice, "/set mou")) == ["ui.mouse"]
    values = offers(tuner.alice, "/set ui.mouse ")
    assert values["on"] == "as it is now"
    assert values["default"].startswith("on, which it is")
    assert list(offers(tuner.alice, "/set ui.editing v")) == ["vi"]
    assert next(iter(offers(tuner.alice, "/set theme l"))) == "light"
    assert list(offers(tuner.alice, "/theme l")) == ["light"]
    assert "account.alice@example.org.markers" in offers(tuner.alice, "/set markers")
    assert offers(tuner.alice, "/set nothing ") == {}


def test_what_is_changed_by_hand_holds_at_once(tuner: Tuner) -> None:
    tuner.path.write_text(
        '[ui]\nsidebar = false\n[alias]\nbrb = "/away"\n[keys]\nf5 = "/help quit"'
    )
    tuner.until(lambda: not tuner.settings.config.ui.sidebar)
    tuner.screen.hides("Friends")
    assert "brb" in tuner.alice.workspace.registry.names
    tuner.screen.types("\x1b[15~")
    tuner.screen.shows("Leave the servers in good order")


def test_a_file_that_is_wrong_is_told_and_what_held_holds(tuner: Tuner) -> None:
    tuner.enters("/set theme light", "now")
    tuner.path.write_text("[ui]\ntheme = 'contrast'\nmuose = true\n")
    tuner.until(lambda: "config.toml:3: unknown key 'muose'" in tuner.alice.workspace.problem)
    assert tuner.settings.config.ui.theme == "light"
    tuner.enters("/set mouse off", "What was set holds until termxmpp ends.")
    assert not tuner.settings.config.ui.mouse
    assert "muose" in tuner.text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[keys]\n'ctrl-t' = 'sned'\n",
            r":2: unknown action 'sned' of the key ctrl-t; did you",
        ),
        ("[ui]\n[keys]\n'ctl-t' = 'send'\n", r":3: 'ctl-t' is no key that a terminal"),
    ],
)
def test_wrong_keys_are_told_with_file_and_line(tuner: Tuner, text: str, problem: str) -> None:
    tuner.path.write_text(text)
    actions = list(tuner.alice.workspace.keyboard.actions)
    with pytest.raises(ConfigError, match=problem):
        Settings(load(tuner.path, is_required=True), tuner.path).know_actions(actions)


def test_a_file_that_is_gone_is_told_and_what_held_holds(tuner: Tuner) -> None:
    tuner.enters("/set theme light", "now")
    tuner.path.unlink()
    tuner.until(lambda: "there is no such file" in tuner.alice.workspace.problem)
    assert tuner.settings.config.ui.theme == "light"


def test_many_settings_at_once_all_hold(tuner: Tuner) -> None:
    for line in ("/set theme light", "/set mouse off", "/set bell off", "/alias brb /away"):
        tuner.alice.types(line)
    tuner.until(lambda: len(tuner.alice.told()) >= 4)
    config = tuner.settings.config
    assert load(tuner.path, is_required=True) == config
    assert (config.ui.theme, config.ui.mouse, config.notify.bell) == ("light", False, False)


def test_a_key_is_bound_at_once_and_tells_what_it_took_away(tuner: Tuner) -> None:
    tuner.enters("/bind f9 /help quit", "f9: /help quit")
    assert "It was sidebar before, which no key does any more." in tuner.alice.told()[-1]
    tuner.screen.types("\x1b[20~")
    tuner.screen.shows("Leave the servers in good order")
    assert load(tuner.path, is_required=True).keys == {"f9": "/help quit"}
    tuner.enters("/bind f9", "f9: /help quit")
    tuner.enters("/bind f9 default", "f9: sidebar (show or hide the sidebar)")
    assert load(tuner.path, is_required=True).keys == {}
    tuner.screen.types("\x1b[20~")
    tuner.screen.hides("Friends")


def test_a_key_that_is_another_is_told(tuner: Tuner) -> None:
    tuner.enters("/bind ctrl-m new-line", "Terminals send the same for ctrl-m and enter.")
    assert load(tuner.path, is_required=True).keys == {"enter": "new-line"}
    tuner.enters('/bind Enter ""', "enter does nothing of ours.")
    assert load(tuner.path, is_required=True).keys == {"enter": ""}


def test_a_key_keeps_its_spelling_in_the_file(tuner: Tuner) -> None:
    tuner.path.write_text('[keys]\n"Ctrl-T" = "help" # mine\n')
    tuner.until(lambda: bool(tuner.settings.config.keys))
    tuner.enters("/bind ctrl-t sidebar", "ctrl-t: sidebar")
    assert tuner.text == '[keys]\n"Ctrl-T" = "sidebar" # mine\n'


def test_a_letter_can_not_be_typed_any_more(tuner: Tuner) -> None:
    tuner.enters("/bind x help", "It can't be typed into a text any more.")


def test_keys_are_listed_as_they_are_bound_now(tuner: Tuner) -> None:
    tuner.enters("/bind f5 send", "f5: send")
    tuner.enters("/bind", "enter, f5")
    told = tuner.alice.told()[-1]
    assert "alt-a" in told
    assert "next-unread" in told


def test_keys_and_actions_are_completed(tuner: Tuner) -> None:
    assert offers(tuner.alice, "/bind f9")["f9"] == "show or hide the sidebar"
    assert "sidebar" in offers(tuner.alice, "/bind f9 side")


def test_an_alias_is_a_command_like_others(tuner: Tuner) -> None:
    tuner.enters("/alias brb /away back in", "/brb stands for /away back in")
    assert load(tuner.path, is_required=True).aliases == {"brb": "/away back in"}
    assert offers(tuner.alice, "/br") == {"brb ": "An alias of yours: /away back in"}
    tuner.alice.forgets()
    tuner.alice.types("/brb an hour")
    assert "<status>back in an hour</status>" in tuner.alice.sent()[0]
    tuner.enters("/help brb", "An alias of yours: /away back in")
    tuner.enters("/alias", "/brb  /away back in")
    tuner.enters("/alias brb", "/brb  /away back in")
    tuner.enters('/alias brb ""', "/brb is no alias any more.")
    assert load(tuner.path, is_required=True).aliases == {}
    tuner.enters("/brb", "There is no command /brb")
    before = tuner.alice.told()
    tuner.enters("/alias", "There are no aliases")
    assert len(tuner.alice.told()) == len(before) + 1


def test_an_alias_without_a_slash_is_said(tuner: Tuner) -> None:
    tuner.enters("/alias shrug ¯\\_(ツ)_/¯", "stands for")
    tuner.alice.looks_at(BOB)
    tuner.alice.types("/shrug really")
    assert "<body>¯\\_(ツ)_/¯ really</body>" in tuner.alice.sent()[-1]


def test_an_alias_stands_for_no_other(tuner: Tuner) -> None:
    tuner.path.write_text('[alias]\na = "/b"\nb = "/a"\nquit = "/a"\n')
    tuner.until(lambda: len(tuner.settings.config.aliases) == 3)
    tuner.enters("/a", "There is no command /b")
    asked: list[bool] = []
    tuner.alice.workspace.on_quit = lambda: asked.append(True)
    tuner.alice.types("/quit")
    assert asked == [True]


def test_without_a_file_it_holds_and_that_is_told(alice: Actor) -> None:
    alice.types("/set theme light")
    assert alice.workspace.settings.config.ui.theme == "light"
    assert "It is not written into any file here." in alice.told()[-1]
    alice.types("/bind f5 send")
    assert "There are no keys to bind in this mode." in alice.told()[-1]
