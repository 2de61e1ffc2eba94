"""What is said of a provider that was asked: its models, and what came of a test."""

from __future__ import annotations

from studio.domain.models import ModelCard
from studio.domain.money import show
from studio.domain.provider_tests import ProviderTest, some_of
from studio.ui.widgets.names import shown


def listed(cards: tuple[ModelCard, ...]) -> str:
    """The models that a provider lists."""
    return _models(tuple(card.ref.name for card in cards)) if cards else "It answers, and has no model yet."


def tested(test: ProviderTest) -> str:
    """What came of a test: whether agents can work with it, then what it has."""
    model = shown(test.model)
    verdict = f"{model} called the tool as it was told." if test.passed else test.fault
    if model and not test.passed:
        verdict = f"{model}: {verdict}"
    models = [_models(test.models)] if test.models else []
    return "\n".join([" ".join([verdict, *_figures(test)]), *models])


def _figures(test: ProviderTest) -> list[str]:
    figures = []
    if test.tokens_per_second is not None and test.first_token_ms is not None:
        figures.append(f"{test.tokens_per_second:,.0f} tokens a second, the first after {test.first_token_ms:,.0f} ms.")
    if test.input or test.output:
        figures.append(f"The test cost {show(test.cost_nusd)}.")
    return figures


def _models(names: tuple[str, ...]) -> str:
    return f"{len(names)} model{'' if len(names) == 1 else 's'}: {some_of(tuple(map(shown, names)))}."
