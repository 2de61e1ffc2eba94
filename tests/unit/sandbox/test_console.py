"""The console of a preview holds little, whatever a page writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from studio.domain.console import BESIDE_KEPT, ENTRIES_KEPT, ConsoleEntry, ConsoleKind, ConsoleLevel, ConsoleSource
from studio.sandbox.console import MOST_AT_ONCE, Console
from studio.sandbox.standing_errors import MOST_VIEWS


def entry(text: str, level: ConsoleLevel = ConsoleLevel.INFO) -> ConsoleEntry:
    return ConsoleEntry(level, text, "/app.js:1")


def test_a_look_goes_on_where_the_last_one_ended() -> None:
    console = Console()
    console.report([entry("one")])
    mark = console.since(0, ConsoleLevel.INFO).mark
    console.report([entry("two")])

    assert [one.text for one in console.since(mark, ConsoleLevel.INFO).entries] == ["two"]
    assert console.since(console.since(0, ConsoleLevel.INFO).mark, ConsoleLevel.INFO).entries == ()


def test_only_what_is_grave_enough_is_given() -> None:
    console = Console()
    console.report([entry("a"), entry("b", ConsoleLevel.WARNING), entry("c", ConsoleLevel.ERROR)])

    assert [one.text for one in console.since(0, ConsoleLevel.WARNING).entries] == ["b", "c"]


def test_only_what_comes_from_the_source_that_is_asked_for_is_given() -> None:
    console = Console()
    kinds = (ConsoleKind.ERROR, ConsoleKind.NETWORK, ConsoleKind.LOG, ConsoleKind.SERVICE, ConsoleKind.SANDBOX)
    console.report([ConsoleEntry(ConsoleLevel.INFO, kind.value, kind=kind) for kind in kinds])

    given = {
        source.value: [one.text for one in console.since(0, source=source).entries]
        for source in ConsoleSource
        if source is not ConsoleSource.ALL
    }

    assert given == {
        "page": ["error", "network"],
        "requests": ["network"],
        "processes": ["log"],
        "services": ["service"],
        "sandbox": ["sandbox"],
    }


def test_services_take_only_their_part_of_the_room_and_what_went_is_counted() -> None:
    console = Console()
    console.report([entry("page")])
    for number in range(6):
        console.add(
            [ConsoleEntry(ConsoleLevel.INFO, f"{number}-{one}", kind=ConsoleKind.SERVICE) for one in range(100)]
        )

    heard = console.since(0)

    assert [heard.entries[0].text, heard.entries[1].text, heard.entries[-1].text] == ["page", "4-0", "5-99"]
    assert (len(heard.entries), heard.lost) == (1 + BESIDE_KEPT, 600 - BESIDE_KEPT)


def test_errors_stand_until_the_page_is_loaded_again() -> None:
    console = Console()
    console.report([entry("no total", ConsoleLevel.ERROR), entry("no cart", ConsoleLevel.ERROR)])
    assert console.statistics().standing == 2

    console.report(
        [ConsoleEntry(ConsoleLevel.INFO, "Loaded /", kind=ConsoleKind.LOAD), entry("no pears", ConsoleLevel.ERROR)]
    )

    assert (console.statistics().standing, console.statistics().levels["error"]) == (1, 3)


def test_errors_of_a_page_stand_whatever_is_loaded_elsewhere() -> None:
    console, load = Console(), ConsoleEntry(ConsoleLevel.INFO, "Loaded /", kind=ConsoleKind.LOAD)
    error, of_server = entry("no cart", ConsoleLevel.ERROR), entry("no relation", ConsoleLevel.ERROR)
    console.report([replace(error, view="preview"), replace(error, view="browser at 80/"), of_server])

    console.report([replace(load, view="browser at 80/about")])
    assert console.statistics().standing == 2

    console.report([replace(load, view="preview")])
    assert console.statistics().standing == 1


def test_a_page_that_is_ever_another_one_has_its_errors_counted_all_the_same() -> None:
    console, many = Console(), 2 * MOST_VIEWS
    console.report([replace(entry("no cart", ConsoleLevel.ERROR), view=f"browser at 80/{at}") for at in range(many)])

    assert console.statistics().standing == many


def test_what_is_kept_no_more_is_counted() -> None:
    console = Console()
    for number in range(10):
        console.report([entry(f"{number}-{one}") for one in range(100)])

    heard = console.since(0, ConsoleLevel.INFO)

    assert (len(heard.entries), heard.lost, heard.mark) == (ENTRIES_KEPT, 1000 - ENTRIES_KEPT, 1000)
    assert heard.entries[-1].text == "9-99"


def test_a_report_that_is_too_long_keeps_its_end() -> None:
    console = Console()
    console.report([entry(str(number)) for number in range(1000)], dropped=50)

    heard = console.since(0, ConsoleLevel.INFO)

    assert (len(heard.entries), heard.mark, heard.lost) == (MOST_AT_ONCE, 1050, 1050 - MOST_AT_ONCE)


def test_entries_are_short_and_hide_nothing() -> None:
    console = Console()
    console.report([ConsoleEntry(ConsoleLevel.ERROR, "pay \u202e\x1b[31m" + "x" * 5000, "/a\u200b.js" * 100)])

    (kept,) = console.since(0, ConsoleLevel.INFO).entries

    assert len(kept.text) <= 2000
    assert len(kept.source) <= 200
    assert "\u202e" not in kept.text
    assert "\u200b" not in kept.source


def test_what_a_server_said_of_a_page_that_was_asked_for_stands_though_it_is_heard_before_that_is_loaded() -> None:
    console, asked = Console(), datetime(2026, 3, 4, 12, tzinfo=UTC)
    before, after = asked - timedelta(seconds=1), asked + timedelta(seconds=1)
    console.add([replace(entry("no cart", ConsoleLevel.ERROR), time=before)])
    console.add([replace(entry("no relation carts", ConsoleLevel.ERROR), time=after)])

    console.report([ConsoleEntry(ConsoleLevel.INFO, "Loaded /", kind=ConsoleKind.LOAD, time=asked)])

    assert console.statistics().standing == 1


def test_half_a_character_is_kept_as_something_that_can_be_written() -> None:
    console = Console()
    console.report([ConsoleEntry(ConsoleLevel.INFO, "pay \ud83d", "/\udc00.js", page="/\ud800")])

    (kept,) = console.since(0).entries

    assert "\ufffd" in kept.text
    f"{kept.text} {kept.source} {kept.page}".encode()


def test_a_report_of_nothing_says_that_a_page_is_shown() -> None:
    console = Console()
    assert not console.shown
    console.report([])
    assert console.shown
