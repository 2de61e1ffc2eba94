"""A model is fetched by the command line: how far it is, Ctrl+C, going on, and what is said when it cannot be had."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.fixtures.command_line import CommandLine, finish
from tests.fixtures.ollama_library import LibraryModel
from tests.fixtures.ollama_server import OllamaServer, ollama_server

GB = 10**9


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    """A server without models, whose library has one."""
    with ollama_server() as running:
        running.library["qwen3:latest"] = LibraryModel()
        yield running
        for model in running.library.values():
            model.go.set()


def said_until(process: subprocess.Popen[str], words: str) -> None:
    """Reads what a process tells people up to a line with these words."""
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        told.append(line)
        if words in line:
            return
    raise AssertionError(f"it ended without {words}: {told}")


def test_a_pull_is_told_broken_off_and_gone_on_with(studio: CommandLine, server: OllamaServer) -> None:
    model = server.library["qwen3:latest"]
    model.halt = 2 * GB
    words = ("models", "pull", "ollama/qwen3")
    begun = studio.start(*words, OLLAMA_HOST=server.url)
    said_until(begun, "ollama/qwen3: fetching, 50 % (2.0 GB of 4.0 GB)")
    begun.send_signal(signal.SIGINT)
    stopped = finish(begun)
    assert stopped.code == 130
    assert "You stopped it." in stopped.err
    assert "What came is kept: studio models pull ollama/qwen3 goes on from there." in stopped.err

    model.go.set()
    done = studio(*words, "--json", OLLAMA_HOST=server.url)

    assert (done.code, done.document) == (0, {"model": "ollama/qwen3:latest", "bytes": model.total}), done.err
    assert "ollama/qwen3:latest" in studio("models", OLLAMA_HOST=server.url).out
    assert (model.asked, model.most_at_once) == (2, 1)


def test_a_model_that_is_asked_for_and_not_there_names_the_command_that_fetches_it(
    studio: CommandLine, server: OllamaServer
) -> None:
    told = studio("models", "fit", "ollama/qwen3", OLLAMA_HOST=server.url)
    assert "studio models pull ollama/qwen3" in told.err


@pytest.mark.parametrize(
    ("model", "code", "said"),
    [
        ("ollama/qwen", 5, "The library of Ollama has no model named “qwen:latest”."),
        ("openai/gpt-5", 2, "openai fetches no models: what it has can be used at once."),
        ("hf.co/nobody/qwen:Q4", 5, "The library of Ollama has no model named “hf.co/nobody/qwen:Q4”."),
    ],
)
def test_what_cannot_be_fetched_is_said(
    studio: CommandLine, server: OllamaServer, model: str, code: int, said: str
) -> None:
    told = studio("models", "pull", model, OLLAMA_HOST=server.url, OPENAI_API_KEY="k")
    assert told.code == code
    assert said in told.err


def test_a_pull_needs_no_budget(studio: CommandLine, server: OllamaServer) -> None:
    assert studio("budget", "set", "company", "0.000001").code == 0
    assert studio("models", "pull", "ollama/qwen3", OLLAMA_HOST=server.url).code == 0


def test_doctor_asks_for_a_first_model(studio: CommandLine, server: OllamaServer) -> None:
    looked = studio("doctor", "--json", OLLAMA_HOST=server.url).document
    providers = next(check for check in looked if check["name"] == "providers")
    assert not providers["ok"]
    assert providers["action"] == "Fetch one: studio models pull ollama/qwen3"
    assert studio("models", "pull", "ollama/qwen3", OLLAMA_HOST=server.url).code == 0
    looked = studio("doctor", "--json", OLLAMA_HOST=server.url).document
    assert next(check for check in looked if check["name"] == "providers")["sentence"] == "ollama (1 models)."
