"""What an agent and a person do in a previewed page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.domain.events import PAGE, Delta
from studio.domain.ids import RunId
from studio.domain.pages import PageAct, PageActKind, PageSeen, seen_of
from studio.ui.preview.scripts import World
from tests.ui.preview.conftest import PROJECT, RUN, Previewing


def asked(previewing: Previewing, act: PageAct, run: RunId = RUN) -> PageSeen:
    """What the page answers to this."""
    request = f"q{len(previewing.door.answers)}"
    previewing.panel.apply([Delta(PROJECT, run, PAGE, act.words(), request)])
    previewing.qtbot.waitUntil(
        lambda: previewing.door.answers[-1:] != [] and previewing.door.answers[-1][1] == request, timeout=20_000
    )
    seen = seen_of(previewing.door.answers[-1][2])
    assert seen is not None
    return seen


def look(previewing: Previewing, within: str = "") -> PageSeen:
    return asked(previewing, PageAct(PageActKind.LOOK, within))


def ref(seen: PageSeen, words: str) -> str:
    """The ref of the line that holds these words."""
    (line,) = (line for line in seen.outline if words in line)
    return line.rpartition("[")[2].rstrip("]")


def script(previewing: Previewing, source: str) -> str:
    """What a script of the page's own ends with."""
    browser, ended = previewing.panel.host.browser, list[str]()
    assert browser is not None
    browser.run(source, World.PAGE, ended.append)
    previewing.qtbot.waitUntil(lambda: ended != [], timeout=20_000)
    return ended[0]


def typed_by_hand(previewing: Previewing, words: str) -> None:
    """The person types into the field `name`."""
    browser = previewing.panel.host.browser
    assert browser is not None
    keyboard = browser.focusProxy()
    assert keyboard is not None
    keyboard.setFocus()
    heard = "addEventListener('keydown', () => { globalThis.heard = true }, {once: true})"
    script(previewing, f"document.getElementById('name').focus(), {heard}, 'focused'")

    def hears() -> bool:
        # Chromium drops the keys of a page that it has not drawn yet.
        QTest.keyClick(keyboard, Qt.Key.Key_Shift)
        return script(previewing, "String(globalThis.heard)") == "true"

    previewing.qtbot.waitUntil(hears, timeout=20_000)
    QTest.keyClicks(keyboard, words)
    previewing.qtbot.waitUntil(
        lambda: script(previewing, "document.getElementById('name').value") == words, timeout=20_000
    )
