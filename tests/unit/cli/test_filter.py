"""A program in a container can draw on a person's terminal, and do nothing else to it."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.cli.filter import TerminalFilter


def passed(*pieces: bytes) -> bytes:
    terminal = TerminalFilter()
    return b"".join(terminal.passed(piece) for piece in pieces)


@pytest.mark.parametrize(
    "drawing",
    [
        "plain text, Grüße, 世界 🙂\r\n\t\x08\x07",
        "\x1b[1;38;2;1;2;3mred\x1b[0m\x1b[4:3m",
        "\x1b[2J\x1b[H\x1b[10;20H\x1b[3A\x1b[K\x1b[s\x1b[u\x1b7\x1b8\x1bM",
        "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1000;1006h\x1b[?1049l",
        "\x1b(0lqqk\x1b(B\x1b[2 q\x1b[4;20r\x1b[5L\x1b[>4;2m\x1bc",
    ],
)
def test_what_draws_goes_through(drawing: str) -> None:
    assert passed(drawing.encode()) == drawing.encode()


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b]52;c;ZXZpbA==\x07",  # writes the clipboard
        "\x1b]52;c;?\x1b\\",  # reads it
        "\x1b]0;you are root\x07",
        "\x1bkyou are root\x1b\\",
        "\x1b]8;;http://evil\x1b\\",
        "\x1bP$qm\x1b\\",
        "\x1b_Gi=1,a=q;AAAA\x1b\\",
        "\x1b^private\x1b\\",
        "\x1b[c",
        "\x1b[>c",
        "\x1b[6n",
        "\x1b[?6n",
        "\x1b[>q",
        "\x1b[?2026$p",
        "\x1b[21t",
        "\x1b[?u",
        "\x1b[?4m",
        "\x1b[5i",  # prints
        "\x1bZ",
        "\x1b%@",  # other bytes would become controls
        "\x05",
        "\x9d",
        "\x9b",
    ],
)
def test_what_does_anything_else_is_taken_out(hostile: str) -> None:
    assert passed(f"before {hostile}after".encode()) == b"before after"


def test_a_string_that_does_not_end_takes_only_its_line() -> None:
    assert passed(b"a\x1b]0;title", b" goes on\r\nnext\r\n") == b"a\nnext\r\n"


def test_a_sequence_without_an_end_becomes_text() -> None:
    assert passed(b"\x1b[" + b"1" * 300, b"x") == b"[" + b"1" * 300 + b"x"


def test_bytes_that_are_no_text_are_marked() -> None:
    assert passed(b"a\x9d0;b\xffc") == "a\ufffd0;b\ufffdc".encode()


_PIECES = st.lists(
    st.sampled_from(["\x1b", "[", "]", "P", "\\", "\x07", "5", "2", ";", "?", "c", "m", " ", "ü", "\n", "\x9c"])
)


@given(_PIECES.map("".join), st.lists(st.integers(0, 60)))
def test_the_same_goes_through_however_it_is_cut(text: str, cuts: list[int]) -> None:
    data = text.encode()
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    whole = passed(data)
    assert passed(*(data[begin:end] for begin, end in pairwise(edges))) == whole
    assert not re.search(rb"\x1b(?![\[78=>DEHMc()*+#])", whole)
    assert passed(whole) == whole
