"""What the chat calls things."""

import pytest

from studio.ui.chat.words import model_choice, model_title


@pytest.mark.parametrize(
    ("model", "title", "choice"),
    [
        ("auto/role", "By role", "By role (auto/role)"),
        ("auto/fast", "Fast tier", "Fast tier (auto/fast)"),
        ("openai/gpt-5", "gpt-5", "openai/gpt-5"),
        ("scripted//tmp/s.json", "scripted, no AI", "scripted//tmp/s.json (scripted, no AI)"),
    ],
)
def test_models_have_names_for_people(model: str, title: str, choice: str) -> None:
    assert (model_title(model), model_choice(model)) == (title, choice)
