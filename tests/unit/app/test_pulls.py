"""Pulls against a server that speaks Ollama's protocol: how far they are, how they end, and that none runs twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from studio.app.studio import Studio
from studio.domain.errors import Cancelled, ProviderError, ProviderFault, UserError
from studio.domain.models import ModelRef
from studio.domain.pulls import Pull, PullState, PullStep
from tests.fixtures.engine import opened
from tests.fixtures.ollama_library import LibraryModel
from tests.fixtures.ollama_server import OllamaServer, ollama_server

QWEN = ModelRef("ollama", "qwen3")
WHOLE = ModelRef("ollama", "qwen3:latest")


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    """A server without models, whose library has one."""
    with ollama_server() as running:
        running.library["qwen3:latest"] = LibraryModel()
        yield running
        for model in running.library.values():
            model.go.set()


@pytest.fixture
async def studio(tmp_path: Path, server: OllamaServer) -> AsyncIterator[Studio]:
    async with opened(tmp_path / "home", {"OLLAMA_HOST": server.url}) as found:
        yield found


async def fetched(studio: Studio, told: list[Pull] | None = None) -> Pull:
    """Pulls the model to its end."""
    return await studio.pulls.follow(await studio.pulls.start(QWEN), (told if told is not None else []).append)


async def until(studio: Studio, done: int) -> None:
    """Waits until so many bytes came."""
    seen, pulls = 0, studio.pulls.list()
    while not pulls or pulls[0].progress.done < done:
        seen, pulls = await studio.pulls.news(seen)


async def test_a_pull_tells_how_far_it_is_and_ends_with_the_model(studio: Studio, server: OllamaServer) -> None:
    model = server.library["qwen3:latest"]
    model.halt = 2_000_000_000
    following = asyncio.create_task(fetched(studio))
    await until(studio, 2_000_000_000)
    halfway = studio.pulls.list()[0].progress
    model.go.set()

    done = await following

    assert (done.model, done.state, done.progress.done) == (WHOLE, PullState.DONE, model.total)
    assert (halfway.step, halfway.done, halfway.total) == (PullStep.FETCHING, 2_000_000_000, 4_000_000_000)
    assert WHOLE in [card.ref for card in await studio.models.choices()]


async def test_two_that_ask_for_one_model_follow_one_pull(studio: Studio, server: OllamaServer) -> None:
    model = server.library["qwen3:latest"]
    model.halt = 400_000_000
    first = asyncio.create_task(fetched(studio))
    await until(studio, 400_000_000)
    second = await studio.pulls.start(QWEN)
    model.go.set()

    ended = await asyncio.gather(first, studio.pulls.follow(second, lambda _: None))
    assert [done.state for done in ended] == [PullState.DONE, PullState.DONE]
    assert (model.asked, model.most_at_once) == (1, 1)


async def test_another_studio_on_the_data_folder_does_not_fetch_it_meanwhile(
    studio: Studio, server: OllamaServer, tmp_path: Path
) -> None:
    model = server.library["qwen3:latest"]
    model.halt = 400_000_000
    following = asyncio.create_task(fetched(studio))
    await until(studio, 400_000_000)

    async with opened(tmp_path / "home", {"OLLAMA_HOST": server.url}) as other:
        with pytest.raises(UserError, match="Another Studio is fetching ollama/qwen3:latest at this moment"):
            await fetched(other)
        model.go.set()
        await following
        assert (await fetched(other)).state is PullState.DONE
    assert model.most_at_once == 1


async def test_a_pull_that_is_stopped_hangs_up_and_goes_on_later_where_it_was(
    studio: Studio, server: OllamaServer
) -> None:
    model = server.library["qwen3:latest"]
    model.halt = 2_400_000_000
    following = asyncio.create_task(fetched(studio))
    await until(studio, 2_400_000_000)

    await studio.pulls.stop(WHOLE)

    with pytest.raises(Cancelled, match="What came is kept"):
        await following
    assert studio.pulls.list()[0].state is PullState.STOPPED
    model.go.set()
    told: list[Pull] = []
    await fetched(studio, told)
    assert min(pull.progress.done for pull in told if pull.progress.total) >= 2_400_000_000


@pytest.mark.parametrize(
    ("said", "sentence", "action"),
    [
        (
            "write /root/.ollama/models/blobs/sha256-00e1-partial: no space left on device",
            "The disk of the machine that Ollama runs on is full: 2.0 GB of 4.0 GB came of ollama/qwen3:latest.",
            "Make room there, then go on: studio models pull ollama/qwen3:latest",
        ),
        (
            'max retries exceeded: Get "https://x/": dial tcp: lookup registry.ollama.ai: no such host',
            "Ollama cannot get ollama/qwen3:latest from the library (max retries exceeded:",
            "Check the network of the machine that it runs on, then go on: studio models pull",
        ),
        ("digest mismatch, file must be downloaded again", "is damaged, and Ollama threw it away", "Try again: studio"),
        ("something \x1b[31mnew", "Ollama could not fetch ollama/qwen3:latest (something new)", "Try again: studio"),
    ],
)
async def test_an_error_inside_the_stream_is_said_with_what_came_and_goes_on_later(
    studio: Studio, server: OllamaServer, said: str, sentence: str, action: str
) -> None:
    model = server.library["qwen3:latest"]
    model.halt, model.error = 2_000_000_000, said
    model.go.set()

    with pytest.raises(ProviderError) as caught:
        await fetched(studio)

    assert sentence in caught.value.sentence
    assert caught.value.action.startswith(action)
    assert (await fetched(studio)).state is PullState.DONE


async def test_a_name_that_no_library_knows_is_said(studio: Studio, server: OllamaServer) -> None:
    server.library.clear()
    with pytest.raises(ProviderError, match="The library of Ollama has no model named “qwen3:latest”") as caught:
        await fetched(studio)
    assert caught.value.fault is ProviderFault.UNKNOWN_MODEL


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("pull model manifest: 412: this model requires a newer version of Ollama", "needs a newer Ollama than"),
        ("pull model manifest: 401: {}", "refuses to give ollama/qwen3:latest to Ollama"),
    ],
)
async def test_what_the_library_says_no_to_is_told_apart(
    studio: Studio, server: OllamaServer, said: str, sentence: str
) -> None:
    server.library["qwen3:latest"].first_error = said
    with pytest.raises(ProviderError, match=sentence):
        await fetched(studio)


async def test_a_server_that_hangs_up_is_said_with_what_came(studio: Studio, server: OllamaServer) -> None:
    model = server.library["qwen3:latest"]
    model.halt, model.hangs_up = 2_000_000_000, True
    model.go.set()
    with pytest.raises(ProviderError, match=r"stopped answering while it fetched .*; 2\.0 GB of 4\.0 GB came"):
        await fetched(studio)


async def test_a_server_that_is_not_there_is_said(studio: Studio, server: OllamaServer, tmp_path: Path) -> None:
    async with opened(tmp_path / "other", {"OLLAMA_HOST": "http://127.0.0.1:9"}) as unplugged:
        with pytest.raises(ProviderError, match=r"Ollama does not answer at http://127\.0\.0\.1:9") as caught:
            await fetched(unplugged)
        assert caught.value.action.startswith("Start it (ollama serve)")


async def test_a_provider_that_keeps_no_models_fetches_none(tmp_path: Path) -> None:
    async with opened(tmp_path / "home", {"OPENAI_API_KEY": "k"}) as studio:
        with pytest.raises(UserError, match="openai fetches no models"):
            await studio.pulls.start(ModelRef("openai", "gpt-5"))


async def test_closing_studio_ends_its_pulls(tmp_path: Path, server: OllamaServer) -> None:
    model = server.library["qwen3:latest"]
    model.halt = 400_000_000
    async with opened(tmp_path / "home", {"OLLAMA_HOST": server.url}) as studio:
        await studio.pulls.start(QWEN)
        await until(studio, 400_000_000)
    model.go.set()
    assert [pull.state for pull in studio.pulls.list()] == [PullState.STOPPED]
