"""What a page writes to its console is told to the core, in bounds, and as of the run it belongs to."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.ui.bridge import Bridge
from studio.ui.preview.console import FLOODED, MOST_BATCHES, MOST_CHARACTERS, MOST_READ, ConsoleReporter
from studio.ui.preview.flood import HEAVY_CHARACTERS, MOST_HEAVY
from studio.ui.reports import MOST_AT_ONCE
from tests.ui.preview.conftest import RUN, ConsolesDoor, Previewing

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")

TEXT_CHARACTERS = 2000


def _entries(previewing: Previewing) -> list[ConsoleEntry]:
    return [entry for _, entries, _ in previewing.consoles.reported for entry in entries]


def _written(previewing: Previewing, script: str) -> list[ConsoleEntry]:
    """What a page with this script writes, up to its last word."""
    previewing.serve(f"<script>\n{script}\n</script><script>setTimeout(() => console.log('the end'), 300)</script>")
    previewing.open()
    previewing.qtbot.waitUntil(lambda: "the end" in [one.text for one in _entries(previewing)], timeout=20_000)
    heard = [entry for entry in _entries(previewing) if entry.kind is not ConsoleKind.LOAD]
    return [entry for entry in heard if entry.text != "the end" and "favicon" not in entry.source]


def _texts(previewing: Previewing, script: str) -> list[str]:
    return [entry.text for entry in _written(previewing, script)]


def test_a_shown_page_is_told_of_before_it_writes_anything(previewing: Previewing) -> None:
    previewing.serve("<h1>quiet</h1>")
    previewing.open()

    previewing.qtbot.waitUntil(lambda: previewing.consoles.reported[:1] == [(RUN, (), 0)])


def test_each_load_of_the_page_is_an_entry_and_that_of_a_frame_is_none(previewing: Previewing) -> None:
    previewing.serve("<iframe srcdoc='<script>console.log(1)</script>'></iframe>")
    previewing.open()

    def loads() -> list[str]:
        return [entry.text for entry in _entries(previewing) if entry.kind is ConsoleKind.LOAD]

    previewing.qtbot.waitUntil(lambda: loads() == ["Loaded /"], timeout=20_000)

    previewing.panel.reload()
    previewing.qtbot.waitUntil(lambda: loads() == ["Loaded /", "Loaded /"], timeout=20_000)


def test_entries_carry_level_and_place_and_an_uncaught_error_is_one(previewing: Previewing) -> None:
    logged, warned, failed = _written(previewing, "console.log('up');\nconsole.warn('slow');\nmissing()")

    assert (logged.level, logged.text, logged.source, logged.method) == (ConsoleLevel.INFO, "up", "/:2:9", "log")
    assert warned.level is ConsoleLevel.WARNING
    assert (failed.level, failed.kind, failed.source) == (ConsoleLevel.ERROR, ConsoleKind.ERROR, "/:4:1")
    assert "missing is not defined" in failed.text


def test_an_error_is_told_with_its_stack(previewing: Previewing) -> None:
    [failed] = _written(
        previewing, "function sum() {\n  throw new TypeError('no total');\n}\nfunction cart() { sum() }\ncart()"
    )

    assert [(frame.function, frame.line) for frame in failed.stack] == [("sum", 3), ("cart", 5), ("", 6)]


def test_a_promise_that_nobody_catches_is_told_once(previewing: Previewing) -> None:
    [failed] = _written(previewing, "Promise.reject(new RangeError('too many'))")

    assert (failed.kind, failed.level) == (ConsoleKind.REJECTION, ConsoleLevel.ERROR)
    assert failed.text == "Uncaught (in promise) RangeError: too many"


def test_a_request_that_fails_is_told_with_who_made_it(previewing: Previewing) -> None:
    previewing.app.broken = "/api/cart"
    [failed] = _written(previewing, "function load() { return fetch('/api/cart') }\nload()")

    assert (failed.kind, failed.method) == (ConsoleKind.NETWORK, "GET")
    assert failed.text == "GET /api/cart was answered with 500 Internal Server Error"
    assert failed.stack[0].function == "load"


def test_an_xml_request_that_fails_is_told(previewing: Previewing) -> None:
    previewing.app.broken = "/api/cart"
    [failed] = _written(previewing, "const x = new XMLHttpRequest(); x.open('POST', '/api/cart'); x.send('{}')")

    assert failed.text == "POST /api/cart was answered with 500 Internal Server Error"


def test_an_image_that_is_not_there_is_told(previewing: Previewing) -> None:
    previewing.app.broken = "/logo.png"
    found = _written(previewing, "document.write('<img src=/logo.png>')")

    assert [(one.kind, one.level) for one in found] == [(ConsoleKind.RESOURCE, ConsoleLevel.ERROR)]
    assert "<img> was not loaded: " in found[0].text


def test_what_the_pages_own_policy_stops_is_told(previewing: Previewing) -> None:
    previewing.app.policy = "script-src 'self' 'unsafe-inline'"
    found = _written(previewing, "new Function('return 1')")

    assert [one.kind for one in found if one.kind is ConsoleKind.CSP] == [ConsoleKind.CSP]
    assert any("script-src" in one.text for one in found if one.kind is ConsoleKind.CSP)


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("const o = {a: 1}; o.self = o; console.log(o)", "{a: 1, self: [circular]}"),
        ("console.log({a: {b: {c: {d: 1}}}})", "{a: {b: {c: Object {…}}}}"),
        ("console.log(document.createElement('main'))", "<main>"),
        ("console.log(new Map([['a', 1]]), new Set([2]))", 'Map(1) {"a" => 1} Set(1) {2}'),
        (
            "console.log([1, , 'x'], undefined, null, -0, 5n, Symbol('s'))",
            '[1, empty, "x"] undefined null -0 5n Symbol(s)',
        ),
        ("console.log({get secret() { throw 1 }})", "{secret: [getter]}"),
        ("class Cart { total = 3 }; console.log(new Cart(), Cart)", "Cart {total: 3} [class Cart]"),
        ("console.log('%s has %d of %o%c', 'cart', 3.7, {a: 1}, 'color: red')", "cart has 3 of {a: 1}"),
        ("console.table([{a: 1}])", "0 | {a: 1}"),
        ("console.count('x'); console.count('x')", "x: 1|x: 2"),
        ("console.group('in'); console.log('deep'); console.groupEnd(); console.log('out')", "in|  deep|out"),
        ("console.assert(true, 'fine'); console.assert(false, 'wrong', 1)", "Assertion failed: wrong 1"),
        ("console.log(new Proxy({}, {ownKeys() { throw 1 }}))", "[not readable]"),
        ("console.log(Array(100).fill(1))", f"[{'1, ' * 50}… 50 more]"),
        ("console.dir({a: [1]}); console.debug('fine')", "{a: [1]}|fine"),
    ],
)
def test_values_are_told_as_a_console_shows_them(previewing: Previewing, script: str, text: str) -> None:
    assert "|".join(_texts(previewing, script)) == text


def test_a_big_value_is_cut(previewing: Previewing) -> None:
    [entry] = _written(
        previewing, "console.log({rows: Array.from({length: 500}, (_, at) => ({at, text: 'x'.repeat(900)}))})"
    )

    assert len(entry.text) <= TEXT_CHARACTERS


def test_a_page_that_changes_what_scripts_stand_on_is_heard_all_the_same(previewing: Previewing) -> None:
    hostile = "JSON.stringify = Date.now = Array.prototype.push = Object.keys = () => { throw 1 };"
    assert "still here" in _texts(previewing, f"{hostile} console.error('still here')")


def test_an_entry_that_comes_again_is_counted(previewing: Previewing) -> None:
    found = _written(previewing, "for (let at = 0; at < 40; at++) console.log('tick')")

    assert sum(one.count for one in found) == 40
    assert len(found) < 5


def test_an_error_is_told_however_much_the_text_around_it_takes_on_its_way(previewing: Previewing) -> None:
    """A control character is six in JSON: what was short enough as text is not as a batch."""
    lines = "for (let at = 0; at < 15; at++) console.log(String(at) + '\\u0001'.repeat(5900));"
    found = _written(previewing, f"{lines} console.error('no total')")

    assert [one.text for one in found if one.level is ConsoleLevel.ERROR] == ["no total"]
    assert len(found) > 1
    assert len(found) + sum(dropped for _, _, dropped in previewing.consoles.reported) == 16


def patient(reporter: ConsoleReporter) -> ConsoleReporter:
    """One that tells only when it is told to: on a busy machine it would, before it has read what came at once."""
    reporter._timer.setInterval(600_000)
    return reporter


def tell_once(qtbot: QtBot, reporter: ConsoleReporter, consoles: ConsolesDoor) -> None:
    """Has all read that came, and told."""
    qtbot.waitUntil(lambda: not reporter._unread)
    reporter.tell()
    qtbot.waitUntil(lambda: bool(consoles.reported))


@pytest.mark.parametrize(
    ("size", "heard"), [(1, MOST_BATCHES), (MOST_CHARACTERS // 4, 3)], ids=["many batches", "long batches"]
)
def test_of_what_any_number_of_frames_say_at_once_only_so_much_is_read(
    qtbot: QtBot, bridge: Bridge, consoles: ConsolesDoor, size: int, heard: int
) -> None:
    reporter = patient(ConsoleReporter(bridge, RUN))
    for number in range(MOST_BATCHES + 10):
        batch = {"entries": [{"text": f"frame {number}"}], "padding": "x" * size}
        reporter.note(ConsoleLevel.INFO, reporter.mark + json.dumps(batch))
    tell_once(qtbot, reporter, consoles)

    [(_, entries, dropped)] = consoles.reported
    assert (len(entries), dropped) == (heard, MOST_BATCHES + 10 - heard)


def test_of_the_entries_of_any_number_of_frames_only_so_many_are_read(
    qtbot: QtBot, bridge: Bridge, consoles: ConsolesDoor
) -> None:
    reporter = patient(ConsoleReporter(bridge, RUN))
    errors = [{"level": "error", "text": f"no total {number}"} for number in range(MOST_AT_ONCE)]
    for _ in range(5):
        reporter.note(ConsoleLevel.INFO, reporter.mark + json.dumps({"entries": errors}))
    tell_once(qtbot, reporter, consoles)

    [(_, entries, dropped)] = consoles.reported
    unread = 5 - MOST_READ // MOST_AT_ONCE
    assert (len(entries), dropped) == (MOST_AT_ONCE, MOST_READ - MOST_AT_ONCE + unread)


def test_batches_are_read_one_in_a_turn_of_the_windows_loop(
    qtbot: QtBot, bridge: Bridge, consoles: ConsolesDoor
) -> None:
    reporter = ConsoleReporter(bridge, RUN)
    failed, between = list[str](), list[int]()
    reporter.failed.connect(failed.append)
    turns = QTimer()
    turns.timeout.connect(lambda: between.append(len(failed)))
    turns.start(0)
    for number in range(4):
        batch = {"entries": [{"kind": "error", "level": "error", "text": f"no total {number}"}]}
        reporter.note(ConsoleLevel.INFO, reporter.mark + json.dumps(batch))
    qtbot.waitUntil(lambda: len(failed) == 4)

    assert {1, 2, 3} <= set(between)


def test_a_burst_is_carried_and_what_never_ends_is_not(qtbot: QtBot, bridge: Bridge, consoles: ConsolesDoor) -> None:
    reporter = ConsoleReporter(bridge, RUN)
    flooded: list[bool] = []
    reporter.flooded.connect(lambda: flooded.append(True))
    for number in range(5000):
        reporter.note(ConsoleLevel.INFO, f"line {number}")
    qtbot.waitUntil(lambda: bool(consoles.reported))
    assert not flooded

    lines = (f"line {number}" for number in range(10_000_000))
    while not flooded:
        reporter.note(ConsoleLevel.INFO, next(lines))
    reporter.note(ConsoleLevel.INFO, "later")
    qtbot.waitUntil(lambda: len(consoles.reported) == 2)

    last = consoles.reported[-1][1][-1]
    assert (last.level, last.text, flooded) == (ConsoleLevel.ERROR, FLOODED, [True])


def test_a_very_long_message_is_carried_and_those_that_follow_it_are_not(
    qtbot: QtBot, bridge: Bridge, consoles: ConsolesDoor
) -> None:
    reporter = ConsoleReporter(bridge, RUN)
    flooded: list[bool] = []
    reporter.flooded.connect(lambda: flooded.append(True))
    reporter.note(ConsoleLevel.INFO, "x" * 2 * MOST_HEAVY)
    for _ in range(10):
        reporter.note(ConsoleLevel.INFO, "x" * HEAVY_CHARACTERS)
    assert not flooded

    reporter.note(ConsoleLevel.INFO, "x" * (HEAVY_CHARACTERS + 1))

    qtbot.waitUntil(lambda: bool(consoles.reported))
    assert flooded


def test_a_worker_that_writes_very_long_messages_stops_the_page(previewing: Previewing) -> None:
    worker = "const long = 'x'.repeat(1 << 23); setInterval(() => console.log(long), 200)"
    previewing.serve(f"<script>new Worker(URL.createObjectURL(new Blob([{json.dumps(worker)}])))</script>")
    previewing.open()

    previewing.qtbot.waitUntil(lambda: previewing.title() == "The page was stopped", timeout=60_000)

    assert previewing.panel.host.browser is None


def test_a_page_that_floods_the_window_is_stopped_and_can_be_loaded_again(previewing: Previewing) -> None:
    """How fast a page can write depends on the machine: here its engine's words are said in its place."""
    previewing.serve("<h1>on and on</h1>")
    reporter = previewing.open().findChild(ConsoleReporter)
    assert isinstance(reporter, ConsoleReporter)
    flooded: list[bool] = []
    reporter.flooded.connect(lambda: flooded.append(True))
    while not flooded:
        reporter.note(ConsoleLevel.INFO, "on")
    previewing.qtbot.waitUntil(lambda: previewing.title() == "The page was stopped", timeout=20_000)
    assert previewing.panel.host.browser is None
    previewing.qtbot.waitUntil(lambda: FLOODED in [one.text for one in _entries(previewing)], timeout=20_000)

    previewing.serve("<h1>mended</h1>")
    previewing.panel.view.state.button.click()
    previewing.qtbot.waitUntil(previewing.panel.view.shows_page, timeout=20_000)


