"""What is said of a provider that was asked: its models, and what came of a test."""

from __future__ import annotations

from dataclasses import dataclass

from studio.domain.models import ModelCard
from studio.domain.money import show
from studio.domain.provider_tests import ProviderTest, some_of
from studio.ui.widgets.names import shown


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking: what is wrong, empty where nothing is, and what is known besides."""

    fault: str = ""
    facts: str = ""


def listed(cards: tuple[ModelCard, ...]) -> Answer:
    """The models that a provider lists."""
    if not cards:
        return Answer("It answers, and has no model yet.")
    return Answer(facts=_models(tuple(card.ref.name for card in cards)))


def tested(test: ProviderTest) -> Answer:
    """What came of a test: whether agents can work with it, then what it has."""
    model = shown(test.model)
    verdict, fault = [f"{model} called the tool as it was told."], ""
    if not test.passed:
        verdict, fault = [], f"{model}: {test.fault}" if model else test.fault
    models = [_models(test.models)] if test.models else []
    lines = [" ".join([*verdict, *_figures(test)]), *models]
    return Answer(fault, "\n".join(line for line in lines if line))


def _figures(test: ProviderTest) -> list[str]:
    figures = []
    if test.tokens_per_second is not None and test.first_token_ms is not None:
        figures.append(f"{test.tokens_per_second:,.0f} tokens a second, the first after {test.first_token_ms:,.0f} ms.")
    if test.input or test.output:
        figures.append(f"The test cost {show(test.cost_nusd)}.")
    return figures


def _models(names: tuple[str, ...]) -> str:
    return f"{len(names)} model{'' if len(names) == 1 else 's'}: {some_of(tuple(map(shown, names)))}."
