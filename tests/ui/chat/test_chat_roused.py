"""That an agent goes on because its app failed is seen where it goes on."""

from __future__ import annotations

from studio.domain.events import MessagePosted, PreviewFailed, RunRoused, TurnEnded, TurnStarted
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.ui.chat.entries import Note, Tone
from studio.ui.chat.transcript import Transcript
from tests.ui.chat.conftest import Log


def test_a_turn_that_the_app_began_says_so_and_not_what_the_agent_was_told_again(log: Log) -> None:
    transcript = Transcript()
    for item in log(
        MessagePosted(Speaker.AGENT, "Done.", "t1", 1),
        TurnEnded("t1", Outcome.REPLIED, 1, "studio/r1"),
        PreviewFailed("error", "TypeError: no total", source="src/cart.js:3:3"),
        RunRoused("t2", 1, "[A note from Studio] > TypeError: no total"),
        TurnStarted("t2"),
    ):
        transcript.apply(item)

    notes = [entry for entry in transcript.entries if isinstance(entry, Note)]
    assert [(note.tone, note.text) for note in notes[-2:]] == [
        (Tone.WARNING, "In the preview: Uncaught error at src/cart.js:3:3: TypeError: no total"),
        (Tone.QUIET, "The agent goes on by itself, as its role says: its app failed while it was at rest."),
    ]