def test_an_error_that_the_engine_tells_first_is_told_once_and_with_its_stack(
    qtbot: QtBot, bridge: Bridge, consoles: ConsolesDoor
) -> None:
    reporter = ConsoleReporter(bridge, RUN)
    text = "Uncaught ReferenceError: pears is not defined"
    thrown = {
        "kind": "error",
        "level": "error",
        "text": text,
        "stack": "Error\n    at App (http://localhost:4000/src/App.jsx:50:46)",
    }
    reporter.note(ConsoleLevel.ERROR, text, "http://localhost:4000/src/App.jsx", 50)
    reporter.tell()
    reporter.note(ConsoleLevel.INFO, reporter.mark + json.dumps({"entries": [thrown]}))
    reporter.note(
        ConsoleLevel.ERROR, "Uncaught Error: of a frame without scripts of ours", "http://localhost:4000/frame.js", 3
    )

    def told() -> list[ConsoleEntry]:
        return [entry for _, entries, _ in consoles.reported for entry in entries]

    qtbot.waitUntil(lambda: len(told()) == 2, timeout=20_000)
    assert [entry.source for entry in told()] == ["/src/App.jsx:50:46", "/frame.js:3"]


def test_an_address_that_is_not_let_through_is_an_entry(previewing: Previewing) -> None:
    previewing.serve(f"<img src='{previewing.other.url}/logo.png'>")
    previewing.open()

    previewing.qtbot.waitUntil(
        lambda: any("was stopped: " in entry.text and "/logo.png" in entry.text for entry in _entries(previewing)),
        timeout=20_000,
    )


def test_a_flood_is_cut_short_and_counted(previewing: Previewing) -> None:
    previewing.serve("<script>for (let i = 0; i < 5000; i++) console.log(i + 'x'.repeat(9000))</script>")
    previewing.open()
    # On a busy machine whole batches are left out, which count as one: the sum is not always that of the lines.
    previewing.qtbot.waitUntil(
        lambda: any(dropped for _, _, dropped in previewing.consoles.reported) and _entries(previewing) != [],
        timeout=60_000,
    )

    assert max(len(entries) for _, entries, _ in previewing.consoles.reported) <= MOST_AT_ONCE
    assert max(len(entry.text) for entry in _entries(previewing)) <= TEXT_CHARACTERS
    assert previewing.consoles.ports == {8000}
