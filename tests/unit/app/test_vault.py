"""The vault door on a real core: a key that is set is used at once, and its value is nowhere to be read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.adapters.secrets.vault import Vault as SecretsAtRest
from studio.app.providers import ProviderState
from studio.app.studio import Studio
from studio.domain.errors import NotFound, UserError
from studio.domain.events import Recorded, SecretRemoved, SecretSaved
from studio.domain.models import ModelRef
from studio.domain.secrets import key_of
from studio.events.hub import Hub
from tests.fixtures.engine import opened
from tests.fixtures.hostile_provider import Hostile, answering, hostile
from tests.fixtures.lab import models_page
from tests.fixtures.repositories import make_repository

MODEL = ModelRef("openai", "gpt-5")
KEY = "sk-a-very-secret-value"
MODELS = models_page(MODEL.name)


@pytest.fixture
async def server() -> AsyncIterator[Hostile]:
    """A server that speaks like OpenAI, offers one model and keeps what it is sent."""
    async with hostile(answering(200, MODELS)) as running:
        yield running


async def test_a_key_that_is_set_makes_its_provider_usable_at_once(studio: Studio) -> None:
    with pytest.raises(UserError, match=r"no key for openai\. Paste one in Settings"):
        studio.models.require_usable(MODEL)

    await studio.vault.set("provider:openai", f" {KEY}\n")
    studio.models.require_usable(MODEL)

    await studio.vault.remove("provider:openai")
    with pytest.raises(UserError, match="no key for openai"):
        studio.models.require_usable(MODEL)


async def test_the_next_call_carries_the_newest_key(tmp_path: Path, server: Hostile) -> None:
    async with opened(tmp_path / "home", {"OPENAI_BASE_URL": server.url}) as studio:
        for key in (KEY, "sk-another-secret-value"):
            await studio.vault.set("provider:openai", key)
            assert MODEL in [card.ref for card in await studio.models.choices()]
            assert f"bearer {key}".encode() in server.requests[-1].lower()


async def test_the_environment_comes_before_a_secret(tmp_path: Path, server: Hostile) -> None:
    given = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "sk-of-the-environment"}
    async with opened(tmp_path / "home", given) as studio:
        await studio.vault.set("provider:openai", KEY)
        await studio.models.choices()

        assert b"bearer sk-of-the-environment" in server.requests[-1].lower()


async def test_the_log_has_names_and_no_values(studio: Studio, tmp_path: Path) -> None:
    await studio.vault.set("provider:openai", KEY)
    await studio.vault.remove("provider:openai")

    events = []
    async for item in studio.feed.follow(0):
        assert isinstance(item, Recorded)
        events.append(item.event)
        if isinstance(item.event, SecretRemoved):
            break
    assert events == [SecretSaved("provider:openai", "operator"), SecretRemoved("provider:openai", "operator")]
    files = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
    assert not [file for file in files if KEY.encode() in file.read_bytes()]


async def test_a_value_given_where_the_name_belongs_is_not_repeated(studio: Studio) -> None:
    with pytest.raises(UserError) as refused:
        await studio.vault.set("sk/secret value", "x")
    assert "sk/secret" not in str(refused.value)


async def test_from_then_on_the_value_is_blanked_whoever_says_it(studio: Studio, tmp_path: Path) -> None:
    project = await studio.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n"}))
    await studio.vault.set("token", KEY)

    assert (await studio.board.add(project.id, f"Try {KEY} once")).title == "Try [redacted] once"


async def test_a_secret_that_is_not_there_cannot_be_removed(studio: Studio) -> None:
    with pytest.raises(NotFound, match="There is no secret token"):
        await studio.vault.remove("token")


async def test_the_doctor_says_that_a_file_is_weaker_than_a_keyring(studio: Studio) -> None:
    await studio.vault.set("provider:openai", KEY)

    (vault,) = [check async for check in studio.doctor.checks() if check.name == "vault"]
    assert vault.ok
    assert "1 kept so far" in vault.sentence
    assert "weaker than a keyring" in vault.sentence


async def test_an_unopened_vault_stops_one_provider_and_not_the_list_of_models(tmp_path: Path, server: Hostile) -> None:
    locked = {"OPENAI_BASE_URL": server.url, "STUDIO_VAULT_PASSPHRASE": "correct horse"}
    async with opened(tmp_path / "home", locked) as studio:
        await studio.vault.set("provider:anthropic", KEY)
    async with opened(tmp_path / "home", {"OPENAI_BASE_URL": server.url}) as studio:
        assert [card.ref for card in await studio.models.choices()] == [MODEL]


async def test_a_window_attached_to_a_running_engine_uses_what_that_one_was_given(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with opened(home) as first, opened(home) as attached:
        assert attached.attached
        await first.vault.set("provider:openai", KEY)
        async with asyncio.timeout(60):
            while not (await _states(attached))["openai"].usable:
                await asyncio.sleep(0.01)

        await attached.vault.remove("provider:openai")
        assert not (await _states(first))["openai"].usable


async def test_whoever_may_have_missed_what_another_process_set_looks_at_the_secrets_again(studio: Studio) -> None:
    hub = Hub()
    following = asyncio.create_task(studio.vault.follow(hub))
    await asyncio.sleep(0)  # until it listens
    SecretsAtRest(studio.paths.secrets, "").set(key_of("openai"), KEY)
    assert not _is_usable(studio)

    hub.refresh()

    async with asyncio.timeout(60):
        while not _is_usable(studio):
            await asyncio.sleep(0.01)
    following.cancel()


def _is_usable(studio: Studio) -> bool:
    """Whether this process knows of a key already; it looks at no secret for that."""
    try:
        studio.models.require_usable(MODEL)
    except UserError:
        return False
    return True


async def _states(studio: Studio) -> dict[str, ProviderState]:
    return {state.provider.name: state for state in await studio.providers.list()}
