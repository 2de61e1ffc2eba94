"""A message that arrives looks as it will when it is finished, and costs the same at its end as at its beginning."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from studio.ui.chat.documents import Documents, Style
from studio.ui.chat.growing import LONG, Growing
from studio.ui.chat.spots import Spot, SpotKind
from studio.ui.theme import Theme

MESSAGE = """First **words** with `code`.

1. do this

   ```python
   def f():
       return 1

   x = "`"
   ```

- see [cart](src/my%20cart.py:12)
- and [the docs](https://example.org)

~~~~
~~~
not yet closed
~~~~

```
```
The end ``of it`` all."""


@pytest.fixture
def document(qtbot: QtBot) -> QTextDocument:
    made = QTextDocument()
    made.setTextWidth(400)
    assert made.size().isValid()  # without a layout nothing tells what changes
    return made


@pytest.fixture
def growing(document: QTextDocument, theme: Theme) -> Growing:
    return Growing(document, theme)


def _words(document: QTextDocument) -> list[str]:
    return document.toPlainText().split()


@pytest.mark.parametrize("step", [1, 2, 7, 40, 1000])
def test_whatever_the_pieces_are_the_whole_is_there_once(
    growing: Growing, document: QTextDocument, theme: Theme, step: int
) -> None:
    for end in range(step, len(MESSAGE) + step, step):
        growing.show(MESSAGE[:end])
    finished = Documents(theme).get(Style.MARKDOWN, MESSAGE, 400)
    assert _words(document) == _words(finished)
    assert growing.code == ('def f():\n    return 1\n\nx = "`"', "~~~\nnot yet closed", "")
    assert growing.links == (
        Spot(SpotKind.FILE, "src/my cart.py", 12),
        Spot(SpotKind.LINK, "https://example.org"),
    )
    assert growing.spot("copy:1") == Spot(SpotKind.COPY, "~~~\nnot yet closed")


def test_code_is_added_to_and_never_set_again(growing: Growing, document: QTextDocument) -> None:
    changes: list[tuple[int, int]] = []
    document.contentsChange.connect(lambda _at, removed, added: changes.append((removed, added)))
    text = "Look:\n\n```python\n"
    growing.show(text)
    changes.clear()
    for number in range(400):
        text += f"x = {number}  # a comment of some length\n"
        growing.show(text)
    assert len(changes) == 400
    assert all(removed <= 1 and added < 60 for removed, added in changes)
    assert growing.code[0].endswith("x = 399  # a comment of some length")


@pytest.mark.parametrize("sign", ["word ", "- point\n", "x"])
def test_an_endless_paragraph_is_not_set_again_from_its_beginning(
    growing: Growing, document: QTextDocument, sign: str
) -> None:
    growing.show(sign * (8 * LONG // len(sign)))
    removed: list[int] = []
    document.contentsChange.connect(lambda _at, gone, _added: removed.append(gone))
    growing.show(sign * (8 * LONG // len(sign) + 20))
    assert removed
    assert max(removed) <= LONG + 100
    assert document.toPlainText().replace("\n", "").count(sign.strip(" -\n")) >= 8 * LONG // len(sign)


def test_another_message_begins_anew(growing: Growing, document: QTextDocument) -> None:
    growing.show("One\n\n```\ncode\n")
    growing.show("Two")
    assert document.toPlainText().strip() == "Two"
    assert growing.code == ()


@given(st.lists(st.sampled_from(["```\n", "``` py\n", "~~~\n", "`", "x\n", "\n\n", "- a\n", "  ", "> ", "wort "])))
@example(["`", "`", "`", "> ", "wort "])
@settings(max_examples=60)
def test_odd_pieces_never_confuse_it(pieces: list[str]) -> None:
    document = QTextDocument()
    growing = Growing(document, Theme("dark"))
    text = ""
    for piece in pieces:
        text += piece
        growing.show(text)
    growing.show(f"{text}\n\nDone.\n\n")
    assert document.toPlainText().count("Done.") == 1
    assert document.toPlainText().count("wort") == text.count("wort")
    assert all(growing.spot(f"copy:{number}") for number in range(len(growing.code)))
