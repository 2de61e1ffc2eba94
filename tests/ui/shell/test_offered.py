"""What is taken from the app of one run comes into no message to another run's agent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from studio.domain.ids import RunId
from studio.ui.frame import Frame
from studio.ui.offered import offer_words
from studio.ui.panels import Panels


class Composing:
    """A chat in front, and what comes into its composer."""

    def __init__(self, run: str) -> None:
        self.shown: list[str] = []
        self.words: list[str] = []
        composer = SimpleNamespace(input=SimpleNamespace(add=lambda text, with_keyboard: self.words.append(text)))
        chat = SimpleNamespace(page=lambda: SimpleNamespace(composer=composer))
        self.panels = cast(Panels, SimpleNamespace(chat=SimpleNamespace(current_run=RunId(run), current_chat=chat)))
        self.frame = cast(Frame, SimpleNamespace(show_panel=self.shown.append))


@pytest.mark.parametrize(("run", "words", "shown"), [("r1", ["no total"], ["chat"]), ("r2", [], [])])
def test_words_of_an_app_come_only_into_the_message_to_its_own_run(
    run: str, words: list[str], shown: list[str]
) -> None:
    composing = Composing("r1")

    offer_words(composing.panels, composing.frame, RunId(run), "no total")

    assert (composing.words, composing.shown) == (words, shown)
