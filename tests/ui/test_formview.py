"""Whatever a peer's form holds and whatever the user does in it: it is drawn, and fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.picture import Picture
from termxmpp.core.text import width
from termxmpp.filling import Filling, Question, Way
from termxmpp.ui.formview import FormView
from termxmpp.ui.theme import Symbols
from termxmpp.xmpp.forms import FIELD_TYPES, Field, Form, Option
from termxmpp.xmpp.validation import Validation

TEXT = st.text(max_size=30) | st.sampled_from(["\x1b[2J", "\u202e", "漢字" * 20, "a" * 300, "\n\n"])
OPTIONS = st.lists(st.builds(Option, TEXT, TEXT), max_size=9).map(tuple)
FIELDS = st.builds(
    Field,
    TEXT,
    st.sampled_from(sorted(FIELD_TYPES)),
    st.lists(TEXT, max_size=3).map(tuple),
    TEXT,
    TEXT,
    st.booleans(),
    OPTIONS,
    st.lists(TEXT, max_size=2).map(tuple),
    st.builds(Validation, st.sampled_from(["xs:int", "x:y"]), st.booleans(), TEXT, TEXT),
)
FORMS = st.builds(
    Form, st.just("form"), st.lists(FIELDS, max_size=6).map(tuple), TEXT, st.tuples(TEXT)
)

ACTS: dict[str, Callable[[Filling], object]] = {
    "on": lambda filling: filling.move(1),
    "back": lambda filling: filling.move(-1),
    "field": lambda filling: filling.move_field(1),
    "before": lambda filling: filling.move_field(-1),
    "press": lambda filling: filling.press(),
    "type": lambda filling: filling.type("漢\x07x\ny"),
    "jump": lambda filling: filling.jump("a"),
    "leave": lambda filling: filling.leave("submit"),
}


@given(FORMS, st.lists(st.sampled_from(sorted(ACTS)), max_size=12), st.integers(4, 120))
def test_every_form_is_drawn_wherever_one_is_in_it(
    form: Form, acts: list[str], columns: int
) -> None:
    filling = Filling(Question("Who", form, (Way("submit", "Submit"), Way("prev", "Back", True))))
    for act in acts:
        ACTS[act](filling)
        text = filling.text.split("\n")
        view = FormView(Symbols())
        rows = view.rows(filling, columns, (len(text) - 1, len(text[-1])))
        assert 0 <= view.current < len(rows)
        assert view.cursor is None or view.cursor[0] < len(rows)
        for row in rows:
            shown = "".join(fragment[1] for fragment in row.line)
            assert "\x1b" not in shown
            assert "\u202e" not in shown
            assert "\n" not in shown
            assert row.stop is None or 0 <= row.stop < len(filling.stops)
            if columns >= 20:
                assert width(shown) <= columns


def test_what_there_is_to_look_at_stands_below_its_field() -> None:
    """Two pixels in a cell, where there are the colours; what is no address is none."""
    picture = Picture(20, bytes([255, 0, 0] * 20 + [0, 0, 255] * 20))
    field = Field("a", label="Letters", media=("cid:x@y", "https://a/b"), pictures=(picture,))
    filling = Filling(Question("Who", Form("form", (field,))))

    def drawn(depth: int) -> list[str]:
        rows = FormView(Symbols(), depth).rows(filling, 60, (0, 0))
        return ["".join(part[1] for part in row.line).strip() for row in rows]

    assert drawn(24)[1:3] == ["https://a/b", "▀" * 20]
    assert drawn(4)[2].startswith("(This terminal has not the colours")
    filling = Filling(Question("Who", Form("form", (replace(field, pictures=()),))))
    assert drawn(24)[1:3] == ["a picture", "https://a/b"]
