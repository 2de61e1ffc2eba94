"""How providers are reached: certificates of one's own, proxies, headers, and nobody else's key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.outgoing import dress
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.providers import Provider, ProviderKind
from tests.fixtures.certificates import self_signed, serving
from tests.fixtures.hostile_provider import Hostile, hostile, streaming
from tests.fixtures.providers import Asking, Connecting, failing, nothing
from tests.fixtures.tunnel_proxy import tunnel_proxy
from tests.fixtures.wire_samples import REPLIES

KINDS = {
    "anthropic": ProviderKind.ANTHROPIC,
    "openai": ProviderKind.OPENAI_COMPATIBLE,
    "ollama": ProviderKind.OLLAMA,
}

Declare = Callable[..., ProviderConfig]


@pytest.fixture
def declared(wire: str) -> Declare:
    """Makes the configuration of a provider that the person declares, which speaks the protocol of `wire`."""

    def make(url: str, key: str = "own-key-12345", **more: object) -> ProviderConfig:
        provider = Provider("mine", KINDS[wire], "Mine", url, declared=True)
        return ProviderConfig("mine", url, key, known=provider, **more)  # type: ignore[arg-type]

    return make


def at_its_name(server: Hostile) -> str:
    return server.url.replace("127.0.0.1", "localhost")


async def test_a_certificate_of_ones_own_is_trusted_where_its_file_is_named(
    wire: str, declared: Declare, connect: Connecting, ask: Asking, tmp_path: Path
) -> None:
    file = self_signed(tmp_path, "localhost")
    async with hostile(streaming(REPLIES[wire]), serving(file)) as server:
        reply = await connect(declared(at_its_name(server), ca_file=str(file))).complete(ask(), nothing)

    assert reply.text == "Hello there"


async def test_a_named_file_is_all_that_is_trusted_for_its_provider(
    declared: Declare, connect: Connecting, ask: Asking, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    trusted = self_signed(tmp_path / "other", "localhost")
    async with hostile(streaming(b""), serving(self_signed(tmp_path, "localhost"))) as server:
        error = await failing(connect(declared(at_its_name(server), ca_file=str(trusted))), ask())

    assert error.fault is ProviderFault.UNREACHABLE
    assert f"must be in {trusted}" in error.action
    assert server.requests == []


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "there is no such file"), ("", "it holds no certificate"), ("no certificate\n", "it holds no certificate")],
)
def test_a_file_of_certificates_that_cannot_be_used_is_said_before_anything_is_sent(
    declared: Declare, connect: Connecting, tmp_path: Path, text: str | None, said: str
) -> None:
    file = tmp_path / "company.pem"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ProviderError) as caught:
        connect(declared("https://models.invalid", ca_file=str(file)))

    assert caught.value.sentence == f"The certificates for Mine cannot be read from {file}: {said}."
    assert "ca_file of mine in providers.toml" in caught.value.action


async def test_a_provider_is_reached_through_its_own_proxy(
    wire: str, declared: Declare, connect: Connecting, ask: Asking, tmp_path: Path
) -> None:
    file = self_signed(tmp_path, "localhost")
    async with tunnel_proxy() as proxy, hostile(streaming(REPLIES[wire]), serving(file)) as server:
        model = connect(declared(at_its_name(server), ca_file=str(file), proxy=proxy.url))
        reply = await model.complete(ask(), nothing)
        await model.close()

    assert reply.text == "Hello there"
    assert {line.split()[0] for line in proxy.asked} == {"CONNECT"}


async def test_its_own_proxy_comes_before_that_of_the_environment(
    wire: str,
    declared: Declare,
    connect: Connecting,
    ask: Asking,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = self_signed(tmp_path, "localhost")
    async with tunnel_proxy() as other, tunnel_proxy("407 Password wanted") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", other.url)
        error = await failing(connect(declared("https://models.invalid", ca_file=str(file), proxy=proxy.url)), ask())

    assert other.asked == []
    assert f"The proxy {proxy.url}, through which Mine is reached, does not let it through: 407" in error.sentence
    assert error.fault is ProviderFault.UNREACHABLE


async def test_a_proxy_that_is_not_there_is_named(declared: Declare, connect: Connecting, ask: Asking) -> None:
    async with tunnel_proxy() as proxy:
        gone = proxy.url
    error = await failing(connect(declared("https://models.invalid", proxy=gone)), ask())

    assert f"does not answer at https://models.invalid: through the proxy {gone}, " in error.sentence


async def test_headers_that_the_person_adds_go_with_every_request(
    wire: str, declared: Declare, connect: Connecting, ask: Asking
) -> None:
    added = {"X-Title": "Studio", "User-Agent": "house/1"}
    async with hostile(streaming(REPLIES[wire])) as server:
        await connect(declared(server.url, headers=added)).complete(ask(), nothing)

    sent = server.requests[0].lower()
    assert b"\r\nx-title: studio\r\n" in sent
    assert sent.count(b"\r\nuser-agent: ") == 1
    assert b"\r\nuser-agent: house/1\r\n" in sent


@pytest.fixture
def of_somebody_else(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What the variables hold from which the SDKs fill headers for the services that they are named after."""
    for name in ("OLLAMA_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "of-somebody-else")
    for name in ("ANTHROPIC_CUSTOM_HEADERS", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.setenv(name, "X-Gateway-Pass: of-somebody-else")
    return b"of-somebody-else"


async def test_a_declared_provider_gets_its_own_key_and_none_of_another(
    wire: str, declared: Declare, connect: Connecting, ask: Asking, of_somebody_else: bytes
) -> None:
    async with hostile(streaming(REPLIES[wire])) as server, hostile(streaming(REPLIES[wire])) as keyless:
        await connect(declared(server.url)).complete(ask(), nothing)
        await connect(declared(keyless.url, key="")).complete(ask(), nothing)

    assert b"own-key-12345" in server.requests[0]
    assert of_somebody_else not in server.requests[0] + keyless.requests[0]
    assert b"\r\nauthorization:" not in keyless.requests[0].lower()


@pytest.mark.parametrize("name", ["anthropic", "openai", "groq", "gemini", "ollama"])
async def test_a_built_in_provider_at_another_address_gets_nothing_that_is_meant_for_the_services_of_the_sdks(
    name: str, connect: Connecting, ask: Asking, of_somebody_else: bytes
) -> None:
    reply = REPLIES[name if name in KINDS else "openai"]
    async with hostile(streaming(reply)) as server:
        await connect(ProviderConfig(name, server.url, "own-key-12345")).complete(ask(), nothing)

    assert b"own-key-12345" in server.requests[0]
    assert of_somebody_else not in server.requests[0]


@pytest.mark.parametrize(
    ("name", "url", "goes_out"),
    [
        ("openai", "", True),
        ("anthropic", "https://API.anthropic.com:443/", True),
        ("openai", "https://api.openai.com.invalid/v1", False),
        ("openai", "http://api.openai.com/v1", False),
        ("anthropic", "https://api.openai.com/v1", False),
        ("groq", "", False),
        ("gemini", "", False),
        ("ollama", "", False),
    ],
)
def test_only_the_services_of_the_sdks_at_their_own_addresses_get_what_the_environment_adds(
    name: str, url: str, goes_out: bool
) -> None:
    headers = {"openai-organization": "of-openai", "authorization": "Bearer own-key-12345"}
    dress(ProviderConfig(name, url, "own-key-12345"), headers)

    assert ("openai-organization" in headers) is goes_out
    assert headers["authorization"] == "Bearer own-key-12345"
