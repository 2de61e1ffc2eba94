"""LM Studio, vLLM, llama.cpp and OpenRouter over the wire, each with what it does in its own way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.providers import openai
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelReply
from studio.domain.budgets import Payer
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.messages import FinishReason
from studio.domain.models import ModelCard, ModelRef
from studio.domain.providers import Provider, ProviderKind
from studio.domain.usage import Usage
from studio.router.failures import Failure
from studio.router.prices import Prices
from studio.router.registry import Registry
from studio.router.router import Router
from tests.fixtures.compatible_server import Answer, CompatibleServer, compatible, counted, delta, document, stream
from tests.fixtures.providers import Asking, nothing

READ = {"path": "a.py"}
PAYER = Payer(ProjectId("p1"), RunId("r1"), TurnId("t1"), 1, "engineer")


def config(server: CompatibleServer) -> ProviderConfig:
    provider = Provider("lab", ProviderKind.OPENAI_COMPATIBLE, "Lab", server.url, declared=True)
    return ProviderConfig("lab", server.url, "lab-key-0123456789", known=provider)


async def replied(ask: Asking, chat: Answer) -> tuple[ModelReply, list[tuple[str, str]]]:
    """The reply to one request, and the pieces that streamed in."""
    heard: list[tuple[str, str]] = []
    async with compatible(chat=chat) as server:
        model = openai.make(config(server))
        try:
            return await model.complete(ask(), lambda kind, text: heard.append((kind, text))), heard
        finally:
            await model.close()


async def failed(ask: Asking, chat: Answer) -> ProviderError:
    """The error that a request ends with."""
    with pytest.raises(ProviderError) as caught:
        await replied(ask, chat)
    return caught.value


async def listed(**answers: Answer) -> tuple[ModelCard, ...]:
    """The models that a server offers."""
    async with compatible(**answers) as server:
        model = openai.make(config(server))
        try:
            return await model.list_models()
        finally:
            await model.close()


def call(name: str = "", arguments: Any = "", **more: Any) -> dict[str, Any]:
    """A piece of a tool call."""
    return {"tool_calls": [{"function": {"name": name or None, "arguments": arguments}, "type": "function", **more}]}


KEEP_ALIVE = ": OPENROUTER PROCESSING\n\n"


async def test_openrouter_keeps_the_line_open_with_comments_and_thinks_under_reasoning(ask: Asking) -> None:
    details = {"prompt_tokens_details": {"cached_tokens": 60}, "completion_tokens_details": {"reasoning_tokens": 7}}
    reply, heard = await replied(
        ask,
        stream(
            *(KEEP_ALIVE, KEEP_ALIVE),
            delta({"role": "assistant", "content": "", "reasoning": "Read it.", "reasoning_details": []}),
            KEEP_ALIVE,
            delta({"content": "Hello", "reasoning": None}, native_finish_reason=None),
            delta({"content": ""}, "stop", native_finish_reason="end_turn"),
            counted(100, 20, cost=0.0012, **details),
        ),
    )

    assert (reply.text, reply.thinking, reply.finish) == ("Hello", "Read it.", FinishReason.STOP)
    assert reply.usage == Usage(100, 20, cache_read=60)
    assert reply.counted
    assert heard == [("thinking", "Read it."), ("text", "Hello")]


@pytest.mark.parametrize(
    ("code", "message", "fault", "said"),
    [
        (
            502,
            "Provider returned error",
            ProviderFault.OVERLOADED,
            "a problem of its own (502: Provider returned error",
        ),
        (429, "Rate limit exceeded", ProviderFault.RATE_LIMITED, "refusing more calls"),
        (402, "This request requires more credits", ProviderFault.AUTH, "has no credit left"),
        (400, "maximum context length is 8192 tokens", ProviderFault.CONTEXT_TOO_LONG, "too long for small-1"),
    ],
)
async def test_openrouters_error_inside_a_stream_is_what_its_code_says_and_may_cost(
    ask: Asking, code: int, message: str, fault: ProviderFault, said: str
) -> None:
    last = delta({"content": ""}, "error", error={"code": code, "message": message, "metadata": {"x": 1}})
    error = await failed(ask, stream(KEEP_ALIVE, delta({"content": "Hel"}), last))

    assert error.fault is fault
    assert said in error.sentence
    assert error.may_have_cost


async def test_an_error_under_200_in_one_piece_is_what_its_code_says(ask: Asking) -> None:
    error = await failed(ask, document({"error": {"code": 429, "message": "Slow down"}, "user_id": "u"}))

    assert error.fault is ProviderFault.RATE_LIMITED
    assert "Slow down" in error.sentence
    assert error.may_have_cost


async def test_an_end_by_error_that_says_nothing_is_no_reply(ask: Asking) -> None:
    error = await failed(ask, stream(delta(call("read", '{"path": "a.py"}', index=0, id="1")), delta({}, "error")))

    assert error.fault is ProviderFault.BROKEN_STREAM


@pytest.mark.parametrize(
    ("said", "billed"),
    [
        ({"cost": 0.00123456}, 1_234_560),
        ({"cost": 0}, 0),
        ({"cost": 0.0001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.002}}, 2_100_000),
        ({"cost": 0.0001, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.002}}, 100_000),
        ({"cost": float("nan")}, None),
        ({"cost": -1}, None),
        ({"cost": "0.1"}, None),
        ({"cost": 1e30}, None),
        ({"cost": True}, None),
        ({}, None),
    ],
)
async def test_what_openrouter_charges_is_what_it_says(ask: Asking, said: dict[str, Any], billed: int | None) -> None:
    reply, _ = await replied(ask, stream(delta({"content": "Hello"}), delta({}, "stop"), counted(100, 20, **said)))

    assert reply.billed_nusd == billed


@pytest.mark.parametrize("local", [False, True])
async def test_the_bill_of_a_call_counts_where_no_price_is_known_and_where_it_was_to_cost_nothing(
    ask: Asking, local: bool
) -> None:
    said = stream(delta({"content": "Hello"}), delta({}, "stop"), counted(100, 20, cost=0.0012))
    async with compatible(chat=said) as server:
        provider = replace(config(server).provider, is_local=local, is_free=local)
        prices = Prices(None, Registry([provider]))
        router = Router(lambda _name: openai.make(config(server)), prices, SystemClock())

        async def fails(_failure: Failure) -> None:
            return

        done = await router.complete((ModelRef("lab", "small-1"),), ask(), PAYER, nothing, fails)
        await router.close()

    assert done.cost_nusd == 1_200_000
    assert not prices.is_free(done.model)


async def test_openrouters_models_say_their_window_and_whether_they_take_tools() -> None:
    models = [
        {"id": "a/b:free", "context_length": 131072, "supported_parameters": ["max_tokens", "tools"], "pricing": {}},
        {"id": "c/d", "context_length": 8192, "supported_parameters": ["max_tokens"], "top_provider": {}},
    ]

    assert await listed(models=document({"data": models})) == (
        ModelCard(ModelRef("lab", "a/b:free"), 131_072, True),
        ModelCard(ModelRef("lab", "c/d"), 8192, False),
    )


async def test_vllm_sends_thinking_an_end_without_usage_and_then_the_usage(ask: Asking) -> None:
    reply, _ = await replied(
        ask,
        stream(
            delta({"role": "assistant", "content": ""}, usage=None),
            delta({"reasoning_content": "Read "}, usage=None),
            delta({"reasoning": "it."}, usage=None),
            delta(call("read", "", index=0, id="chatcmpl-tool-1"), usage=None),
            delta(call("", '{"path": ', index=0), usage=None),
            delta(call("", '"a.py"}', index=0), usage=None),
            delta({"content": ""}, "tool_calls", usage=None, stop_reason=None),
            counted(30, 9, prompt_tokens_details=None),
        ),
    )

    assert reply.thinking == "Read it."
    assert [(each.name, each.arguments) for each in reply.calls] == [("read", READ)]
    assert (reply.finish, reply.usage) == (FinishReason.TOOL_CALLS, Usage(30, 9))


async def test_vllms_flat_error_inside_a_stream_is_an_error(ask: Asking) -> None:
    flat = {"object": "error", "message": "EngineCore died", "type": "InternalServerError", "param": None, "code": 500}
    error = await failed(ask, stream(delta({"content": "Hel"}), flat))

    assert error.fault is ProviderFault.OVERLOADED
    assert "500: EngineCore died" in error.sentence


async def test_vllms_refusal_of_a_chat_that_is_too_long_is_known_as_that(ask: Asking) -> None:
    words = "The decoder prompt (length 5000) is longer than the maximum model length of 4096."
    error = await failed(ask, document({"object": "error", "message": words, "code": 400}, 400))

    assert error.fault is ProviderFault.CONTEXT_TOO_LONG


async def test_vllms_models_say_their_window() -> None:
    model = {"id": "qwen", "object": "model", "created": 1, "owned_by": "vllm", "max_model_len": 40960}

    assert await listed(models=document({"object": "list", "data": [model]})) == (
        ModelCard(ModelRef("lab", "qwen"), 40_960),
    )


async def test_llama_cpp_is_asked_for_the_window_that_it_was_started_with() -> None:
    model = {"id": "m.gguf", "object": "model", "owned_by": "llamacpp", "meta": {"n_ctx_train": 262_144}}
    props = {"default_generation_settings": {"n_ctx": 8192}, "total_slots": 4}

    cards = await listed(models=document({"object": "list", "data": [model]}), props=document(props))
    assert cards == (ModelCard(ModelRef("lab", "m.gguf"), 8192),)

    newer = {**model, "meta": {"n_ctx": 4096, "n_ctx_train": 262_144}}
    assert (await listed(models=document({"data": [newer]})))[0].context_tokens == 4096


async def test_llama_cpp_that_says_no_more_is_listed_all_the_same() -> None:
    model = {"id": "m.gguf", "object": "model", "owned_by": "llamacpp", "meta": {"n_ctx_train": 262_144}}

    assert await listed(models=document({"data": [model]})) == (ModelCard(ModelRef("lab", "m.gguf")),)


@pytest.mark.parametrize("status", [400, 500])
async def test_llama_cpp_refuses_what_is_longer_than_its_window(ask: Asking, status: int) -> None:
    words = "the request exceeds the available context size. try increasing the context size or enable context shift"
    body = {"error": {"code": status, "message": words, "type": "exceed_context_size_error", "n_ctx": 256}}

    assert (await failed(ask, document(body, status))).fault is ProviderFault.CONTEXT_TOO_LONG
    assert (await failed(ask, stream(body))).fault is ProviderFault.CONTEXT_TOO_LONG


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"),
        (404, "No endpoints found that support image input"),
    ],
)
async def test_a_model_that_cannot_see_refuses_the_request_and_is_neither_broken_nor_missing(
    ask: Asking, status: int, words: str
) -> None:
    error = await failed(ask, document({"error": {"code": status, "message": words}}, status))

    assert error.fault is ProviderFault.BAD_REQUEST


async def test_llama_cpp_that_still_loads_its_model_is_asked_again_later(ask: Asking) -> None:
    body = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    error = await failed(ask, document(body, 503))

    assert error.retryable
    assert "503: Loading model" in error.sentence


async def test_an_end_without_done_and_without_usage_is_a_reply_of_which_the_tokens_are_guessed(ask: Asking) -> None:
    reply, _ = await replied(ask, stream(delta({"content": "Hello"}), delta({}, "stop"), done=False))

    assert reply.text == "Hello"
    assert not reply.counted


async def test_a_last_piece_without_a_delta_ends_the_reply(ask: Asking) -> None:
    last = {"choices": [{"index": 0, "delta": None, "finish_reason": "stop"}]}
    reply, _ = await replied(ask, stream(delta({"content": "Hello"}), last))

    assert (reply.text, reply.finish) == ("Hello", FinishReason.STOP)


@pytest.mark.parametrize(
    "body",
    [
        'event: error\ndata: {"error": {"message": "The model has crashed without additional information."}}\n\n',
        'event: error\ndata: {"error": "The model has crashed without additional information."}\n\n',
    ],
)
async def test_lm_studios_error_event_is_an_error_with_its_words(ask: Asking, body: str) -> None:
    error = await failed(ask, stream(delta({"content": "Hel"}), body, done=False))

    assert error.fault is ProviderFault.OVERLOADED
    assert "The model has crashed" in error.sentence
    assert error.may_have_cost


async def test_lm_studio_is_asked_for_the_window_that_a_model_is_loaded_with() -> None:
    models = [
        {"id": "qwen3", "object": "model", "owned_by": "organization_owner"},
        {"id": "nomic", "object": "model", "owned_by": "organization_owner"},
    ]
    native = [
        {
            "id": "qwen3",
            "type": "llm",
            "state": "loaded",
            "max_context_length": 131_072,
            "loaded_context_length": 4096,
            "capabilities": ["tool_use"],
        },
        {"id": "nomic", "type": "embeddings", "state": "not-loaded", "max_context_length": 2048},
    ]
    cards = await listed(models=document({"data": models}), native=document({"object": "list", "data": native}))

    assert cards == (ModelCard(ModelRef("lab", "qwen3"), 4096, True), ModelCard(ModelRef("lab", "nomic"), 2048))


def _two(*pieces: dict[str, Any]) -> Answer:
    return stream(*(delta(piece) for piece in pieces), delta({}, "tool_calls"))


OTHER = '{"path": "b.py"}'
PARALLEL: dict[str, Answer] = {
    "as the protocol says": _two(
        call("read", "", index=0, id="1"),
        call("", '{"path": "a.py"}', index=0),
        call("read", "", index=1, id="2"),
        call("", OTHER, index=1),
    ),
    "one index, new ids": _two(
        call("read", "", index=0, id="1"),
        call("", '{"path": "a.py"}', index=0, id=""),
        call("read", "", index=0, id="2"),
        call("", OTHER, index=0, id=""),
    ),
    "one index, the id with every piece": _two(
        call("read", "", index=0, id="0"),
        call("", '{"path": "a.py"}', index=0, id="0"),
        call("read", "", index=0, id="1"),
        call("", OTHER, index=0, id="1"),
    ),
    "another id with every piece": _two(
        call("read", "", index=0, id="a"),
        call("", '{"path": ', index=0, id="b"),
        call("", '"a.py"}', index=0, id="c"),
        call("read", "", index=1, id="d"),
        call("", OTHER, index=1, id="e"),
    ),
    "the name with every piece": _two(
        call("read", '{"path": ', index=0, id="a"),
        call("read", '"a.py"}', index=0, id="a"),
        call("read", OTHER, index=1, id="b"),
    ),
    "no index and no id": _two(call("read", '{"path": "a.py"}'), call("read", OTHER)),
    "arguments that are no text": _two(call("read", READ, index=0), call("read", {"path": "b.py"}, index=1)),
    "both in one piece": _two(
        {"tool_calls": [*call("read", '{"path": "a.py"}')["tool_calls"], *call("read", OTHER)["tool_calls"]]}
    ),
}


@pytest.mark.parametrize("way", PARALLEL)
async def test_two_calls_are_two_calls_however_a_server_numbers_them(ask: Asking, way: str) -> None:
    reply, _ = await replied(ask, PARALLEL[way])

    assert [(each.name, each.arguments) for each in reply.calls] == [("read", READ), ("read", {"path": "b.py"})]


async def test_calls_without_arguments_stay_apart(ask: Asking) -> None:
    reply, _ = await replied(
        ask, _two(call("list", "", index=0, id="1"), call("plan", "", index=0, id="2"), call("", "{}", index=0))
    )

    assert [(each.name, each.arguments) for each in reply.calls] == [("list", {}), ("plan", {})]


REFUSED = document(
    {"error": {"message": "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens'."}}, 400
)


async def test_a_server_that_knows_the_output_limit_by_its_newer_name_alone_is_asked_by_that_from_then_on(
    ask: Asking,
) -> None:
    done = stream(delta({"content": "Hello"}), delta({}, "stop"))
    async with compatible(chat=(REFUSED, done)) as server:
        model = openai.make(config(server))
        for _ in range(2):
            await model.complete(ask(), nothing)
        await model.close()

    names = [next(name for name in body if name.startswith("max_")) for body in server.bodies]
    assert names == ["max_tokens", "max_completion_tokens", "max_completion_tokens"]


async def test_a_server_that_knows_neither_name_is_asked_twice_and_no_more(ask: Asking) -> None:
    neither = document({"error": {"message": "Unsupported: max_tokens, max_completion_tokens."}}, 400)
    async with compatible(chat=neither) as server:
        model = openai.make(config(server))
        with pytest.raises(ProviderError) as caught:
            await model.complete(ask(), nothing)
        await model.close()

    assert caught.value.fault is ProviderFault.BAD_REQUEST
    assert len(server.bodies) == 2
