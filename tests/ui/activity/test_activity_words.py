from __future__ import annotations

from studio.domain.events import ModelMeasured
from studio.ui.activity.words import sentence


def test_a_model_that_was_tried_out_is_told_with_its_figures() -> None:
    event = ModelMeasured("ollama/qwen3", 12_000, "text", 31.5)
    assert sentence(event) == "ollama/qwen3 · 12,000 tokens of context · calls tools: text · 31.5 tokens a second"
