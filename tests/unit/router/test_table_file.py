from __future__ import annotations

from pathlib import Path

import pytest

from studio.domain.errors import UserError
from studio.domain.models import ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import Preference, RoutingTable
from studio.router.registry import Registry
from studio.router.table_file import load_table


def test_a_table_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text('prefer = "local"\n[tiers]\nfast = ["ollama/qwen3:4b"]\n[roles]\ntester = "fast"\n')
    fast = (ModelRef("ollama", "qwen3:4b"),)
    assert load_table(path, Registry()) == RoutingTable({Tier.FAST: (fast,)}, Preference.LOCAL, {"tester": Tier.FAST})


def test_models_of_an_inner_list_share_a_line(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text('[tiers]\nfast = [["groq/a", "openai/b"], "ollama/c", [], ["ollama/d"]]\n')
    a, b, c, d = map(ModelRef.parse, ("groq/a", "openai/b", "ollama/c", "ollama/d"))
    table = load_table(path, Registry())
    assert table.tiers[Tier.FAST] == ((a, b), (c,), (d,))
    assert table.compared == (a, b)


def test_without_a_file_there_is_no_table(tmp_path: Path) -> None:
    assert load_table(tmp_path / "models.toml", Registry()).models == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tiers]\nfats = []\n", "tiers.fats: there is no such field. Did you mean fast?"),
        ("tires = 1\n", "tires: there is no such field. Did you mean tiers?"),
        ("tiers = 3\n", "tiers: it is no table. Write [tiers]"),
        ('prefer = "clouds"\n', "prefer: 'clouds' is none. Write one of: cloud, local."),
        ("prefer = 3\n", "prefer: 3 is none."),
        ("[tiers]\nfast = 'ollama/a'\n", "tiers.fast: it is no list of model names."),
        ("[tiers]\nfast = [1]\n", "tiers.fast: it is no list of model names."),
        ("[tiers]\nfast = [[['groq/a']]]\n", "tiers.fast: it is no list of model names."),
        ("[tiers]\nfast = ['olama/a']\n", "tiers.fast: There is no provider “olama”. Did you mean ollama?"),
        ("[tiers]\nfast = ['auto/role']\n", "tiers.fast: auto/role stands for this table itself."),
        ("[roles]\ntester = 'quick'\n", "roles.tester: 'quick' is none. Write one of: fast, standard, strong."),
        ("[tiers\n", "cannot be read"),
    ],
)
def test_a_mistake_is_told_with_its_field_and_what_may_stand_there(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "models.toml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        load_table(path, Registry())
    assert said in f"{caught.value.sentence} {caught.value.action}"
    assert "models.toml" in caught.value.sentence
