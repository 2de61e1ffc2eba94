"""studio providers add, change, remove: any server is a provider by name and address, and a change counts at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import opened
from tests.fixtures.plug import Reply, provider
from tests.fixtures.repositories import make_repository

HERE = ("--base-url", "http://127.0.0.1:1234/v1")
ROUTER = ("--base-url", "https://openrouter.ai/api/v1", "--key", "OPENROUTER_API_KEY", "--header", "X-Title: Studio")


def test_a_provider_is_added_changed_and_taken_out(studio: CommandLine) -> None:
    told = studio("providers", "add", "openrouter", *ROUTER, "--requests-per-minute", "20")
    assert told.code == 0, told.err
    assert told.out == "openrouter is there: ask its models as openrouter/MODEL.\n"
    assert "It still needs its key: studio secret set provider:openrouter, or OPENROUTER_API_KEY." in told.err

    assert studio("providers", "change", "openrouter", "--label", "OpenRouter", "--requests-per-minute", "0").code == 0
    assert (studio.home / "providers.toml").read_text() == (
        "[openrouter]\n"
        'base_url = "https://openrouter.ai/api/v1"\n'
        'key = "OPENROUTER_API_KEY"\n'
        'headers = {X-Title = "Studio"}\n'
        'prices = "openrouter"\n'
        'label = "OpenRouter"\n'
    )
    found = studio("providers", "--json").document[-1]
    assert (found["name"], found["label"], found["usable"], found["prices"]) == (
        *("openrouter", "OpenRouter", False, "openrouter"),
    )

    studio.environment = {"OPENROUTER_API_KEY": "sk-or-0123456789"}
    found = studio("providers", "list", "--json").document[-1]
    assert (found["usable"], found["key"]) == (True, "environment")
    assert studio("providers", "remove", "openrouter").out == "openrouter is taken out.\n"
    assert [each["name"] for each in studio("providers", "--json").document][-1] == "gemini"


def test_a_kept_key_is_for_the_address_that_it_was_given_for(studio: CommandLine) -> None:
    assert studio("providers", "add", "lab", *HERE, "--key", "LAB_KEY").code == 0
    asyncio.run(_keep_key(studio.home))
    told = studio("providers", "change", "lab", "--base-url", "https://models.example.com/v1")
    assert told.code == 0, told.err
    assert "was given for http://127.0.0.1:1234, and is not sent to https://models.example.com/v1" in told.err
    found = studio("providers", "--json").document[-1]
    assert (found["usable"], found["key"], found["key_given_for"]) == (False, "kept", "http://127.0.0.1:1234")

    assert studio("providers", "change", "lab", "--keep-key").code == 0
    found = studio("providers", "--json").document[-1]
    assert (found["usable"], found["key_given_for"]) == (True, None)

    assert "The key that was kept for it is forgotten." in studio("providers", "remove", "lab").err
    assert studio("secret", "list", "--json").document == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "openai", *HERE), "The name openai is taken: it is built in."),
        (("add", "Lab", *HERE), "“Lab” is no name for a provider."),
        (("add", "lab", "--base-url", "http://10.0.0.5:8000/v1"), "is plain http to another machine"),
        (("add", "lab", *HERE, "--kind", "openai"), "“openai” is no protocol of a provider."),
        (("add", "lab", *HERE, "--header", "Authorization: Bearer sk-1"), "looks as if it held a key"),
        (("add", "lab", *HERE, "--header", "sk-hidden-1"), "A header is written with a colon."),
        (("add", "lab", *HERE, "--key", "sk-hidden-1"), "takes the name of an environment variable"),
        (("add", "lab", *HERE, "--proxy", "http://me:sk-hidden-1@proxy:3128"), "holds a user's name or a password"),
        (("add", "lab", *HERE, "--ca-file", "nowhere.pem"), "there is no such file"),
        (("add", "lab", *HERE, "--prices", "openruter"), "Did you mean openrouter?"),
        (("add", "lab", *HERE, "--requests-per-minute", "-1"), "cannot be -1"),
        (("change", "groqq", "--proxy", "http://proxy:3128"), "Did you mean groq?"),
        (("change", "groq", "--keep-key"), "No key is kept for groq."),
        (("change", "groq"), "Nothing was said to change."),
        (("change", "groq", "--local"), "Groq is built in, and this of it is fixed."),
        (("remove", "groq"), "Groq is built in, and nothing of it is changed."),
    ],
)
def test_what_cannot_be_is_said_without_a_key_and_changes_nothing(
    studio: CommandLine, words: tuple[str, ...], said: str
) -> None:
    told = studio("providers", *words)

    assert told.code == 2, told.out
    assert said in told.err
    assert "hidden" not in told.err
    assert not (studio.home / "providers.toml").exists()


def test_a_wrong_file_is_said_with_its_field(studio: CommandLine) -> None:
    studio.home.mkdir(parents=True)
    (studio.home / "providers.toml").write_text('[lab]\nbase_ulr = "x"\n')
    told = studio("models")

    assert told.code == 2
    assert "lab.base_ulr: there is no such field.\n        Did you mean base_url?" in told.err

    # All that needs no provider goes on, and the doctor has a line for it.
    assert studio("usage").code == 0
    lines = {line["name"]: line for line in studio("doctor", "--json").document}
    assert lines["git"]["ok"]
    assert not lines["providers"]["ok"]
    assert "base_ulr" in lines["providers"]["sentence"]


def test_with_a_wrong_file_no_key_goes_anywhere(studio: CommandLine, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    studio.home.mkdir(parents=True)
    (studio.home / "providers.toml").write_text("[openai]\nproxy = 'http://127.0.0.1:9")
    with provider(Reply("Never.")) as served:
        words = ("run", "Look", "--project", str(repository), "--model", "openai/small")
        ran = studio(*words, **served.environment("openai"))
        assert (ran.code, served.asked) == (2, [])
    assert "providers.toml" in ran.err


@pytest.mark.docker
def test_an_agent_works_over_a_server_that_was_added_while_studio_runs(studio: CommandLine, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    studio.serve()
    with provider(Reply(calls=(("list", {"path": "."}),)), Reply("One file.")) as served:
        assert studio("providers", "add", "house", "--base-url", f"{served.url}/v1").code == 0
        ran = studio("run", "Look", "--project", str(repository), "--model", "house/small", "--json")

    assert (ran.code, ran.outcome["outcome"]) == (0, "replied"), ran.err
    assert [line["name"] for line in ran.lines if line["kind"] == "tool_answered"] == ["list"]

    assert studio("providers", "remove", "house").code == 0
    gone = studio("run", "Look", "--project", str(repository), "--model", "house/small")
    assert gone.code == 2
    assert "There is no provider “house”." in gone.err


@pytest.mark.docker
def test_a_provider_whose_certificates_are_gone_is_passed_over_for_the_next_model(
    studio: CommandLine, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    reply = tmp_path / "other.json"
    reply.write_text('{"replies": [{"text": "I took over."}]}')
    studio.home.mkdir()
    (studio.home / "providers.toml").write_text(
        f'[house]\nbase_url = "https://house.invalid/v1"\nca_file = "{tmp_path}/gone.pem"\n'
    )
    ran = studio(
        *("run", "Look", "--project", str(repository), "--json"),
        *("--model", "house/small", "--fallback", f"scripted/{reply}"),
    )

    assert (ran.code, ran.outcome["outcome"]) == (0, "replied"), ran.err
    failed = [line for line in ran.lines if line["kind"] == "model_failed"]
    assert f"cannot be read from {tmp_path}/gone.pem: there is no such file" in failed[0]["reason"]


async def _keep_key(home: Path) -> None:
    async with opened(home) as studio:
        await studio.vault.set("provider:lab", "lab-key-0123456789")
