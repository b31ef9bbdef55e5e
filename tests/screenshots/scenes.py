"""The scenes, each with the pictures that are taken while it is played."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.screenshots.picture import DARK, LIGHT, Palette
from tests.screenshots.stage import (
    ALICE,
    ALT_A,
    BOB,
    CTRL_J,
    DOMAIN,
    IMPORT,
    PEOPLE,
    ROOM,
    SIGNS,
    Stage,
    says,
)
from tests.support.terminal import Terminal

__all__ = ["SCENES", "Picture"]

CTRL_K, CTRL_U, ESCAPE, F1 = "\x0b", "\x15", "\x1b", "\x1bOP"


@dataclass(frozen=True, slots=True)
class Picture:
    """What the terminal of that size shows that got `output`; `palette` are its own colours."""

    name: str
    output: bytes
    columns: int
    rows: int
    palette: Palette = DARK


def taken(
    name: str, terminal: Terminal, columns: int, rows: int, palette: Palette = DARK
) -> Picture:
    """The picture of what `terminal` shows once its frame is whole, of which nothing tells."""
    terminal.read_for(1)
    return Picture(name, terminal.output, columns, rows, palette)


def conversation(stage: Stage) -> Iterator[Picture]:
    """`conversation`: alice and Bob, and who else wants something; `narrow`: Mei's side of it."""
    others = {
        name: stage.meet(name)
        for name, person in PEOPLE.items()
        if person.says is not None and name != "mei"
    }
    bob = others["bob"]
    mei = stage.meet("mei", columns=60, rows=20)
    alice = stage.meet("alice", columns=100, rows=30)
    for sign in SIGNS:
        alice.wait_for(sign)

    alice.type(f"/msg {BOB}\r")
    alice.wait_for(f"Bob  {BOB}  online")
    bob.type(f"/msg {ALICE}\r")
    bob.wait_for(f"{ALICE}  online")
    says(bob, "Morning, Alice! Have you seen the release? 🎉", alice)
    says(alice, "I have. It idles without one single wake-up, my battery says thanks 🔋", bob)
    says(bob, "/me bows and hands the flowers on to epoll(7)", alice)
    says(alice, "And the old bot?", bob)
    says(
        bob,
        CTRL_J.join(["Runs as it did in 2017, but for one line:", f"    {IMPORT}"]),
        alice,
    )
    _dinner(alice, mei, bob)
    alice.type("/win 2\r")
    alice.wait_for(f"Bob  {BOB}  online")
    says(alice, "喜んで! We are four with Zoë, who flies in from Tromsø 🍣✨", bob)
    says(bob, "Tunnel ahead, back in a minute.", alice)
    bob.type("/quit\r")
    bob.wait_for_exit()
    alice.wait_for(f"Bob  {BOB}  offline")
    says(alice, "Take the window table, please")
    bob = stage.meet("bob")
    alice.wait_for(f"Bob  {BOB}  online")
    bob.type(f"/msg {ALICE}\r")
    bob.wait_for(f"{ALICE}  online")
    says(bob, "Daylight again. Did I miss anything?", alice)
    says(alice, "Only the window table, please 🙂", bob)
    says(
        bob,
        CTRL_J.join(["Booked:", "  19:30  four seats, at the window", "  Café Umi · 海"]),
        alice,
    )

    for name, texts in {
        "carol": ("The tomatoes are ripe! 🍅", "Shall I keep you some?"),
        "build": ("main: 1204 tests passed",),
    }.items():
        others[name].type(f"/msg {ALICE}\r")
        others[name].wait_for(f"{ALICE}  online")
        for text in texts:
            says(others[name], text)
    alice.wait_for("3 unread")
    alice.type("/react 1 🎉\r")
    alice.wait_for("🎉 1")
    bob.type("/reply 2 Table four, next to the aquarium 🐠\r")
    alice.wait_for("Table four")
    bob.type("/react 2 👍\r")
    alice.wait_for("👍 1")
    alice.type("Perfect. See you at")
    alice.wait_for("> Perfect. See you at")
    yield taken("conversation", alice, 100, 30)
    yield taken("narrow", mei, 60, 20)
    yield from _moving(alice)


def _dinner(alice: Terminal, mei: Terminal, bob: Terminal) -> None:
    """alice asks Mei, who looks up from something else; meanwhile Bob goes on."""
    alice.type(f"/msg mei@{DOMAIN}\r")
    alice.wait_for(f"mei@{DOMAIN}  chat")
    says(alice, "Hi 小梅! What is the plan for tonight?")
    says(alice, "The place by the harbour, where the cat sits in the window?")
    mei.wait_for("2 unread")
    mei.type(ALT_A)
    mei.wait_for("harbour")
    says(mei, "That one 🐈 海 means sea, you can't miss the sign.", alice)
    says(mei, "寿司と味噌汁、それからお茶。デザートは抹茶アイスがおすすめです。", alice)
    says(bob, "小梅 asks who is in for 寿司 tonight, 七時半?")
    says(bob, "Carol can't, the tomatoes want picking.")
    alice.wait_for("2 unread")
    says(alice, "You had me at matcha ice cream 🍵", mei)
    mei.type("/me ")
    mei.wait_for("> /me")


