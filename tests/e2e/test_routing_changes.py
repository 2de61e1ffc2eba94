"""The routing table is changed on the command line: it is kept, told, and counts at once for whoever does the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.model_list import model_list
from tests.fixtures.ollama_server import LocalModel, ollama_server
from tests.fixtures.repositories import make_repository


def test_a_tier_is_filled_put_in_order_and_emptied(studio: CommandLine) -> None:
    told = studio("models", "tier", "fast", "groq/llama", "ollama/qwen3:4b", "--json")
    assert (told.code, told.document["tiers"]["fast"]) == (0, [["groq/llama"], ["ollama/qwen3:4b"]]), told.err
    assert (studio.home / "models.toml").read_text() == '[tiers]\nfast = ["groq/llama", "ollama/qwen3:4b"]\n'

    assert studio("models", "tier", "fast", "--first", "openai/gpt-5-mini").code == 0
    assert studio("models", "tier", "fast", "--remove", "groq/llama").code == 0
    assert studio("models", "prefer", "local").code == 0
    told = studio("models", "role", "tester", "fast")
    assert told.out.splitlines() == [
        "TIER      MODELS, BEST FIRST",
        "fast      openai/gpt-5-mini, ollama/qwen3:4b",
        "standard  none",
        "strong    none",
        "First within a tier: local models.",
        "Other tiers than usual: tester fast.",
    ]

    assert studio("models", "role", "tester", "usual").code == 0
    told = studio("models", "tier", "fast", "--empty", "--json")
    assert told.document == {
        "tiers": {"fast": [], "standard": [], "strong": []},
        "prefer": "local",
        "roles": {},
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tier", "fast", "olama/x"), "studio: There is no provider “olama”.\n        Did you mean ollama?"),
        (("tier", "fast", "auto/fast"), "auto/fast stands for this table itself."),
        (("tier", "fast", "groq/a", "groq/a"), "groq/a stands there twice."),
        (("tier", "fast", "groq/a", "--empty"), "That says two things at once."),
        (("tier", "fast", "--remove", "groq/a"), "groq/a does not stand in that tier."),
        (("role", "testr", "fast"), "There is no role “testr”.\n        Did you mean tester?"),
        (("role", "tester", "quick"), "There is no tier “quick”."),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(studio: CommandLine, words: tuple[str, ...], said: str) -> None:
    told = studio("models", *words)
    assert told.code == 2, told.out
    assert said in told.err
    assert not (studio.home / "models.toml").exists()


def test_a_file_with_a_mistake_is_not_written_over(studio: CommandLine) -> None:
    studio.home.mkdir(parents=True)
    (studio.home / "models.toml").write_text("[tiers]\nfats = []\n")
    told = studio("models", "tier", "fast", "groq/a")
    assert told.code == 2
    assert "tiers.fats: there is no such field" in told.err
    assert (studio.home / "models.toml").read_text() == "[tiers]\nfats = []\n"
    listed = studio("models")
    assert listed.code == 2
    assert "There is no routing table" not in listed.out
    assert "Did you mean fast?" in listed.err


def test_a_model_that_its_provider_does_not_list_is_taken_with_a_caution(studio: CommandLine) -> None:
    with model_list("gpt-5-mini") as address:
        told = studio("models", "tier", "fast", "openai/gpt-5-mni", "openai/gpt-5-mini", OPENAI_BASE_URL=address)
    assert told.code == 0
    assert told.err == (
        "openai/gpt-5-mni: OpenAI does not list it. Did you mean gpt-5-mini? It is tried all the same.\n"
    )
    assert "openai/gpt-5-mni, openai/gpt-5-mini" in told.out


def test_a_misspelt_role_of_the_table_is_told_with_the_nearest_one(studio: CommandLine) -> None:
    studio.home.mkdir(parents=True)
    (studio.home / "models.toml").write_text('[roles]\nenginer = "fast"\ntester = "fast"\n')
    told = studio("models")
    assert told.code == 0, told.err
    assert "no project has a role of that name. Did you mean engineer?" in told.err
    assert told.err.count("no project has a role") == 1


def test_a_provider_that_gives_no_list_is_named_beside_the_models_of_the_others(studio: CommandLine) -> None:
    with ollama_server(small=LocalModel()) as running:
        where = {"OLLAMA_HOST": running.url, "GROQ_BASE_URL": "http://127.0.0.1:9/v1"}
        told = studio("models", **where)
        assert told.out.splitlines()[1].startswith("ollama/small")
        assert "Groq gave no list of models. See why: studio providers test groq\n" in told.err
        assert studio("models", "--json", **where).document["no_list_from"] == ["groq"]


def test_a_model_without_its_provider_is_asked_back_with_both(studio: CommandLine) -> None:
    with ollama_server(small=LocalModel()) as running:
        told = studio("models", "fit", "small", OLLAMA_HOST=running.url)
    assert told.code == 2
    assert told.err == "studio: “small” is not a model name.\n        Did you mean ollama/small?\n"
    other = studio("models", "fit", "none")
    assert "as with one of: ollama, anthropic," in other.err
    assert "scripted" not in other.err


@pytest.mark.docker
def test_a_change_counts_at_once_for_the_process_that_does_the_work(studio: CommandLine, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    reply = tmp_path / "quick.json"
    reply.write_text('{"replies": [{"text": "Quick."}]}')
    studio.serve()

    assert studio("models", "tier", "fast", f"scripted/{reply}").code == 0
    ran = studio("run", "Go", "--project", str(repository), "--model", "auto/fast", "--json")

    assert (ran.code, ran.outcome["outcome"]) == (0, "replied"), ran.err
    (step,) = (line for line in ran.lines if line["kind"] == "step_started")
    assert (step["route"], step["why"]) == ([f"scripted/{reply}"], "The fast tier, cloud models first.")
