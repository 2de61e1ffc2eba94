"""A key that is kept goes to the server that it was given for, whoever changes its provider's address and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.app.providers import ProviderState
from studio.app.studio import Studio
from studio.domain.errors import ProviderError, UserError
from studio.domain.providers import Declaration
from tests.fixtures.engine import opened
from tests.fixtures.hostile_provider import Hostile, answering, hostile
from tests.fixtures.lab import KEY, MODEL, MODELS, at


async def test_a_kept_key_does_not_follow_a_name_to_another_server(studio: Studio, server: Hostile) -> None:
    await studio.providers.add("lab", at(server))
    await studio.vault.set("provider:lab", KEY)
    async with hostile(answering(200, MODELS)) as other:
        await studio.providers.change("lab", at(other))
        with pytest.raises(ProviderError, match=rf"was given for {server.url}, and lab is at {other.url} now"):
            await studio.models.offered_by("lab")
        with pytest.raises(UserError, match="studio providers change lab --keep-key"):
            studio.models.require_usable(MODEL)
        assert not other.requests

        await studio.vault.set("provider:lab", KEY)
        await studio.models.offered_by("lab")
        assert _carries_key(other)


async def test_a_kept_key_goes_to_another_server_once_the_person_says_so(studio: Studio, server: Hostile) -> None:
    await studio.providers.add("lab", at(server))
    with pytest.raises(UserError, match="No key is kept for lab"):
        await studio.providers.change("lab", Declaration(), keep_key=True)
    await studio.vault.set("provider:lab", KEY)
    async with hostile(answering(200, MODELS)) as other:
        await studio.providers.change("lab", at(other))
        assert (await _state(studio, "lab")).key_given_for == server.url

        await studio.providers.change("lab", Declaration(), keep_key=True)
        await studio.models.offered_by("lab")
        assert _carries_key(other)


async def test_a_kept_key_stays_where_a_provider_is_another_path_of_the_same_server(
    studio: Studio, server: Hostile
) -> None:
    await studio.providers.add("lab", at(server))
    await studio.vault.set("provider:lab", KEY)
    await studio.providers.change("lab", Declaration(base_url=f"{server.url}/v2"))
    await studio.models.offered_by("lab")

    assert _carries_key(server)


async def test_a_key_that_is_given_before_its_provider_is_there_is_for_the_first_server(
    studio: Studio, server: Hostile
) -> None:
    await studio.vault.set("provider:lab", KEY)
    await studio.providers.add("lab", at(server))
    await studio.models.offered_by("lab")
    assert _carries_key(server)

    async with hostile(answering(200, MODELS)) as other:
        await studio.providers.change("lab", at(other))
        with pytest.raises(ProviderError, match="was given for"):
            await studio.models.offered_by("lab")


async def test_an_address_that_is_changed_by_hand_while_studio_is_closed_gets_no_key(
    tmp_path: Path, server: Hostile
) -> None:
    file = tmp_path / "home" / "providers.toml"
    async with opened(tmp_path / "home") as studio:
        await studio.providers.add("lab", at(server))
        await studio.vault.set("provider:lab", KEY)
    async with hostile(answering(200, MODELS)) as other:
        file.write_text(file.read_text().replace(server.url, other.url))
        async with opened(tmp_path / "home") as studio:
            with pytest.raises(ProviderError, match="was given for"):
                await studio.models.offered_by("lab")
        assert not other.requests


async def test_a_key_of_an_older_studio_is_for_the_server_that_its_provider_is_at(
    tmp_path: Path, server: Hostile
) -> None:
    home = tmp_path / "home"
    async with opened(home) as studio:
        await studio.providers.add("lab", at(server))
        await studio.vault.set("provider:lab", KEY)
        await studio.vault.set("provider:gone", KEY)
    (home / "secrets" / "addresses.json").unlink()
    async with opened(home) as studio:
        await studio.models.offered_by("lab")
        assert _carries_key(server)
        async with hostile(answering(200, MODELS)) as other:
            await studio.providers.add("gone", at(other))
            with pytest.raises(ProviderError, match="was given for another address"):
                await studio.models.offered_by("gone")


async def test_a_provider_that_is_taken_out_takes_its_key_along(studio: Studio, server: Hostile) -> None:
    await studio.providers.add("lab", at(server))
    await studio.vault.set("provider:lab", KEY)
    await studio.providers.remove("lab")

    assert await studio.vault.list() == ()


def _carries_key(server: Hostile) -> bool:
    """Whether the server's last request held the key."""
    return f"bearer {KEY}".encode() in server.requests[-1].lower()


async def _state(studio: Studio, name: str) -> ProviderState:
    return next(each for each in await studio.providers.list() if each.provider.name == name)