def refused(stage: Stage) -> Iterator[Picture]:
    """alice has mistyped her password."""
    alice = stage.enter("alice", columns=100, rows=10, password="wrong")
    alice.wait_for("refused")
    yield taken("refused", alice, 100, 10)


def _moving(alice: Terminal) -> Iterator[Picture]:
    """`switcher`, `search`, `light`, `xml`: alice looks around."""
    alice.type(CTRL_U + CTRL_K)
    alice.wait_for("go to")
    alice.type("ca")
    alice.wait_for("> ca")
    alice.wait_for("Carol")
    yield taken("switcher", alice, 100, 30)
    alice.type(ESCAPE)
    alice.wait_until(lambda: "go to" not in alice.text, "the list to close")
    alice.type("/search table\r")
    alice.wait_for("found")
    yield taken("search", alice, 100, 30)
    alice.type(ESCAPE)
    alice.wait_until(lambda: "found" not in alice.text, "the list to close")
    alice.type("/theme light\r")
    alice.wait_for("ui.theme is light now")
    yield taken("light", alice, 100, 30, LIGHT)
    alice.type("/theme dark\r/win 1\r")
    alice.type("/xml on\r/ping bob@example.org\r")
    alice.wait_for("urn:xmpp:ping")
    alice.wait_for("answered")
    yield taken("xml", alice, 100, 30)


def room(stage: Stage) -> Iterator[Picture]:
    """`room`: five in the kitchen."""
    names = ("bob", "carol", "mei", "mum")
    others = {name: stage.meet(name) for name in names}
    alice = stage.meet("alice", columns=100, rows=30)
    for name, terminal in (("alice", alice), *others.items()):
        terminal.type(f"/join {ROOM}\r")
        terminal.wait_for("occupant")
        if name == "alice":
            terminal.type("/me puts the kettle on\r")
            terminal.wait_for("kettle on")
    for name, text in (
        ("bob", "Tea? Yes, please. Who brings the cake?"),
        ("mei", "我带蛋糕 🍰 with plums from Carol's garden"),
        ("carol", "They are *very* ripe. `take them all`"),
        ("mum", "alice, have you eaten today?"),
    ):
        says(others[name], text, alice)
    others["bob"].type("/react 3 ❤️\r")
    others["carol"].type("/react 3 😋\r")
    alice.wait_for("😋 1")
    says(alice, "Soon, mum. Cake counts.", others["mum"])
    says(others["bob"], "It does. https://example.org/proofs/cake", alice)
    yield taken("room", alice, 100, 30)


def chinese(stage: Stage) -> Iterator[Picture]:
    """`chinese`: Mei reads termxmpp in her language."""
    bob = stage.meet("bob")
    mei = stage.enter("mei", columns=100, rows=30, LANGUAGE="zh_CN")
    mei.wait_for(f"mei@{DOMAIN}: online")
    mei.type(f"/msg {BOB}\r")
    mei.wait_for(f"{BOB}")
    bob.type(f"/msg mei@{DOMAIN}\r")
    bob.wait_for(f"mei@{DOMAIN}")
    says(mei, "你好,Bob!今晚七点半,海边的餐厅见。", bob)
    says(bob, "好的,我带上相机 📷", mei)
    mei.type(F1)
    mei.wait_for("ctrl-k")
    yield taken("chinese", mei, 100, 30)


def first_run(stage: Stage) -> Iterator[Picture]:
    """`first-run`: alice is asked what it takes."""
    alice = stage.begin("alice", columns=80, rows=34)
    for question, answer in (
        ("[1]", "1"),
        ("Your address", ALICE),
        ("Password for", "wondre"),
        ("What now?", "1"),
        ("Password for", "wonder"),
    ):
        alice.wait_for(question)
        alice.type(f"{answer}\n")
        alice.read_for(1)
    alice.wait_for("Where shall the password be kept?")
    yield taken("first-run", alice, 80, 34)


def doctor(stage: Stage) -> Iterator[Picture]:
    """`doctor`: alice wants to know what is wrong with Bob's server."""
    alice = stage.meet("alice", columns=100, rows=36)
    alice.type("/doctor bob@nowhere.example\r")
    alice.wait_until(lambda: "examin" not in alice.text and "≡" in alice.text, "the first finding")
    alice.wait_for("is wrong", 60)
    yield taken("doctor", alice, 100, 36)


SCENES = (conversation, room, first_run, doctor, chinese, refused)
"""Each is played on a stage of its own."""
