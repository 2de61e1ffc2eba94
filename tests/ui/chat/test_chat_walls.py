"""A chat says where its agent works behind weaker walls, and where it can only read."""

from __future__ import annotations

from studio.domain.events import AidSkipped, SandboxStarted
from studio.ui.chat.entries import Note, Tone
from studio.ui.chat.transcript import Transcript
from tests.ui.chat.conftest import Log


def notes(log: Log, *events: AidSkipped | SandboxStarted) -> list[tuple[Tone, str]]:
    transcript = Transcript()
    for item in log(*events):
        transcript.apply(item)
    return [(entry.tone, entry.text) for entry in transcript.entries if isinstance(entry, Note)]


def test_a_sandbox_with_weaker_walls_is_said_to_have_them_and_another_one_says_nothing(log: Log) -> None:
    assert notes(log, SandboxStarted("c", "i", 1.0)) == []
    assert notes(log, SandboxStarted("c", "i", 1.0, "Works in bubblewrap.")) == [(Tone.QUIET, "Works in bubblewrap.")]


def test_a_machine_that_runs_nothing_is_said_with_what_to_install(log: Log) -> None:
    skipped = AidSkipped("t", "sandbox", "This machine", "This machine: Nothing can be run here.", "Install Docker.")

    [(_, text)] = notes(log, skipped)
    assert text == "Nothing can be run here. Install Docker."
