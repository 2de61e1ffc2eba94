"""The providers door on a real core: what is said of a provider counts from the next call, in every process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.app.providers import ProviderState
from studio.app.studio import Studio
from studio.domain.errors import NotFound, UserError
from studio.domain.events import ProviderRemoved, ProviderSet, Recorded
from studio.domain.providers import Declaration
from studio.domain.roles import Tier
from studio.events.hub import Hub
from tests.fixtures.certificates import self_signed, serving
from tests.fixtures.engine import opened
from tests.fixtures.hostile_provider import Hostile, answering, hostile
from tests.fixtures.lab import KEY, MODEL, MODELS, at


async def test_a_provider_that_is_added_can_be_asked_at_once(studio: Studio, server: Hostile) -> None:
    with pytest.raises(NotFound, match="There is no provider “lab”"):
        studio.models.require_usable(MODEL)

    await studio.providers.add("lab", at(server, headers={"X-Title": "Studio"}))
    studio.models.require_usable(MODEL)

    assert MODEL in [card.ref for card in await studio.models.choices()]
    assert b"\r\nx-title: studio\r\n" in server.requests[-1].lower()


async def test_a_declared_provider_is_called_with_the_secret_of_its_name(studio: Studio, server: Hostile) -> None:
    await studio.providers.add("lab", at(server, key="LAB_KEY"))
    with pytest.raises(UserError, match=r"no key for lab\. .*studio secret set provider:lab.* LAB_KEY"):
        studio.models.require_usable(MODEL)

    await studio.vault.set("provider:lab", KEY)
    await studio.models.offered_by("lab")

    assert f"bearer {KEY}".encode() in server.requests[-1].lower()


async def test_another_address_counts_from_the_next_call(studio: Studio, server: Hostile) -> None:
    await studio.providers.add("lab", at(server))
    await studio.models.offered_by("lab")
    async with hostile(answering(200, MODELS)) as other:
        await studio.providers.change("lab", at(other))
        await studio.models.offered_by("lab")

        assert (len(server.requests), len(other.requests)) == (1, 1)


async def test_a_built_in_provider_is_reached_as_the_person_says_and_then_as_usual_again(studio: Studio) -> None:
    await studio.providers.change("groq", Declaration(proxy="http://127.0.0.1:9", requests_per_minute=30))
    changed = await _state(studio, "groq")
    assert (changed.provider.proxy, changed.provider.requests_per_minute, changed.own) == (
        "http://127.0.0.1:9",
        30,
        True,
    )

    await studio.providers.remove("groq")
    usual = await _state(studio, "groq")
    assert (usual.provider.proxy, usual.own) == ("", False)
    with pytest.raises(NotFound, match="Groq is built in, and nothing of it is changed"):
        await studio.providers.remove("groq")


async def test_what_a_person_wrote_into_the_file_stays(tmp_path: Path, server: Hostile) -> None:
    home = tmp_path / "home"
    home.mkdir()
    written = '# mine\n[lab]   # upstairs\nbase_url = "http://127.0.0.1:1/v1"  # old\n'
    (home / "providers.toml").write_text(written)
    async with opened(home) as studio:
        await studio.providers.change("lab", Declaration(label="The lab"))
        await studio.providers.add("other", at(server))
        await studio.providers.remove("other")

    assert (home / "providers.toml").read_text().startswith(written + 'label = "The lab"\n')


async def test_an_empty_text_takes_back_what_was_said(studio: Studio, server: Hostile, tmp_path: Path) -> None:
    await studio.providers.add("lab", at(server, label="Lab", headers={"X-A": "b"}, requests_per_minute=5))
    await studio.providers.change("lab", Declaration(label="", headers={}, requests_per_minute=0))

    text = (tmp_path / "home" / "providers.toml").read_text()
    assert text == f'[lab]\nbase_url = "{server.url}/v1"\n'


async def test_a_provider_that_the_routing_table_names_stays(studio: Studio, server: Hostile) -> None:
    await studio.providers.add("lab", at(server))
    await studio.routing.set_tier(Tier.FAST, (("lab/small-1",),))
    with pytest.raises(UserError, match=r"models\.toml names lab/small-1"):
        await studio.providers.remove("lab")

    await studio.routing.set_tier(Tier.FAST, ())
    await studio.preferences.set_default_model("lab/small-1")
    with pytest.raises(UserError, match="lab/small-1 is the model of new runs"):
        await studio.providers.remove("lab")

    await studio.preferences.set_default_model("")
    await studio.providers.remove("lab")
    with pytest.raises(NotFound):
        studio.models.require_usable(MODEL)


@pytest.mark.parametrize(
    ("name", "said", "words"),
    [
        ("openai", Declaration(base_url="http://127.0.0.1:1"), "The name openai is taken: it is built in"),
        ("auto", Declaration(base_url="http://127.0.0.1:1"), "The name auto is taken"),
        ("lab", Declaration(base_url="http://lab.example.com/v1"), "is plain http to another machine"),
        ("lab", Declaration(base_url="https://me:pw@lab.example.com"), "holds a user's name or a password"),
        ("lab", Declaration(base_url="http://127.0.0.1:1", ca_file="/nowhere/ca.pem"), "there is no such file"),
        ("lab", Declaration(base_url="http://127.0.0.1:1", headers={"Api-Key": "x"}), "looks as if it held a key"),
        ("lab", Declaration(base_url="http://127.0.0.1:1", prices="openruter"), "Did you mean openrouter?"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_written(
    studio: Studio, tmp_path: Path, name: str, said: Declaration, words: str
) -> None:
    with pytest.raises(UserError, match=words.replace("?", r"\?")):
        await studio.providers.add(name, said)

    assert not (tmp_path / "home" / "providers.toml").exists()


async def test_a_name_is_given_once(studio: Studio, server: Hostile) -> None:
    await studio.providers.add("lab", at(server))
    with pytest.raises(UserError, match="There is a provider lab already"):
        await studio.providers.add("lab", at(server))


async def test_of_two_that_give_a_name_at_once_one_is_refused(studio: Studio, server: Hostile) -> None:
    done = await asyncio.gather(
        studio.providers.add("lab", at(server)),
        studio.providers.add("lab", at(server, label="Another")),
        return_exceptions=True,
    )

    (refused,) = (each for each in done if each is not None)
    assert "There is a provider lab already" in str(refused)
    assert ((await _state(studio, "lab")).provider.label == "Another") is (done[1] is None)


async def test_two_that_take_a_provider_out_at_once_take_it_out_once(studio: Studio, server: Hostile) -> None:
    await studio.providers.add("lab", at(server))
    removing = (studio.providers.remove("lab") for _ in range(2))
    ends = await asyncio.gather(*removing, return_exceptions=True)
    # One that looks after the other has ended finds none.
    assert None in ends
    assert all(end is None or isinstance(end, NotFound) for end in ends)
    await studio.providers.add("lab", at(server))

    told = []
    async for item in studio.feed.follow(0):
        assert isinstance(item, Recorded)
        told.append(type(item.event))
        if told.count(ProviderSet) == 2:
            break
    assert told == [ProviderSet, ProviderRemoved, ProviderSet]


async def test_what_is_done_to_a_provider_is_done_once_however_often_the_engine_is_asked(
    studio: Studio, server: Hostile, tmp_path: Path
) -> None:
    for _asked in range(2):
        await studio.providers._save("lab", at(server, headers={"X-A": "b"}), False, True)
    assert (tmp_path / "home" / "providers.toml").read_text().count("[lab]") == 1
    for _asked in range(2):
        await studio.providers._take_out("lab")
    assert (tmp_path / "home" / "providers.toml").read_text() == ""


async def test_a_service_of_the_price_list_has_its_prices_by_itself(studio: Studio) -> None:
    await studio.providers.add("router", Declaration(base_url="https://openrouter.ai/api/v1"))

    assert (await _state(studio, "router")).provider.price_list == "openrouter"


async def test_a_certificate_of_ones_own_is_trusted_from_the_moment_its_file_is_named(
    studio: Studio, tmp_path: Path
) -> None:
    file = self_signed(tmp_path, "localhost")
    async with hostile(answering(200, MODELS), serving(file)) as server:
        url = server.url.replace("127.0.0.1", "localhost") + "/v1"
        await studio.providers.add("lab", Declaration(base_url=url, ca_file=str(file)))

        assert [card.ref for card in await studio.models.offered_by("lab")] == [MODEL]


async def test_a_file_that_is_edited_by_hand_counts_once_it_is_looked_at(tmp_path: Path, server: Hostile) -> None:
    file = tmp_path / "home" / "providers.toml"
    async with opened(tmp_path / "home") as studio:
        file.write_text(f'[lab]\nbase_url = "{server.url}/v1"\n')
        assert (await _state(studio, "lab")).usable
        studio.models.require_usable(MODEL)

        file.write_text("[lab\n")
        with pytest.raises(UserError, match="cannot be read"):
            await studio.providers.list()
        studio.models.require_usable(MODEL)
        with pytest.raises(UserError, match="cannot be read"):
            await studio.providers.change("lab", Declaration(label="Lab"))
        assert file.read_text() == "[lab\n"


async def test_an_address_that_is_changed_by_hand_counts_from_the_next_call(studio: Studio, server: Hostile) -> None:
    await studio.providers.add("lab", at(server))
    await studio.models.offered_by("lab")
    async with hostile(answering(200, MODELS)) as other:
        file = studio.paths.providers
        file.write_text(file.read_text().replace(server.url, other.url))
        await studio.models.offered_by("lab")

        assert (len(server.requests), len(other.requests)) == (1, 1)


async def test_a_provider_that_is_written_by_hand_is_offered_at_once(studio: Studio, server: Hostile) -> None:
    studio.paths.providers.write_text(f'[lab]\nbase_url = "{server.url}/v1"\n')

    assert MODEL in [card.ref for card in await studio.models.choices()]


async def test_a_provider_that_is_written_by_hand_may_be_chosen_at_once(studio: Studio, server: Hostile) -> None:
    with pytest.raises(NotFound):
        await studio.models.require(MODEL)
    studio.paths.providers.write_text(f'[lab]\nbase_url = "{server.url}/v1"\n')

    await studio.models.require(MODEL)


async def test_a_process_attached_to_a_running_engine_goes_by_the_same_providers(
    tmp_path: Path, server: Hostile
) -> None:
    home = tmp_path / "home"
    async with opened(home) as first, opened(home) as attached:
        assert attached.attached
        await first.providers.add("lab", at(server))
        async with asyncio.timeout(60):
            while not _is_there(attached):
                await asyncio.sleep(0.01)

        await attached.providers.remove("lab")
        with pytest.raises(NotFound):
            first.models.require_usable(MODEL)


async def test_whoever_may_have_missed_what_another_process_did_looks_at_the_file_again(
    studio: Studio, server: Hostile
) -> None:
    hub = Hub()
    following = asyncio.create_task(studio.providers.follow(hub))
    await asyncio.sleep(0)  # until it listens
    studio.paths.providers.write_text(f'[lab]\nbase_url = "{server.url}/v1"\n')

    hub.refresh()

    async with asyncio.timeout(60):
        while not _is_there(studio):
            await asyncio.sleep(0.01)
    following.cancel()


def _is_there(studio: Studio) -> bool:
    """Whether this process goes by the provider already; it reads no file for that."""
    try:
        studio.models.require_usable(MODEL)
    except NotFound:
        return False
    return True


async def _state(studio: Studio, name: str) -> ProviderState:
    return next(each for each in await studio.providers.list() if each.provider.name == name)
