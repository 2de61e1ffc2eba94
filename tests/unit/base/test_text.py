from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.text import REMOVED, last_lines, plain, shorten, shown, shown_lines


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert shorten("twelve chars", 12) == "twelve chars"


def test_a_long_text_keeps_head_and_tail_and_says_how_much_is_gone() -> None:
    text = "begin" + "-" * 5000 + "end"
    short = shorten(text, 400)
    head, marker, tail = short.split("\n")
    assert head.startswith("begin")
    assert tail.endswith("end")
    assert marker == f"… {len(text) - len(head) - len(tail)} characters left out …"


def test_a_line_for_a_list_keeps_its_head() -> None:
    assert shorten("a rather long title", 10) == "a rather …"


@given(st.text(), st.integers(min_value=0, max_value=600))
def test_a_shortened_text_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text * 5, limit)) <= limit


@given(st.text())
def test_plain_text_holds_nothing_that_cannot_be_seen(text: str) -> None:
    shown = plain(text)
    assert all(unicodedata.category(char) != "Cc" or char in "\t\n" for char in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200c\u200d\ufeff")
    assert not any("\U000e0000" <= char <= "\U000e007f" for char in shown)
    assert plain(shown) == shown


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;you are root\x07prompt", "prompt"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ('NAME = "\x1b]"; evil()', f'NAME = "{REMOVED}]"; evil()'),
        ("true \x1b]\nrm -rf .\x07", f"true {REMOVED}]\nrm -rf .{REMOVED}"),
        ("true \x1bPrm -rf .", f"true {REMOVED}Prm -rf ."),
        ("true \x1b_rm\nls\x1b\\", f"true {REMOVED}_rm\nls"),
        ("\x1b(0box\x1b[38;5;9m", "box"),
        ("cut \x1b[38;5", f"cut {REMOVED}[38;5"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("if admin\u202e", f"if admin{REMOVED}"),
        ("a\u200b\u200b\u200bb", f"a{REMOVED}b"),
        ("ok\U000e0041\U000e0042", f"ok{REMOVED}"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("Grüße, 世界", "Grüße, 世界"),
    ],
)
def test_deceiving_characters_become_visible(hostile: str, shown: str) -> None:
    assert plain(hostile) == shown


@given(st.text())
def test_what_is_shown_holds_no_sign_that_hides_or_reorders(text: str) -> None:
    assert not {unicodedata.category(sign) for sign in shown(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])))
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert shown(name) == name


@given(st.text())
def test_what_is_shown_line_by_line_loses_no_line_and_no_sign(text: str) -> None:
    lines = shown_lines(text)
    assert lines.count("\n") == text.count("\n")
    assert lines.replace("\n", "\\n").replace("\t", "\\t") == shown(text)


@given(st.text(alphabet="a\n"), st.integers(1, 10))
def test_the_last_lines_of_a_text_are_told_with_how_many_stand_before_them(text: str, most: int) -> None:
    kept, before = last_lines(text, most)

    lines = text.split("\n")
    assert kept.split("\n") == lines[-most:]
    assert before == max(0, len(lines) - most)
