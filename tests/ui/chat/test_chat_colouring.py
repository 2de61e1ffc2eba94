"""Finished code gets its colours once it is seen, a little at a time, and nothing moves when they come."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextBlock, QTextDocument
from pytestqt.qtbot import QtBot

from studio.ui.chat.documents import Documents, Style
from studio.ui.theme import Theme

MESSAGE = """Look:

```python
🙂 = "a string
def total(lines):  # once and for all, in a line that is much too long for the panel
    return sum(lines)
```

| a | b |
|---|---|
| 1 | 2 |

- and
  ```
  def plain():
  ```
- ```py
  def other(): pass
  ```
"""


@pytest.fixture
def documents(qtbot: QtBot, theme: Theme) -> Documents:
    return Documents(theme)


def _block(document: QTextDocument, words: str) -> QTextBlock:
    return document.find(words).block()


def _coloured(block: QTextBlock, colour: str) -> list[str]:
    text = block.text().encode("utf-16-le")
    return [
        text[2 * each.start : 2 * (each.start + each.length)].decode("utf-16-le")
        for each in block.layout().formats()
        if each.format.foreground().color().name() == colour
    ]


def _places(document: QTextDocument) -> list[tuple[float, float, int]]:
    found, block = [], document.begin()
    while block.isValid():
        lines = [block.layout().lineAt(number) for number in range(block.layout().lineCount())]
        found += [(line.y(), line.naturalTextWidth(), line.textLength()) for line in lines]
        block = block.next()
    return found


def test_code_that_is_seen_gets_the_colours_of_its_language(qtbot: QtBot, documents: Documents, theme: Theme) -> None:
    document = documents.see(Style.MARKDOWN, MESSAGE, 300)
    height, places = document.size().height(), _places(document)
    keyword, comment = theme.color("code_keyword").name(), theme.color("code_comment").name()
    qtbot.waitUntil(lambda: _coloured(_block(document, "def other"), keyword) == ["def", "pass"])
    assert _coloured(_block(document, "def total"), comment) == [
        "# once and for all, in a line that is much too long for the panel"
    ]
    assert _coloured(_block(document, "def total"), keyword) == ["def"]
    assert _block(document, "def plain").layout().formats() == []
    assert (document.size().height(), _places(document)) == (height, places)


def test_colours_stand_where_their_words_are_though_signs_of_two_units_come_before(
    qtbot: QtBot, documents: Documents, theme: Theme
) -> None:
    document = documents.see(Style.MARKDOWN, '```python\nx = "🙂🙂"  # good\n```', 300)
    qtbot.waitUntil(lambda: _coloured(_block(document, "x ="), theme.color("code_comment").name()) == ["# good"])
    assert _coloured(_block(document, "x ="), theme.color("code_string").name()) == ['"🙂🙂"']


def test_what_is_only_measured_is_not_coloured(qtbot: QtBot, documents: Documents) -> None:
    measured = documents.get(Style.MARKDOWN, "```python\ndef unseen(): pass\n```", 300)
    documents.see(Style.MARKDOWN, MESSAGE, 300)
    with qtbot.waitSignal(documents.colouring.advanced):
        pass
    assert _block(measured, "unseen").layout().formats() == []


def test_another_width_keeps_the_colours(qtbot: QtBot, documents: Documents, theme: Theme) -> None:
    document = documents.see(Style.MARKDOWN, MESSAGE, 300)
    keyword = theme.color("code_keyword").name()
    qtbot.waitUntil(lambda: _coloured(_block(document, "def other"), keyword) != [])
    assert documents.see(Style.MARKDOWN, MESSAGE, 200) is document
    assert _coloured(_block(document, "def other"), keyword) == ["def", "pass"]
