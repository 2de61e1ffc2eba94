"""What a process writes becomes entries: an error with its calls is one, however it comes in pieces."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.log_lines import LogReader, asked_plainly, telling
from tests.fixtures.growth import LINEAR, growth

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

PYTHON = """\
INFO:     127.0.0.1 - "GET / HTTP/1.1" 200 OK
ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/starlette/app.py", line 7, in call
    await app()
  File "/workspace/shop/main.py", line 12, in total
    return 3 / 0
           ~~^~~
ZeroDivisionError: division by zero

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/workspace/shop/main.py", line 20, in cart
    total()
RuntimeError: no total
INFO:     ready
"""
NODE = """\
Shop listens on 3000
TypeError: cart.total is not a function
    at /workspace/server.js:8:20
    at Layer.handle (/workspace/node_modules/express/lib/layer.js:95:5)
GET /cart 500
"""
VITE = """\
[vite] Internal server error: Unexpected token (5:3)
  Plugin: vite:react-babel
  File: /workspace/src/App.jsx:5:3
  5  |    return <p>
      at constructor (/workspace/node_modules/@babel/parser/lib/index.js:367:19)
ready
"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/usr/lib/python3/dist-packages/anyio/_backends.py", line 767, in __aexit__
  |     raise BaseExceptionGroup
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/workspace/main.py", line 7, in cart
    |     raise ValueError("no cart")
    | ValueError: no cart
    +------------------------------------
