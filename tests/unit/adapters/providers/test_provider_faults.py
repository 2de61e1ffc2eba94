from __future__ import annotations

import socket

import pytest

from studio.adapters.providers.config import ProviderConfig, config_of
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.providers import BUILT_IN
from studio.router.registry import Registry
from tests.fixtures.hostile_provider import answering, hostile, stalling, streaming
from tests.fixtures.providers import MAKERS, Asking, Connecting, failing, nothing
from tests.fixtures.wire_samples import MODEL, REPLIES


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, ProviderFault.BAD_REQUEST),
        (401, ProviderFault.AUTH),
        (403, ProviderFault.AUTH),
        (404, ProviderFault.UNKNOWN_MODEL),
        (408, ProviderFault.OVERLOADED),
        (413, ProviderFault.CONTEXT_TOO_LONG),
        (429, ProviderFault.RATE_LIMITED),
        (500, ProviderFault.OVERLOADED),
        (503, ProviderFault.OVERLOADED),
        (529, ProviderFault.OVERLOADED),
    ],
)
async def test_every_status_means_one_fault(
    status: int, fault: ProviderFault, wire: str, connect: Connecting, ask: Asking
) -> None:
    body = b'{"error": {"message": "no", "type": "x"}}' if wire != "ollama" else b'{"error": "no"}'
    async with hostile(answering(status, body)) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, "k")), ask())

    assert error.fault is fault
    assert error.sentence.endswith(".")
    assert error.action
    assert len(server.requests) == 1, "an adapter never tries again by itself"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"message": "Try later.", "code": "busy"}}', "(503: Try later. (busy))"),
        (b'{"error": "Try later."}', "(503: Try later)"),
        (b'{"message": "Try later."}', "(503: Try later)"),
        (b"Try later.", "(503: Try later)"),
        (b'["odd"]', "(503: odd)"),
        (b'{"error": {"odd": [1]}}', "(503: {'odd': [1]})"),
        (b"\xff\xfe", "(503: "),
        (b"", "(503: no details)"),
    ],
)
async def test_error_body_of_any_shape_is_put_into_the_sentence(
    body: bytes, said: str, wire: str, connect: Connecting, ask: Asking
) -> None:
    async with hostile(answering(503, body)) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, "k")), ask())

    assert error.fault is ProviderFault.OVERLOADED
    assert said in error.sentence


async def test_wrong_key_names_the_variable_to_set(connect: Connecting, ask: Asking) -> None:
    async with hostile(answering(401, b'{"error": {"message": "invalid x-api-key"}}')) as server:
        error = await failing(connect(ProviderConfig("anthropic", server.url, "sk-wrong")), ask())

    assert (
        str(error) == f"Anthropic refused the key (401). Paste a valid key with access to {MODEL} in Settings, or set "
        "ANTHROPIC_API_KEY and start Studio again."
    )


@pytest.mark.parametrize("provider", ["anthropic", "openai", "groq", "gemini"])
async def test_absent_key_is_said_without_a_call(provider: str, connect: Connecting, ask: Asking) -> None:
    error = await failing(connect(ProviderConfig(provider)), ask())

    assert error.fault is ProviderFault.AUTH
    assert f"set {provider.upper()}_API_KEY" in error.action


async def test_unknown_ollama_model_says_how_to_fetch_it(connect: Connecting, ask: Asking) -> None:
    async with hostile(answering(404, b'{"error": "model \'small-1\' not found"}')) as server:
        error = await failing(connect(ProviderConfig("ollama", server.url)), ask())

    assert error.sentence == f"Ollama has no model named “{MODEL}”."
    assert error.action == f"Fetch it: studio models pull ollama/{MODEL}"


