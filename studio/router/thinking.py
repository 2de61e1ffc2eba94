"""Thinking: what a request's wish to think comes to with one model, and within the output that is paid for."""

from __future__ import annotations

from dataclasses import replace

from studio.contracts.chat_model import ModelRequest
from studio.domain.models import ModelRef
from studio.domain.thinking import LEAST_TOKENS, OFF, Form, began_thinking, form_of

LEAST_REPLY = 1024
"""What is left for the reply itself when thinking is shortened."""


def for_model(request: ModelRequest, model: ModelRef) -> ModelRequest:
    """The request as `model` is sent it: thoughts are output, so there is room for as much more of it."""
    form, wanted = form_of(model), request.thinking
    if form is Form.UNTOLD:
        return replace(request, thinking=None)
    if not wanted:
        return request
    if form is Form.BUDGET and not began_thinking(request.messages, model):
        return replace(request, thinking=OFF)
    wanted = max(wanted, LEAST_TOKENS)
    return replace(request, thinking=wanted, max_output_tokens=request.max_output_tokens + wanted)


def within(request: ModelRequest, max_output_tokens: int) -> ModelRequest:
    """The request with so much output at most, part of which is left to the reply: thinking gives way first."""
    thinking = request.thinking
    if thinking and max_output_tokens < request.max_output_tokens:
        room = max_output_tokens - LEAST_REPLY
        thinking = min(thinking, room) if room >= LEAST_TOKENS else OFF
    return replace(request, max_output_tokens=max_output_tokens, thinking=thinking)
