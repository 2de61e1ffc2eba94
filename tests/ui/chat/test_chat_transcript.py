"""A run's events become the entries a person reads."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import pytest

from studio.domain.events import (
    AgentNudged,
    BranchMerged,
    CancelRequested,
    CheckpointDecided,
    CheckpointOpened,
    Delta,
    Event,
    ExperimentJoined,
    FilesKept,
    MessagePosted,
    ModelFailed,
    Recorded,
    RunStarted,
    SandboxPlanned,
    SandboxStarted,
    ServicesStarted,
    SnapshotTaken,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    ToolStarted,
    TurnEnded,
    TurnResumed,
    TurnStarted,
    WorkspacePrepared,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.ui.chat.entries import AgentSaid, CallMade, CallState, HumanSaid, Note, Streaming, Tone, TurnFooter
from studio.ui.chat.told import OUTPUT_CHARACTERS
from studio.ui.chat.transcript import Transcript
from studio.ui.chat.words import footer

PROJECT, RUN = ProjectId("p1"), RunId("r1")
_numbers = count(1)


def _event(event: Event) -> Recorded:
    return Recorded(next(_numbers), datetime(2026, 1, 1, tzinfo=UTC), PROJECT, RUN, event)


def _told(*items: Event | Delta) -> Transcript:
    transcript = Transcript()
    for item in items:
        transcript.apply(item if isinstance(item, Delta) else _event(item))
    return transcript


def _delta(text: str, kind: str = "text", call: str = "") -> Delta:
    return Delta(PROJECT, RUN, kind, text, call)


START = RunStarted("Fix it", "engineer", "anthropic/claude", "main", "a" * 40, "studio/r1", "ask")


def test_what_streams_is_replaced_by_the_message_that_was_recorded() -> None:
    transcript = _told(START, TurnStarted("t"), StepStarted("t", 1, "anthropic/claude"), _delta("Hel"), _delta("lo"))
    assert isinstance(transcript.entries[-1], Streaming)
    assert transcript.text == "Hello"

    transcript.apply(_event(MessagePosted(Speaker.AGENT, "Hello.", "t", 1)))

    [said] = transcript.entries
    assert isinstance(said, AgentSaid)
    assert (said.header, said.text) == ("Engineer · claude", "Hello.")
    assert transcript.text == ""


def test_the_pieces_of_a_failed_try_are_gone_when_the_next_one_streams() -> None:
    transcript = _told(
        START,
        StepStarted("t", 1, "anthropic/claude"),
        _delta("Half a sen"),
        ModelFailed("t", 1, "anthropic/claude", "broken_stream", "The stream broke.", 2.0),
        _delta("Whole"),
    )
    assert transcript.text == "Whole"
    assert [type(entry) for entry in transcript.entries] == [Note, Streaming]
    note = transcript.entries[0]
    assert isinstance(note, Note)
    assert note.text == "The stream broke. Trying again in 2 s."


def test_whoever_takes_over_is_named_above_what_it_says_and_so_is_the_first_one_when_it_is_back() -> None:
    transcript = _told(
        START,
        StepStarted("t", 1, "anthropic/claude"),
        MessagePosted(Speaker.AGENT, "One.", "t", 1),
        StepStarted("t", 2, "anthropic/claude"),
        ModelFailed("t", 2, "anthropic/claude", "broken_stream", "The stream broke.", 0.4),
        ModelFailed("t", 2, "anthropic/claude", "broken_stream", "The stream broke.", next_model="openai/gpt"),
        MessagePosted(Speaker.AGENT, "Two.", "t", 2),
        StepStarted("t", 3, "anthropic/claude"),
        MessagePosted(Speaker.AGENT, "Three.", "t", 3),
    )
    assert [entry.header for entry in transcript.entries if isinstance(entry, AgentSaid)] == [
        *("Engineer · claude", "Engineer · gpt", "Engineer · claude"),
    ]
    notes = [entry.text for entry in transcript.entries if isinstance(entry, Note)]
    assert notes == ["The stream broke. Trying again.", "The stream broke. Going on with gpt."]


def test_a_call_is_one_card_from_asking_to_answer() -> None:
    transcript = _told(START, ToolCalled("t", 1, "c1", "shell", {"command": "pytest -q"}))
    card = transcript.entries[0]
    assert isinstance(card, CallMade)
    assert (card.verb, card.target, card.state) == ("Run", "pytest -q", CallState.ASKED)

    transcript.apply(_event(ToolStarted("c1")))
    transcript.apply(_delta("..F\n", "output", "c1"))
    card = transcript.entries[0]
    assert isinstance(card, CallMade)
    assert (card.state, card.output) == (CallState.RUNNING, "..F\n")

    transcript.apply(_event(ToolAnswered("c1", "shell", False, "..F\n[exit code 1]", "exit code 1", 900.0)))
    [card] = transcript.entries
    assert isinstance(card, CallMade)
    assert (card.state, card.summary, card.milliseconds) == (CallState.FAILED, "exit code 1", 900.0)


def test_a_command_that_its_turn_was_stopped_in_does_not_run_on() -> None:
    transcript = _told(START, ToolCalled("t", 1, "c1", "shell", {"command": "sleep 300"}), ToolStarted("c1"))
    transcript.apply(_event(TurnEnded("t", Outcome.CANCELLED, 1, "studio/r")))
    card = transcript.entries[0]
    assert isinstance(card, CallMade)
    assert (card.state, card.summary) == (CallState.FAILED, "stopped")


@pytest.mark.parametrize(("then", "says"), [("t2", "You stopped the turn."), ("", "You stopped the turn. Send more.")])
def test_a_turn_that_was_interrupted_by_a_message_asks_for_none(then: str, says: str) -> None:
    ended = TurnEnded("t", Outcome.CANCELLED, 1, "studio/r", reason="You stopped the turn.", action="Send more.")
    transcript = _told(START, TurnStarted("t"), CancelRequested("t", then), ended)
    assert [entry.text for entry in transcript.entries if isinstance(entry, Note)][-1] == says


def test_an_edit_tells_how_many_lines_came_and_went() -> None:
    transcript = _told(
        ToolCalled("t", 1, "c1", "edit", {"path": "a.py", "old": "x", "new": "y"}),
        ToolAnswered("c1", "edit", True, "Changed a.py at line 1.", "+14 −2"),
    )
    card = transcript.entries[0]
    assert isinstance(card, CallMade)
    assert (card.files, card.added, card.removed) == (("a.py",), 14, 2)


def test_several_edits_of_a_file_are_one_card_with_one_difference() -> None:
    edits = [{"old": "x", "new": "y\nz"}, {"old": "v", "new": "w"}]
    transcript = _told(
        ToolCalled("t", 1, "c1", "edit_many", {"path": "a.py", "edits": edits}),
        ToolAnswered("c1", "edit_many", True, "Changed a.py at lines 1, 9.", "+3 −2"),
    )
    card = transcript.entries[0]
    assert isinstance(card, CallMade)
    assert (card.verb, card.files, card.added, card.removed) == ("Edit", ("a.py",), 3, 2)
    assert card.request == "- x\n+ y\n+ z\n\n- v\n+ w"


def test_a_patch_names_its_files_and_counts_its_lines() -> None:
    patch = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+z\n"
    transcript = _told(
        ToolCalled("t", 1, "c1", "apply_patch", {"patch": patch}),
        ToolAnswered("c1", "apply_patch", True, "Changed a.py (+1 −1).\nAdded new.py (+1 −0).", "+2 −1"),
    )
    card = transcript.entries[0]
    assert isinstance(card, CallMade)
    assert (card.verb, card.target, card.added, card.removed) == ("Patch", "a.py, new.py", 2, 1)
    assert card.request == patch


def test_a_move_names_both_paths() -> None:
    card = _told(ToolCalled("t", 1, "c1", "move", {"path": "a.py", "to": "src/a.py"})).entries[0]
    assert isinstance(card, CallMade)
    assert (card.verb, card.target) == ("Move", "a.py → src/a.py")


@pytest.mark.parametrize("edits", [None, "x", [1], [{"old": 1}]])
def test_edits_of_any_shape_can_be_shown(edits: object) -> None:
    transcript = _told(ToolCalled("t", 1, "c1", "edit_many", {"path": "a.py", "edits": edits}))
    assert isinstance(transcript.entries[0], CallMade)


def test_a_chatty_command_keeps_the_end_of_its_output() -> None:
    transcript = _told(ToolCalled("t", 1, "c1", "shell", {"command": "yes"}))
    for _ in range(5):
        transcript.apply(_delta("y\n" * 5000 + "end\n", "output", "c1"))
    card = transcript.entries[0]
    assert isinstance(card, CallMade)
    assert len(card.output) == OUTPUT_CHARACTERS
    assert card.output.endswith("end\n")


def test_characters_that_reorder_a_command_are_written_out() -> None:
    transcript = _told(
        ToolCalled("t", 1, "c1", "shell", {"command": "rm \u202egnp.exe"}),
        CheckpointOpened("k1", "approval", "c1", "Run shell?", "rm \u202egnp.exe"),
    )
    card = transcript.entries[0]
    assert isinstance(card, CallMade)
    assert card.target == "rm \\u202egnp.exe"
    assert transcript.question is not None
    assert transcript.question.act == "rm \\u202egnp.exe"


def test_a_decision_ends_the_question_and_stays_readable() -> None:
    transcript = _told(
        CheckpointOpened("k1", "approval", "c1", "Run shell?", "pip install x"),
        CheckpointDecided("k1", "c1", "denied", "no network"),
    )
    assert transcript.question is None
    [note] = transcript.entries
    assert isinstance(note, Note)
    assert (note.tone, note.text) == (Tone.BAD, "You denied: pip install x (no network)")


def test_the_footer_counts_the_turns_own_files_and_tokens() -> None:
    transcript = _told(
        MessagePosted(Speaker.HUMAN, "Go", "t"),
        TurnStarted("t"),
        SnapshotTaken("t", 1, "a" * 40, "b" * 40, ("a.py", "b.py")),
        SnapshotTaken("t", 2, "c" * 40, "a" * 40, ("b.py",)),
        TurnEnded("t", Outcome.REPLIED, 2, "b", input=18_000, output=400, cache_read=16_400, cost_nusd=31_000_000),
    )
    assert isinstance(transcript.entries[0], HumanSaid)
    last = transcript.entries[-1]
    assert isinstance(last, TurnFooter)
    assert footer(last) == "0.00 s · 18.4k tokens · 91 % cached · $0.0310 · 2 files changed ▸"


def test_a_chat_says_that_its_run_takes_part_in_an_experiment() -> None:
    [note] = _told(ExperimentJoined("short-prompt", "0a", "short", "engineer", "ollama/x", "Be brief.")).entries
    assert isinstance(note, Note)
    assert (note.tone, note.text) == (Tone.QUIET, "Takes part in the experiment short-prompt: short.")


@pytest.mark.parametrize(("saved", "told"), [(44_000_000, "saved $0.0440"), (-7_500_000, "cache cost $0.0075 more")])
def test_the_end_of_a_turn_tells_what_caches_saved(saved: int, told: str) -> None:
    ended = TurnEnded("t", Outcome.REPLIED, 2, "b", input=18_000, output=400, cost_nusd=0, saved_nusd=saved)
    last = _told(TurnStarted("t"), ended).entries[-1]
    assert isinstance(last, TurnFooter)
    assert footer(last) == f"0.00 s · 18.4k tokens · $0.00 · {told}"


def test_a_failed_turn_says_why_and_what_to_do() -> None:
    transcript = _told(
        TurnStarted("t"),
        TurnEnded("t", Outcome.FAILED, 1, "b", reason="The key is wrong.", action="Set ANTHROPIC_API_KEY."),
        BranchMerged("b", "main", "d" * 40, "e" * 40),
    )
    note, end, merged = transcript.entries
    assert isinstance(note, Note)
    assert (note.tone, note.text) == (Tone.BAD, "The key is wrong. Set ANTHROPIC_API_KEY.")
    assert isinstance(end, TurnFooter)
    assert footer(end).endswith("unpriced")
    assert isinstance(merged, Note)
    assert merged.text == "Merged into main as dddddddddd."


def test_a_turn_taken_up_in_its_middle_says_so_and_one_that_just_began_does_not() -> None:
    began = _told(TurnStarted("t"), TurnResumed("t"))
    assert began.entries == []
    died = _told(TurnStarted("t"), StepStarted("t", 1, "ollama/q"), _delta("Half"), TurnResumed("t"))
    [note] = died.entries
    assert isinstance(note, Note)
    assert note.text == "Studio was closed meanwhile; the turn goes on."


def test_a_scripted_model_is_never_passed_off_as_intelligence() -> None:
    transcript = _told(START, StepStarted("t", 1, "scripted/demo.json"), MessagePosted(Speaker.AGENT, "Hi", "t", 1))
    said = transcript.entries[0]
    assert isinstance(said, AgentSaid)
    assert said.header == "Engineer · scripted, no AI"


def test_what_prepares_the_sandbox_is_no_message_of_the_agent() -> None:
    transcript = _told(START, TurnStarted("t"), _delta("Step 1/9\n", "setup"), _delta("a kind of tomorrow", "news"))
    assert (transcript.text, transcript.setup) == ("", "Step 1/9\n")
    transcript.apply(_event(StepStarted("t", 1, "anthropic/claude")))
    assert transcript.setup == ""


def test_an_agent_that_was_told_that_it_repeats_itself_is_one_line() -> None:
    [note] = _told(AgentNudged("t", 3, "same_call", "it did “read a.py” 3 times.", "You repeat yourself.")).entries
    assert isinstance(note, Note)
    assert (note.tone, note.text) == (
        Tone.WARNING,
        "The agent was told that it repeats itself: it did “read a.py” 3 times.",
    )


def _notes(transcript: Transcript) -> list[tuple[Tone, str]]:
    return [(entry.tone, entry.text) for entry in transcript.entries if isinstance(entry, Note)]


def test_what_a_project_asks_for_in_vain_is_a_warning_below_what_the_sandbox_is_made_from() -> None:
    transcript = _told(START, SandboxPlanned("Dockerfile", refused=("`mounts` is refused.",), ports=(3000, 5173)))

    assert _notes(transcript) == [
        (Tone.QUIET, "The sandbox is made from Dockerfile. Its app listens on ports 3000, 5173."),
        (Tone.WARNING, "`mounts` is refused."),
    ]


def test_services_that_are_well_are_told_apart_from_those_that_are_not() -> None:
    lines = ("db is ready on localhost:5432.", "spy is left out: “privileged” asks for the rights of the machine.")
    transcript = _told(START, ServicesStarted("compose.yaml", lines, trouble=True, troubled=lines[1:]))

    assert _notes(transcript) == [
        (Tone.QUIET, f"Services of compose.yaml:\n{lines[0]}"),
        (Tone.WARNING, f"Services of compose.yaml:\n{lines[1]}"),
    ]


def test_of_a_file_that_was_changed_on_both_sides_it_is_said_where_the_other_one_is() -> None:
    transcript = _told(
        START, FilesKept(("app.py", "b\x1b[2J"), ("app.py.studio-conflict", "b\x1b[2J.studio-conflict"), left_out=1)
    )

    ((tone, text),) = _notes(transcript)
    assert tone is Tone.WARNING
    assert "app.py (the other version: app.py.studio-conflict)" in text
    assert "and 1 more" in text
    assert "\x1b" not in text


def test_services_of_an_older_log_are_a_warning_as_a_whole() -> None:
    lines = ("db is ready on localhost:5432.", "spy is left out.")
    transcript = _told(START, ServicesStarted("compose.yaml", lines, trouble=True))

    assert _notes(transcript) == [(Tone.WARNING, "Services of compose.yaml:\n" + "\n".join(lines))]


def test_what_may_be_the_reason_of_a_failed_setup_is_said_after_it() -> None:
    event = WorkspacePrepared((".env",), commands=("npm ci",), exit_code=1, output="no network", advice="Allow it.")

    assert _notes(_told(START, event)) == [
        (Tone.QUIET, "Put into the workspace as .worktreeinclude says: .env."),
        (Tone.WARNING, "The setup failed with exit code 1: npm ci.\nno network\nAllow it."),
    ]


def test_the_stream_of_a_setup_ends_with_what_came_of_it() -> None:
    going = _told(START, SandboxStarted("c", "i"), _delta("$ npm ci\n", "setup"))
    assert going.setup == "$ npm ci\n"

    going.apply(_event(WorkspacePrepared(commands=("npm ci",), milliseconds=1200)))

    assert going.setup == ""
    (note,) = [entry for entry in going.entries if isinstance(entry, Note)]
    assert (note.tone, note.text) == (Tone.QUIET, "The setup was run in 1.2 s: npm ci.")