@pytest.mark.parametrize("url", ["http://[bad", "http://", "http://host:port", "http://host:99999/v1"])
def test_address_that_is_none_is_said_before_any_client_is_made(url: str, wire: str) -> None:
    with pytest.raises(ProviderError) as caught:
        MAKERS[wire](ProviderConfig(wire, url, "k"))

    assert caught.value.fault is ProviderFault.UNREACHABLE
    assert url in caught.value.sentence
    assert caught.value.action.startswith("Set ")


async def test_provider_that_is_down_is_named_with_its_address(wire: str, connect: Connecting, ask: Asking) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    error = await failing(connect(ProviderConfig(wire, url, "k")), ask())

    assert error.fault is ProviderFault.UNREACHABLE
    assert url in error.sentence
    assert ("OLLAMA_HOST" if wire == "ollama" else f"{wire.upper()}_BASE_URL") in error.action


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (400, b'{"error": {"message": "prompt is too long: 300000 tokens"}}', ProviderFault.CONTEXT_TOO_LONG),
        (400, b'{"error": {"code": "context_length_exceeded", "message": "x"}}', ProviderFault.CONTEXT_TOO_LONG),
        (429, b'{"error": {"code": "insufficient_quota", "message": "x"}}', ProviderFault.AUTH),
        (400, b'{"error": {"message": "Your credit balance is too low"}}', ProviderFault.AUTH),
    ],
)
async def test_provider_words_tell_faults_of_one_status_apart(
    status: int, body: bytes, fault: ProviderFault, connect: Connecting, ask: Asking
) -> None:
    async with hostile(answering(status, body)) as server:
        error = await failing(connect(ProviderConfig("openai", server.url, "k")), ask())

    assert error.fault is fault


async def test_redirect_is_not_followed(wire: str, connect: Connecting, ask: Asking) -> None:
    async with hostile(streaming(b"")) as thief, hostile(answering(307, headers={"location": thief.url})) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, "secret-key")), ask())

    assert "redirect" in error.sentence
    assert thief.requests == []


async def test_key_never_shows_in_an_error(wire: str, connect: Connecting, ask: Asking) -> None:
    body = b'{"error": {"message": "bad sk-secret-1 given"}}' if wire != "ollama" else b'{"error": "bad sk-secret-1"}'
    config = ProviderConfig(wire, api_key="sk-secret-1")
    async with hostile(answering(400, body)) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, "sk-secret-1")), ask())

    assert "sk-secret-1" not in str(error)
    assert "bad [key]" in str(error)
    assert "sk-secret-1" not in repr(config)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("overloaded_error", ProviderFault.OVERLOADED),
        ("api_error", ProviderFault.OVERLOADED),
        ("timeout_error", ProviderFault.OVERLOADED),
        ("rate_limit_error", ProviderFault.RATE_LIMITED),
        ("invalid_request_error", ProviderFault.BAD_REQUEST),
        ("authentication_error", ProviderFault.AUTH),
        ("never_heard_of", ProviderFault.OVERLOADED),
    ],
)
async def test_error_inside_an_anthropic_stream_is_told_by_its_type(
    kind: str, fault: ProviderFault, connect: Connecting, ask: Asking
) -> None:
    event = f'event: error\ndata: {{"type": "error", "error": {{"type": "{kind}", "message": "busy"}}}}\n\n'
    async with hostile(streaming(event.encode())) as server:
        error = await failing(connect(ProviderConfig("anthropic", server.url, "k")), ask())

    assert error.fault is fault
    assert error.may_have_cost


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ("", ProviderFault.OVERLOADED),
        (', "type": "server_error"', ProviderFault.OVERLOADED),
        (', "code": 502', ProviderFault.OVERLOADED),
        (', "code": 429', ProviderFault.RATE_LIMITED),
        (', "code": "rate_limit_exceeded"', ProviderFault.RATE_LIMITED),
        (', "code": "insufficient_quota"', ProviderFault.AUTH),
        (', "code": "context_length_exceeded"', ProviderFault.CONTEXT_TOO_LONG),
        (', "code": "tool_use_failed"', ProviderFault.BROKEN_STREAM),
        (', "type": "invalid_request_error"', ProviderFault.BAD_REQUEST),
    ],
)
async def test_error_inside_a_compatible_stream_is_told_by_its_code_or_type(
    fields: str, fault: ProviderFault, connect: Connecting, ask: Asking
) -> None:
    async with hostile(streaming(f'data: {{"error": {{"message": "worker died"{fields}}}}}\n\n'.encode())) as server:
        error = await failing(connect(ProviderConfig("openai", server.url, "k")), ask())

    assert error.fault is fault
    assert error.may_have_cost


