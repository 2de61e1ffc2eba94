"""What providers offer: what is said of a model that its provider does not list."""

from __future__ import annotations

import pytest

from studio.domain.models import ModelCard, ModelRef
from studio.domain.offers import Listed, Offer

ANTHROPIC = Listed("Anthropic", ("claude-opus-4-6", "claude-sonnet-4-5-20250929"))


def test_a_misspelt_model_is_told_with_the_nearest_one_that_is_listed() -> None:
    said = ANTHROPIC.caution("claude-opus-4-7")
    assert said == "Anthropic does not list it. Did you mean claude-opus-4-6?"
    assert ANTHROPIC.caution("gpt") == "Anthropic does not list it."


@pytest.mark.parametrize(
    ("listed", "written"),
    [
        ("claude-opus-4-6", "claude-opus-4-6"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("gpt-5-2025-08-07", "gpt-5"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-latest"),
        ("qwen3:latest", "qwen3"),
    ],
)
def test_a_name_that_stands_for_an_edition_that_is_listed_is_right(listed: str, written: str) -> None:
    assert Listed("A provider", (listed,)).caution(written) == ""


def test_nothing_is_said_of_models_whose_provider_gave_no_list() -> None:
    offer = Offer(silent={"groq": "Groq"}, listed={"anthropic": ANTHROPIC})
    assert offer.caution(ModelRef("groq", "lama")) == ""
    assert offer.caution(ModelRef("anthropic", "lama")) == "Anthropic does not list it."


def test_providers_that_gave_no_list_are_named_in_one_sentence() -> None:
    assert Offer().silence == ""
    assert Offer(silent={"groq": "Groq"}).silence == "Groq gave no list of models."
    three = Offer(silent={"groq": "Groq", "ollama": "Ollama", "openai": "OpenAI"})
    assert three.silence == "Groq, Ollama and OpenAI gave no list of models."


def test_a_model_is_found_by_its_name_alone() -> None:
    offer = Offer((ModelCard(ModelRef("ollama", "qwen3:latest")),))
    assert offer.of_name("qwen3") == ModelRef("ollama", "qwen3:latest")
    assert offer.of_name("qwen2") is None
