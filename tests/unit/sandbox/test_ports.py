"""Which of the open ports is the page's: what the app says of itself counts first."""

from __future__ import annotations

import pytest

from studio.sandbox.ports import announced, in_order

VITE = "\n  \x1b[32mVITE\x1b[0m v6.0.1  ready in 300 ms\n\n  ➜  Local:   http://localhost:\x1b[1m5174\x1b[22m/shop/\n"


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (VITE, ((5174, "/shop/"),)),
        ("INFO: Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)", ((8000, "/"),)),
        ("Serving HTTP on 127.0.0.1 port 8000 (http://127.0.0.1:8000/) ...", ((8000, "/"),)),
        ("Example app listening on port 3000!", ((3000, "/"),)),
        ("Server started at http://[::]:4000.", ((4000, "/"),)),
        ("docs: http://localhost/ and https://example.org:99/", ((80, "/"),)),
        ("listening on 99999, http://localhost:99999/", ()),
    ],
)
def test_a_server_is_believed_where_it_listens(output: str, found: tuple[tuple[int, str], ...]) -> None:
    assert announced(output) == found


def test_what_was_said_comes_before_what_is_usual_and_only_what_is_open_counts() -> None:
    assert in_order((3000, 4000, 5432, 8000), said=(4000, 9000), usual=(8000,)) == (4000, 8000, 3000, 5432)


def test_a_debugger_or_the_way_out_of_a_sandbox_is_no_page() -> None:
    assert in_order((3128, 8080, 9229), said=(9229,), usual=()) == (8080,)
