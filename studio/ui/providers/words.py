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
    """What came of a test, a line for each matter."""
    lines = [_models(test.models)] if test.models else []
    if test.model:
        model = shown(test.model)
        lines.append(f"{model} called the tool as it was told." if test.called else f"{model} was asked.")
    if test.tokens_per_second is not None and test.first_token_ms is not None:
        lines.append(f"{test.tokens_per_second:.0f} tokens a second, the first after {test.first_token_ms:.0f} ms.")
    if test.input or test.output:
        lines.append(f"The test cost {show(test.cost_nusd)}.")
    return "\n".join([*lines, test.fault] if test.fault else lines)


def _models(names: tuple[str, ...]) -> str:
    return f"{len(names)} model{'' if len(names) == 1 else 's'}: {some_of(tuple(map(shown, names)))}."
