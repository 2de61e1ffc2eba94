"""An experiment from its file in the data folder to what the model is told and what is said of both variants."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.fixtures.aimock import Fixture, ModelServer, conversation, saying
from tests.fixtures.command_line import CommandLine
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker

FILE = """\
role = "engineer"
about = "Prose or verse?"

[[variant]]
name = "prose"
prompt = "You answer in plain prose."

[[variant]]
name = "verse"
prompt = "You answer in blank verse."
"""


def put(studio: CommandLine, name: str, text: str) -> None:
    (studio.home / "experiments").mkdir(parents=True, exist_ok=True)
    (studio.home / "experiments" / f"{name}.toml").write_text(text)


def test_a_run_works_with_the_prompt_that_it_drew_and_its_replay_too(
    studio: CommandLine, tmp_path: Path, model_server: Callable[[Sequence[Fixture]], ModelServer]
) -> None:
    put(studio, "verse", FILE)
    server = model_server(conversation(saying("A till is a drawer."), saying("Yes.")))
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    words = ("run", "What is a till?", "--project", str(repository), "--model", "openai/gpt-5", "--json")

    ran = studio(*words, **server.environment())

    assert ran.code == 0, ran.err
    [joined] = [line for line in ran.lines if line["kind"] == "experiment_joined"]
    assert joined["variant"] in ("prose", "verse")
    # What is drawn once holds for the whole run, whatever becomes of the file.
    (studio.home / "experiments" / "verse.toml").unlink()
    again = studio("run", "Sure?", "--run", ran.outcome["run"], **server.environment())
    assert (again.code, "experiment" in again.err) == (0, False), again.err
    asked = [json.dumps(request["body"]) for request in server.requests()]
    assert len(asked) == 2
    other = "verse" if joined["variant"] == "prose" else "prose"
    assert all(f"{joined['variant']}.\\n\\nWhen the work is done, call hand_off" in each for each in asked)
    assert not any(f"{other}." in each for each in asked)

    replayed = studio("runs", "replay", ran.outcome["run"], "--json").document
    assert replayed["same"] is True


def test_the_command_line_lists_compares_and_says_what_is_wrong(studio: CommandLine) -> None:
    assert studio("experiments").err.startswith("There is none: write one to experiments/NAME.toml")
    put(studio, "verse", FILE)
    put(studio, "broken", FILE.replace("prompt", "promt", 1))

    listed = studio("experiments")
    assert listed.code == 0
    assert listed.out.splitlines()[1].split("  ")[0] == "verse"
    assert listed.err.startswith("broken.toml, line 6: variant[1].promt: There is no such field. Did you mean prompt?")
    shown = studio("experiments", "show", "verse")
    assert shown.out.startswith("verse · engineer · all new runs\nProse or verse?\nprose: 0 runs\nverse: 0 runs\n")
    assert shown.out.count("too few to say") == 7
    document = studio("experiments", "show", "verse", "--json").document
    assert [variant["runs"] for variant in document["variants"]] == [0, 0]

    wrong = studio("experiments", "show", "vers")
    assert (wrong.code, "Did you mean verse?" in wrong.err) == (2, True)
