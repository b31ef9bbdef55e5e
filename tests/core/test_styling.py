"""Message Styling (XEP-0393): what is marked, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.styling import DEEPEST, styled


def spans(text: str) -> list[tuple[str, str]]:
    return [
        (line.text[span.start : span.end], span.style)
        for line in styled(text)
        for span in line.spans
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("*strong span*", [("*strong span*", "strong")]),
        ("plain _emphasis_ plain", [("_emphasis_", "emphasis")]),
        ("`pre` plain *strong*", [("`pre`", "mono"), ("*strong*", "strong")]),
        ("*strong* plain*", [("*strong*", "strong")]),
        ("* plain *strong*", [("*strong*", "strong")]),
        ("Everyone ~dis~likes cake.", [("~dis~", "strike")]),
        ("*`both`*", [("*`both`*", "strong"), ("`both`", "mono")]),
        ("_*both*_", [("_*both*_", "emphasis"), ("*both*", "strong")]),
        ("`*only mono*`", [("`*only mono*`", "mono")]),
        ("*one* *two*", [("*one*", "strong"), ("*two*", "strong")]),
        ("> quoted *words*", [("*words*", "strong")]),
        ("\u3000*wide blank*", [("*wide blank*", "strong")]),
    ],
)
def test_what_is_marked(text: str, found: list[tuple[str, str]]) -> None:
    assert spans(text) == found


@pytest.mark.parametrize(
    "text",
    [
        *("not strong*", "*not strong", "*not \n strong*", "*not *strong", "**", "***", "****"),
        *("2*3*4", "snake_case_name", "a ~ b ~ c", "* a *", "`", "``", "```\n*code*\n```"),
        *("file_a and file_b", "5 * 3 * 2", "x*", "*", "__init__"),
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    assert spans(text) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("> a\nb", [("a", 1, False), ("b", 0, False)]),
        (">> a\n> b\nc", [("a", 2, False), ("b", 1, False), ("c", 0, False)]),
        ("> > a", [("a", 2, False)]),
        (
            "```sh\nls\n```\nx",
            [("```sh", 0, True), ("ls", 0, True), ("```", 0, True), ("x", 0, False)],
        ),
        ("```\n> a", [("```", 0, True), ("> a", 0, True)]),
        ("> ```\n> a\nb", [("```", 1, True), ("a", 1, True), ("b", 0, False)]),
        ("> ```\n> > a\n> ```", [("```", 1, True), ("> a", 1, True), ("```", 1, True)]),
        ("```\n``` no end", [("```", 0, True), ("``` no end", 0, True)]),
    ],
)
def test_blocks(text: str, lines: list[tuple[str, int, bool]]) -> None:
    assert [(line.text, line.depth, line.is_code) for line in styled(text)] == lines


def test_quotations_end_somewhere() -> None:
    [line] = styled("> " * 100 + "deep")
    assert line.depth == DEEPEST
    assert line.text.count(">") == 100 - DEEPEST


@given(st.text(alphabet="*_~`> \nab\u3000"))
def test_spans_lie_within_their_line_and_in_one_another(text: str) -> None:
    for line in styled(text):
        for span in line.spans:
            assert 0 <= span.start < span.end <= len(line.text)
            assert span.end - span.start > 2
            for other in line.spans:
                is_apart = other.end <= span.start or other.start >= span.end
                is_inside = span.start <= other.start and other.end <= span.end
                assert (
                    is_apart or is_inside or (other.start <= span.start and span.end <= other.end)
                )


@pytest.mark.parametrize("piece", ["*", "*a ", "*a* ", "_*~`", "> ", "`a", "```\n", " *", "a*"])
def test_hostile_text_is_done_with(piece: str) -> None:
    """Were what it takes the square of its length, the test would not end in time."""
    for line in styled((piece * 300_000)[:300_000]):
        assert all(0 <= span.start <= span.end <= len(line.text) for span in line.spans)
