"""Images in messages and results, as each provider's wire takes them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from studio.adapters.providers import anthropic_words, ollama_words, openai_words
from studio.adapters.providers.calls import estimated_usage
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.pictures import to_see
from studio.contracts.chat_model import ModelRequest
from studio.domain.ids import CallId
from studio.domain.images import ImageType, image_of
from studio.domain.messages import ChatMessage, Speaker, ToolAnswer, ToolCall
from studio.domain.models import ModelRef
from studio.domain.sight import EVERY, NONE
from tests.fixtures.hostile_provider import answering, hostile
from tests.fixtures.images import gif, png
from tests.fixtures.providers import Connecting

DATA, OTHER = png(), png(4, 4)
LOGO, SHOT = image_of(DATA), image_of(OTHER)
READ = ToolCall(CallId("c00000001"), "read", {"path": "shot.png"})
CHAT = (
    ChatMessage(Speaker.HUMAN, "Like this?", images=(LOGO,)),
    ChatMessage(Speaker.AGENT, "I look.", calls=(READ,)),
    ChatMessage(Speaker.HUMAN, answers=(ToolAnswer(READ.id, True, "shot.png is an image.", (SHOT,)),)),
)
PICTURES = {LOGO.hash: DATA, SHOT.hash: OTHER}
REQUEST = ModelRequest("m", "", CHAT, pictures=PICTURES)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_anthropic_gets_an_image_before_the_text_and_within_the_result() -> None:
    said, _, result = anthropic_words.messages_to_send(CHAT, ModelRef("anthropic", "m"), pictures=PICTURES)
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(DATA)}}
    assert list(said["content"]) == [
        image,
        {"type": "text", "text": "Like this?", "cache_control": {"type": "ephemeral"}},
    ]
    answer: Any = next(iter(result["content"]))
    assert [part["type"] for part in answer["content"]] == ["text", "image"]
    assert answer["content"][1]["source"]["data"] == b64(OTHER)


def test_openai_gets_a_results_images_in_a_message_after_it() -> None:
    said, _, result, images = openai_words.messages_to_send("", CHAT, ModelRef("openai", "gpt-5"), PICTURES)
    first: Any = said["content"]
    assert first[0]["image_url"]["url"] == f"data:image/png;base64,{b64(DATA)}"
    assert result["content"] == "shot.png is an image."
    parts: Any = images["content"]
    assert (images["role"], parts[0]["text"]) == (
        "user",
        "The images that belong to the results above, in their order:",
    )
    assert parts[1]["image_url"]["url"].endswith(b64(OTHER))


def test_ollama_gets_the_bytes_beside_the_text() -> None:
    said, _, result, images = ollama_words.messages_to_send("", CHAT, PICTURES)
    assert said["images"] == [DATA]
    assert "images" not in result
    assert (images["role"], images["images"]) == ("user", [OTHER])


def test_a_model_that_cannot_look_reads_what_it_is_not_shown() -> None:
    said, _, result = to_see(REQUEST, NONE).messages
    blind = "not shown, as this model cannot look at PNG images.]"
    assert (said.images, said.text) == ((), f"Like this?\n[PNG image, 3×2: {blind}")
    assert result.answers[0].text == f"shot.png is an image.\n[PNG image, 4×4: {blind}"


def test_a_kind_of_image_that_a_model_cannot_look_at_is_told_apart() -> None:
    moving = image_of(gif())
    request = ModelRequest("m", "", (ChatMessage(Speaker.HUMAN, "", images=(LOGO, moving)),), pictures=PICTURES)
    (said,) = to_see(request, EVERY - {ImageType.GIF}).messages
    assert (said.images, said.text) == (
        (LOGO,),
        "[GIF image, 3×2: not shown, as this model cannot look at GIF images.]",
    )


def test_an_image_without_bytes_is_said_to_be_gone() -> None:
    said, *_ = to_see(ModelRequest("m", "", CHAT), EVERY).messages
    assert "shown too long ago" in said.text


def test_an_image_counts_in_what_a_call_is_thought_to_use() -> None:
    large = image_of(png(1500, 1000))
    request = ModelRequest("m", "", (ChatMessage(Speaker.HUMAN, "", images=(large,)),))
    assert estimated_usage(request, 0).input > 1500


@pytest.mark.parametrize(("can", "sees"), [(["completion", "vision"], True), (["completion"], False), (None, False)])
async def test_ollama_says_of_each_model_whether_it_sees(
    can: list[str] | None, sees: bool, connect: Connecting
) -> None:
    said = {"message": {"role": "assistant", "content": "Ok."}, "done": True, "done_reason": "stop"}
    body = json.dumps(
        {"model": "m", "model_info": {}, **said, **({"capabilities": can} if can is not None else {})}
    ).encode()
    async with hostile(answering(200, body + b"\n")) as server:
        model = connect(ProviderConfig("ollama", server.url))
        for _ in range(2):
            assert (await model.complete(REQUEST, lambda kind, text: None)).text == "Ok."
    asked = [request.split(b" ", 2)[1] for request in server.requests]
    assert asked == [b"/api/show", b"/api/chat", b"/api/ps", b"/api/chat"]
    assert (b64(OTHER).encode() in server.requests[1]) is sees
