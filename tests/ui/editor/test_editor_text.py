"""Inside one file: colours, folds, brackets, find, go to line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lexilla import create_lexer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.ui.editor.languages import LANGUAGES, Language, language_of
from studio.ui.editor.page import Page
from studio.ui.editor.search import Wanted, find_all, next_span, previous_span

Opened = Callable[[str, str], Page]


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("src/a.py", "Python"),
        ("web/App.TSX", "TypeScript"),
        ("Makefile", "Makefile"),
        ("docker/Dockerfile.dev", "Dockerfile"),
        (".env", "Settings"),
        ("CMakeLists.txt", "CMake"),
        ("notes.txt", "Plain text"),
        ("LICENSE", "Plain text"),
    ],
)
def test_a_files_name_says_its_language(path: str, language: str) -> None:
    assert language_of(path).name == language


@pytest.mark.parametrize("language", [one for one in LANGUAGES.values() if one.lexer], ids=lambda one: one.name)
def test_every_language_of_the_table_has_a_lexer_with_as_many_word_lists(language: Language) -> None:
    lexer = create_lexer(language.lexer)
    assert lexer is not None
    assert len(lexer.describe_word_list_sets().split("\n")) >= len(language.words)


def test_keywords_strings_and_names_get_colours_of_their_own(opened: Opened) -> None:
    code = opened("a.py", 'def total():\n    return "x"  # why\n').code
    code.colourise(0, -1)
    text = code.content()
    colours = {word: code.styleFore(code.styleAt(text.index(word))) for word in ("def", "total", '"x"', "# why")}
    assert len(set(colours.values())) == 4


def test_a_folded_function_hides_its_lines(opened: Opened) -> None:
    code = opened("a.py", "def f():\n    a = 1\n    b = 2\n\nc = 3\n").code
    code.colourise(0, -1)
    code.toggleFold(0)
    assert not code.lineVisible(1)
    code.go_to(2)
    assert code.lineVisible(1)


def test_enter_keeps_the_indentation(opened: Opened) -> None:
    page = opened("a.py", "if x:\n    y")
    page.code.documentEnd()
    QTest.keyClick(page.code, Qt.Key.Key_Return)
    QTest.keyClicks(page.code, "z")
    assert page.code.content() == "if x:\n    y\n    z"


def test_the_find_bar_counts_and_walks_round(opened: Opened) -> None:
    page = opened("a.txt", "one two one\nOne\n")
    bar = page.find_bar
    bar.start()
    QTest.keyClicks(bar.pattern, "one")
    assert bar.count.text() == "1 of 3"
    seen = []
    for _ in range(3):
        QTest.keyClick(bar.pattern, Qt.Key.Key_Return)
        seen.append(bar.count.text())
    assert seen == ["2 of 3", "3 of 3", "1 of 3"]
    QTest.keyClick(bar.pattern, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count.text() == "3 of 3"


def test_case_and_expressions_narrow_the_search(opened: Opened) -> None:
    bar = opened("a.txt", "one two One\n").find_bar
    bar.start()
    QTest.keyClicks(bar.pattern, "One")
    bar.case.click()
    assert len(bar.found.spans) == 1
    bar.regex.click()
    bar.pattern.setText("[oO]ne|two")
    bar.go_next()
    assert len(bar.found.spans) == 3


def test_an_expression_that_cannot_be_read_says_so(opened: Opened) -> None:
    bar = opened("a.txt", "x\n").find_bar
    bar.start()
    bar.regex.click()
    bar.pattern.setText("(")
    bar.go_next()
    assert bar.count.text() == "Not readable"
    assert bar.found.problem


def test_escape_leaves_the_find_bar_and_takes_the_marks_away(opened: Opened) -> None:
    page = opened("a.txt", "one\n")
    page.find_bar.start()
    QTest.keyClicks(page.find_bar.pattern, "one")
    QTest.keyClick(page.find_bar.pattern, Qt.Key.Key_Escape)
    assert page.find_bar.isHidden()
    assert page.find_bar.found.spans == ()


def test_going_to_a_line_shows_it_while_typing_and_escape_goes_back(opened: Opened) -> None:
    page = opened("a.txt", "1\n2\n3\n4\n")
    page.code.go_to(2)
    page.go_bar.start()
    QTest.keyClicks(page.go_bar.line, "4")
    assert page.code.caret()[0] == 4
    QTest.keyClick(page.go_bar.line, Qt.Key.Key_Escape)
    assert page.code.caret()[0] == 2


@given(before=st.text(), needle=st.text(min_size=1, max_size=5), after=st.text())
def test_matches_are_where_the_bytes_are(before: str, needle: str, after: str) -> None:
    text = before + needle + after
    raw = text.encode("utf-8", "surrogatepass")
    found = find_all(text, Wanted(needle, case=True))
    assert found.spans
    assert all(raw[start:end] == needle.encode("utf-8", "surrogatepass") for start, end in found.spans)


def test_a_pattern_that_backtracks_without_end_is_given_up() -> None:
    assert find_all("a" * 60 + "!", Wanted("(a+)+$", regex=True)).spans == ()


def test_walking_goes_round_both_ends() -> None:
    found = find_all("x..x..x", Wanted("x"))
    assert [next_span(found, position) for position in (0, 1, 7)] == [0, 1, 0]
    assert [previous_span(found, position) for position in (0, 1, 7)] == [2, 0, 2]