"""


def read(text: str, size: int = 1 << 20) -> list[ConsoleEntry]:
    reader = LogReader("p1")
    found: list[ConsoleEntry] = []
    for at in range(0, len(text), size):
        found += reader.feed(text[at : at + size], NOON)
    return [*found, *reader.finish(NOON)]


def test_a_traceback_with_what_caused_it_is_one_entry() -> None:
    before, failing, error, after = read(PYTHON)

    assert (before.level, failing.level, after.text) == (ConsoleLevel.INFO, ConsoleLevel.ERROR, "INFO:     ready")
    assert (error.level, error.kind, error.text) == (ConsoleLevel.ERROR, ConsoleKind.LOG, "RuntimeError: no total")
    assert [frame.place for frame in error.stack][:2] == ["/workspace/shop/main.py:20", "/workspace/shop/main.py:12"]


def test_an_error_of_node_is_one_entry_with_its_calls() -> None:
    _, error, after = read(NODE)

    assert error.text == "TypeError: cart.total is not a function"
    assert error.source == "/workspace/server.js:8:20"
    assert after.level is ConsoleLevel.INFO


def test_what_a_compiler_says_below_its_error_belongs_to_it() -> None:
    error, after = read(VITE)

    assert error.level is ConsoleLevel.ERROR
    assert "File: /workspace/src/App.jsx:5:3" in error.text
    assert error.stack[0].is_library
    assert after.text == "ready"


def test_a_group_of_exceptions_is_named_by_what_it_holds() -> None:
    [error] = read(GROUP)

    assert (error.text, error.source) == ("ValueError: no cart", "/workspace/main.py:7")


@pytest.mark.parametrize("text", [PYTHON, NODE, VITE])
@given(size=st.integers(1, 200))
def test_pieces_of_any_size_give_the_same(text: str, size: int) -> None:
    assert read(text, size) == read(text)


def test_what_a_compiler_says_names_its_place() -> None:
    [error] = read(
        "\x1b[31m[plugin:vite] Internal server error: /workspace/src/App.jsx: Unexpected token (5:3)\x1b[0m\n"
    )
    assert error.level is ConsoleLevel.ERROR

    [error] = read("src/App.tsx:5:3 - error TS2304: Cannot find name 'x'.\n")
    assert error.source == "src/App.tsx:5:3"


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("[WARN] slow query", ConsoleLevel.WARNING),
        ("2026-03-04 12:00:00 ERROR shop failed", ConsoleLevel.ERROR),
        ("ERROR: relation does not exist", ConsoleLevel.ERROR),
        ("2026-03-04 12:00:00.250 UTC [71] ERROR:  relation does not exist", ConsoleLevel.ERROR),
        ("2026-03-04 12:00:00.250 UTC [71] WARNING:  no disk soon", ConsoleLevel.WARNING),
        ("2026-03-04 12:00:00.250 UTC [1] LOG:  no error so far", ConsoleLevel.INFO),
        ("found 0 errors", ConsoleLevel.INFO),
        ('127.0.0.1 "GET /errors HTTP/1.1" 200', ConsoleLevel.INFO),
    ],
)
def test_a_line_is_as_grave_as_it_says(line: str, level: ConsoleLevel) -> None:
    assert [entry.level for entry in read(f"{line}\n")] == [level]


def test_a_line_without_an_end_waits_until_nothing_more_comes() -> None:
    reader = LogReader("p1")
    assert reader.feed("ready in", NOON) == ()
    assert reader.is_waiting
    assert [entry.text for entry in reader.finish(NOON)] == ["ready in"]
    assert not reader.is_waiting


def test_a_line_that_never_ends_is_held_in_bounds() -> None:
    reader = LogReader("p1")
    for _ in range(100):
        reader.feed("x" * 10_000, NOON)
    [entry] = reader.finish(NOON)
    assert len(entry.text) <= 2000


@pytest.mark.parametrize("piece", ["::", "1 ", "1T", "|+", "a.", "a/", ":1", "\x1b["])
def test_a_hostile_line_costs_no_more_than_its_length(piece: str) -> None:
    def hear(line: str) -> None:
        for _ in range(5):
            read(f"error: x\n{line}!\n{line}!\n")

    assert growth(hear, piece, 120) < LINEAR


def test_lines_that_belong_together_are_not_read_again_for_each_of_them() -> None:
    def hear(lines: str) -> None:
        read(f"error: x\n{lines}")

    assert growth(hear, f" {'|' * 1500}!\n", 20) < LINEAR


@pytest.mark.parametrize("line", ["12:00 traceback", "[2026-03-04T12:00:00Z] error", "2026-03-04T12:00:00.1 Fatal: x"])
def test_a_time_before_the_word_is_read_over(line: str) -> None:
    assert [entry.level for entry in read(f"{line}\n")] == [ConsoleLevel.ERROR]


DATABASE = """\
2026-03-04 12:00:00.123 UTC [68] LOG:  database system is ready to accept connections
2026-03-04 12:00:01.456 UTC [70] ERROR:  relation "carts" does not exist at character 15
2026-03-04 12:00:01.456 UTC [70] STATEMENT:  select * from carts
2026-03-04 12:00:02.000 UTC [70] LOG:  checkpoint starting
"""


def test_an_error_of_a_database_is_one_entry_with_what_it_was_asked() -> None:
    ready, error, after = read(DATABASE)

    assert (ready.level, error.level, after.level) == (ConsoleLevel.INFO, ConsoleLevel.ERROR, ConsoleLevel.INFO)
    assert error.text.endswith("STATEMENT:  select * from carts")


def test_a_request_that_may_be_studios_is_told_from_a_browsers() -> None:
    own = '127.0.0.1 - - [04/Mar/2026] "GET /shop.js HTTP/1.0" 200 -'

    assert asked_plainly(own) == "/shop.js"
    assert asked_plainly(own.replace("HTTP/1.0", "HTTP/1.1")) == ""


@pytest.mark.parametrize(
    ("line", "tells"),
    [
        ('127.0.0.1 - - [27/Nov/2026 20:23:32] "GET /cart HTTP/1.1" 200 -', '"GET /cart HTTP/1.1" 200 -'),
        ('::1 - ada [27/Nov/2026:20:23:32 +0000] "GET / HTTP/1.1" 200 12', '"GET / HTTP/1.1" 200 12'),
        ('INFO:     127.0.0.1:53284 - "GET / HTTP/1.1" 500', '"GET / HTTP/1.1" 500'),
        ("2026-11-27 20:23:32.123 UTC [68] ERROR:  no relation", "[68] ERROR:  no relation"),
        ("2026-11-27T20:23:32.123Z ready", "ready"),
        ("listens on 3000", "listens on 3000"),
        ("2026-11-27 20:23:32 ", "2026-11-27 20:23:32 "),
    ],
)
def test_a_line_in_a_list_begins_with_what_tells(line: str, tells: str) -> None:
    assert telling(line) == tells
