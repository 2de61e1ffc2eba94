"""Gemini's own count of a request: its native endpoint, which takes the chat in native words and charges nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from studio.adapters.providers.calls import arguments_to_send, name_to_send, tokens
from studio.adapters.providers.gemini_words import PROVIDER, signatures_to_send
from studio.adapters.providers.pictures import BytesOf, base64_of
from studio.contracts.chat_model import ModelRequest
from studio.domain.images import Image
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef

_COMPATIBLE = "/openai"

KEY_HEADER = "x-goog-api-key"


def count_url(base_url: str, model: ModelRef) -> str | None:
    """Where the native endpoint beside the compatible one at `base_url` counts for `model`; None where none does."""
    base = base_url.rstrip("/")
    if model.provider != PROVIDER or not base.endswith(_COMPATIBLE):
        return None
    return f"{base.removesuffix(_COMPATIBLE)}/models/{model.name}:countTokens"


def body_to_count(request: ModelRequest, model: ModelRef) -> bytes:
    """The request in native words. A long chat takes milliseconds: call it in a thread."""
    names = {str(call.id): name_to_send(call) for message in request.messages for call in message.calls}
    turns = (_turn(message, names, model, request.pictures) for message in request.messages)
    asked: dict[str, Any] = {"model": f"models/{model.name}", "contents": [turn for turn in turns if turn["parts"]]}
    if request.system:
        asked["systemInstruction"] = {"parts": [{"text": request.system}]}
    if request.tools:
        told = [
            {"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.schema}
            for tool in request.tools
        ]
        asked["tools"] = [{"functionDeclarations": told}]
    return json.dumps({"generateContentRequest": asked}).encode("ascii")


def count_in(status: int, body: bytes) -> int | None:
    """What was counted; None for any answer that does not say so."""
    try:
        said = json.loads(body) if status == 200 else {}
    except ValueError:
        return None
    total = said.get("totalTokens") if isinstance(said, dict) else None
    return tokens(total) or None if isinstance(total, int) else None


def _turn(message: ChatMessage, names: dict[str, str], model: ModelRef, pictures: BytesOf) -> dict[str, Any]:
    role = "model" if message.speaker is Speaker.AGENT else "user"
    return {"role": role, "parts": list(_parts(message, names, model, pictures))}


def _parts(message: ChatMessage, names: dict[str, str], model: ModelRef, pictures: BytesOf) -> Iterable[dict[str, Any]]:
    for answer in message.answers:
        name = names.get(str(answer.call), "unknown")
        yield {"functionResponse": {"name": name, "response": {"output": answer.text or "(no output)"}}}
        yield from (_image(image, pictures) for image in answer.images)
    yield from (_image(image, pictures) for image in message.images)
    if message.text.strip():
        yield {"text": message.text}
    signatures = signatures_to_send(message, model)
    for call in message.calls:
        part: dict[str, Any] = {"functionCall": {"name": name_to_send(call), "args": arguments_to_send(call)}}
        signature = (signatures.get(str(call.id)) or {}).get("google", {}).get("thought_signature")
        yield part | ({"thoughtSignature": signature} if signature else {})


def _image(image: Image, pictures: BytesOf) -> dict[str, Any]:
    return {"inlineData": {"mimeType": image.type.value, "data": base64_of(image, pictures)}}