@pytest.mark.parametrize("key", ["sk-one\nsk-two", "sk-“smart”-quotes"])
async def test_key_that_cannot_be_sent_is_said_without_a_call_and_never_shown(
    key: str, wire: str, connect: Connecting, ask: Asking
) -> None:
    async with hostile(streaming(REPLIES[wire])) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, key)), ask())

    assert (error.fault, server.requests) == (ProviderFault.AUTH, [])
    assert "another character that no key has" in error.sentence
    assert "sk-" not in str(error)


async def test_error_line_inside_an_ollama_stream_is_a_broken_reply(connect: Connecting, ask: Asking) -> None:
    async with hostile(streaming(b'{"error": "unexpected EOF"}\n')) as server:
        error = await failing(connect(ProviderConfig("ollama", server.url)), ask())

    assert error.fault is ProviderFault.BROKEN_STREAM


async def test_ollama_that_finds_the_chat_too_long_once_it_began_says_so(connect: Connecting, ask: Asking) -> None:
    async with hostile(streaming(b'{"error": "the input length exceeds the context length"}\n')) as server:
        error = await failing(connect(ProviderConfig("ollama", server.url)), ask())

    assert error.fault is ProviderFault.CONTEXT_TOO_LONG


async def test_what_comes_after_the_end_of_a_reply_is_not_waited_for(
    wire: str, connect: Connecting, ask: Asking
) -> None:
    async with hostile(stalling(REPLIES[wire])) as server:
        reply = await connect(ProviderConfig(wire, server.url, "k")).complete(ask(idle_seconds=5), nothing)

    assert reply.text == "Hello there"


def test_configuration_comes_from_the_environment_it_is_given() -> None:
    environment = {"GROQ_BASE_URL": " http://proxy/v1 ", "OLLAMA_HOST": "http://gpu:11434", "OTHER": "x"}

    assert config_of(BUILT_IN["groq"], environment).url == "http://proxy/v1"
    assert config_of(BUILT_IN["ollama"], environment).url == "http://gpu:11434"
    assert config_of(BUILT_IN["ollama"], {}).url == "http://127.0.0.1:11434"


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:11434", True),
        ("localhost:11434", True),
        ("http://[::1]:8080/v1", True),
        ("http://localhost.example.com", False),
        ("https://api.example.com/127.0.0.1", False),
    ],
)
def test_only_this_machine_is_reached_around_the_proxy(url: str, here: bool) -> None:
    assert ProviderConfig("ollama", url).on_this_machine is here


async def test_proxy_of_the_environment_is_not_asked_for_this_machine(
    wire: str, connect: Connecting, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hostile(answering(500)) as proxy, hostile(streaming(REPLIES[wire])) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        reply = await connect(ProviderConfig(wire, server.url, "k")).complete(ask(), nothing)

    assert reply.text == "Hello there"
    assert proxy.requests == []


async def test_proxy_of_the_environment_leads_to_other_machines(
    wire: str, connect: Connecting, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hostile(streaming(REPLIES[wire])) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        reply = await connect(ProviderConfig(wire, "http://models.invalid", "k")).complete(ask(), nothing)

    assert reply.text == "Hello there"
    assert proxy.requests[0].startswith(b"POST http://models.invalid/")


def test_every_provider_with_an_address_has_an_adapter() -> None:
    assert set(Registry().names) == set(MAKERS)
