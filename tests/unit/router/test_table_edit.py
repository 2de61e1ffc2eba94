from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.models import ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import Preference
from studio.router.registry import Registry
from studio.router.table_edit import put_preference, put_role, put_tier
from studio.router.table_file import read_table

HAIKU, GPT, LLAMA, SMALL = (
    ModelRef.parse(name) for name in ("anthropic/haiku", "openai/gpt", "groq/llama", "ollama/small:4b")
)
WRITTEN = """\
# What we use, agreed in March.
prefer = "cloud"  # local is slow here

[tiers]
fast = [
    # cheap, and good enough
    "groq/llama",
    "anthropic/haiku",  # for long texts
    # none of the big ones here
]
strong = ["openai/gpt"]

[roles]
tester = "fast"  # it only runs tests
"""


def changed(text: str, put: Callable[..., None], *given: object) -> str:
    """The file after a change."""
    document = tomlkit.parse(text)
    put(document, *given)
    return tomlkit.dumps(document)


def test_a_changed_tier_keeps_every_comment_each_with_its_model() -> None:
    after = changed(WRITTEN, put_tier, Tier.FAST, ((HAIKU,), (SMALL,), (LLAMA,)))
    assert after == WRITTEN.replace(
        """\
    # cheap, and good enough
    "groq/llama",
    "anthropic/haiku",  # for long texts
    # none""",
        """\
    "anthropic/haiku", # for long texts
    "ollama/small:4b",
    # cheap, and good enough
    "groq/llama",
    # none""",
    )


def test_a_preference_is_written_where_it_stands_and_else_above_all_tables() -> None:
    assert changed(WRITTEN, put_preference, Preference.LOCAL) == WRITTEN.replace('"cloud"', '"local"')
    assert (
        changed("[tiers]\nfast = []\n", put_preference, Preference.LOCAL) == 'prefer = "local"\n\n[tiers]\nfast = []\n'
    )


def test_a_role_gets_another_tier_and_loses_it_again() -> None:
    given_one = changed(WRITTEN, put_role, "architect", Tier.STRONG)
    assert given_one.endswith('tester = "fast"  # it only runs tests\narchitect = "strong"\n')
    assert changed(given_one, put_role, "architect", None) == WRITTEN
    assert changed(WRITTEN, put_role, "nobody", None) == WRITTEN


models = st.builds(
    ModelRef, st.sampled_from(["ollama", "groq", "openai"]), st.from_regex(r"[a-z#'.:/-]{1,8}", fullmatch=True)
)
tiers = st.lists(models, max_size=5, unique=True).map(lambda found: tuple((model,) for model in found))


@given(before=st.dictionaries(st.sampled_from(Tier), tiers), tier=st.sampled_from(Tier), lines=tiers)
def test_what_is_written_is_read_again_and_no_other_tier_changes(
    before: dict[Tier, tuple[tuple[ModelRef, ...], ...]], tier: Tier, lines: tuple[tuple[ModelRef, ...], ...]
) -> None:
    text = ""
    for each, found in before.items():
        text = changed(text, put_tier, each, found)
    table = read_table(changed(text, put_tier, tier, lines), Path("models.toml"), Registry())
    assert {each: table.lines(each) for each in Tier} == {each: before.get(each, ()) for each in Tier} | {tier: lines}
