"""An experiment's file, what a new run draws in it, and what becomes of a run."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.agents.experiment_files import read_experiment
from studio.agents.experiments import Experiments
from studio.agents.outcomes import RunOutcome, outcome_of
from studio.base.resources import resource
from studio.domain.errors import UserError
from studio.domain.events import BranchMerged, Event, HandedOff, Recorded, RunDiscarded, TurnEnded, TurnStarted
from studio.domain.experiments import Experiment
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.roles import Limits, ResultField, ResultType, Role
from studio.domain.runs import Outcome, Run
from tests.fixtures.memory import NOON, a_project, a_run

USUAL, OTHER = ModelRef("ollama", "library/qwen3"), ModelRef("openai", "gpt")
FIELD = ResultField("summary", ResultType.TEXT, "what was done")
ENGINEER = Role("engineer", "Engineer", "Changes code.", "As it is.", ("read",), Limits(), result=(FIELD,))
SHORT = """\
role = "engineer"
about = "Does a short prompt do?"

[[variant]]
name = "as it is"

[[variant]]
name = "short"
prompt = "Be brief."
"""
MODELS = SHORT.replace('prompt = "Be brief."', 'model = "openai/gpt"')


class Folder:
    """Experiments as a person keeps them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = {"ollama", "openai"}
        self.usual: ModelRef | None = USUAL

    def write(self, name: str, text: str) -> None:
        """Puts a file there."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / f"{name}.toml").write_text(text)

    @property
    def experiments(self) -> Experiments:
        """As the program has them."""
        return Experiments(self.folder, resource("roles"), self._require, self._default)

    def _require(self, model: ModelRef) -> None:
        if model.provider not in self.keys:
            raise UserError(f"{model} needs a key.")

    async def _default(self) -> ModelRef:
        if self.usual is None:
            raise UserError("No model can be used.")
        return self.usual

    async def drawn(self, count: int = 200, *, named: bool = False, project: str = "shop", **run: object) -> list[str]:
        """What so many new runs draw, without those that take no part."""
        joined = [
            (await self.experiments.draw(fresh(number, **run), ENGINEER, project, named=named))[1]
            for number in range(count)
        ]
        return [each.variant for each in joined if each is not None]


def fresh(number: int, **changes: object) -> Run:
    """A new run; the same number has the same id."""
    return a_run(a_project(), id=RunId(f"r{number:08x}"), model=USUAL, **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "experiments")


async def test_new_runs_draw_one_of_two_variants_about_as_often(folder: Folder) -> None:
    folder.write("short-prompt", SHORT)
    drawn = Counter(await folder.drawn(400))
    assert set(drawn) == {"as it is", "short"}
    # The ids are always the same ones, and so is what they draw.
    assert all(160 <= count <= 240 for count in drawn.values())
    assert sum(drawn.values()) == 400


async def test_only_the_share_of_new_runs_takes_part(folder: Folder) -> None:
    folder.write("short-prompt", f"share = 0.25\n{SHORT}")
    assert 70 <= len(await folder.drawn(400)) <= 130


async def test_a_run_that_is_asked_for_again_draws_the_same(folder: Folder) -> None:
    folder.write("short-prompt", SHORT)
    assert await folder.drawn(30) == await folder.drawn(30)


async def test_a_prompt_takes_the_place_of_the_roles_and_still_says_what_is_handed_over(folder: Folder) -> None:
    folder.write("short-prompt", SHORT.replace("Be brief.", "Be brief.\\n@include text-from-files"))
    joined = [(await folder.experiments.draw(fresh(number), ENGINEER, "shop", named=False))[1] for number in range(20)]
    prompts = {each.variant: each.prompt for each in joined if each is not None}
    assert prompts["as it is"] == ""
    assert prompts["short"].startswith("Be brief.\n")
    assert "@include" not in prompts["short"]
    assert prompts["short"].endswith("- summary (text): what was done")


async def test_a_model_is_tried_on_runs_that_name_none_or_the_usual_one(folder: Folder) -> None:
    folder.write("models", MODELS)
    drawn = [await folder.experiments.draw(fresh(number), ENGINEER, "shop", named=False) for number in range(20)]
    tried = {(joined.variant, joined.model, run.model) for run, joined in drawn if joined is not None}
    assert tried == {("as it is", str(USUAL), USUAL), ("short", str(OTHER), OTHER)}
    assert len(await folder.drawn(20, named=True)) == 20
    folder.usual = ModelRef("ollama", "another")
    assert await folder.drawn(20, named=True) == []
    folder.usual = None
    assert await folder.drawn(20, named=True) == []


async def test_while_a_model_cannot_be_used_no_run_takes_part(folder: Folder) -> None:
    folder.write("models", MODELS)
    folder.keys.remove("openai")
    assert await folder.drawn(20) == []
    [experiment] = (await folder.experiments.all()).experiments
    assert folder.experiments.missing(experiment) == (OTHER,)


async def test_runs_of_other_roles_and_projects_take_no_part(folder: Folder) -> None:
    folder.write("short-prompt", f'projects = ["shop"]\n{SHORT}')
    assert await folder.drawn(20, project="bakery") == []
    assert await folder.drawn(20, role="tester") == []
    assert len(await folder.drawn(20)) == 20


async def test_a_run_takes_part_in_one_experiment_at_most(folder: Folder) -> None:
    folder.write("a", SHORT)
    folder.write("b", SHORT.replace("brief", "kind"))
    joined = [(await folder.experiments.draw(fresh(n), ENGINEER, "shop", named=False))[1] for n in range(20)]
    assert [each.experiment if each else "" for each in joined] == ["a"] * 20


FAULTS = {
    "role": (SHORT.replace('role = "engineer"\n', ""), "role: This is missing."),
    "three variants": (f'{SHORT}\n[[variant]]\nname = "third"\n', "variant: An experiment has two variants."),
    "same name": (SHORT.replace('"short"', '"as it is"'), "variant: Both variants have the same name."),
    "the same": (SHORT.replace('prompt = "Be brief."', ""), "variant: Both variants are the same."),
    "no model": (MODELS.replace("openai/gpt", "gpt"), "model: “gpt” is not a model name."),
    "no part": (SHORT.replace("Be brief.", "@include nothing-like-it"), "There is no part “nothing-like-it”."),
    "no field": (f"shares = 1\n{SHORT}", "shares: There is no such field."),
    "too much": (f"share = 2\n{SHORT}", "share: This must be a number above 0 and at most 1."),
    "no TOML": ("role =", "This is no TOML"),
}


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS)
async def test_a_fault_of_a_file_is_told_and_ends_no_other_experiment(folder: Folder, text: str, said: str) -> None:
    folder.write("broken", text)
    folder.write("short-prompt", SHORT)
    found = await folder.experiments.all()
    assert [each.name for each in found.experiments] == ["short-prompt"]
    assert {problem.name for problem in found.problems} == {"broken"}
    assert any(said in problem.sentence for problem in found.problems)
    assert all(problem.sentence.startswith("broken.toml") for problem in found.problems)


@given(
    data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{SHORT}\n{text}".encode("utf-8", "replace"))
)
def test_no_file_breaks_anything(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    found = read_experiment(path, {})
    assert isinstance(found, Experiment) or all(problem.sentence for problem in found)


def log(*events: Event, minutes: int = 1) -> list[Recorded]:
    """These events, so many minutes apart."""
    return [
        Recorded(number, NOON + timedelta(minutes=minutes * number), ProjectId("p"), RunId("r"), event)
        for number, event in enumerate(events, 1)
    ]


BEGUN = TurnStarted("t")
REPLIED = TurnEnded("t", Outcome.REPLIED, 3, "b", cost_nusd=5)
HANDED = (
    BEGUN,
    HandedOff("t", "c", "engineer", {"checks": ["pytest: 3 passed"]}),
    TurnEnded("t", Outcome.HANDED_OFF, 2, "b", cost_nusd=7),
)


def test_a_run_is_counted_over_all_of_its_turns_without_what_it_waited() -> None:
    waiting = TurnEnded("s", Outcome.WAITING, 1, "b", cost_nusd=1)
    came = outcome_of(log(TurnStarted("s"), waiting, *HANDED, BranchMerged("b", "main", "c", "d")))
    assert came == RunOutcome(
        True, True, handed_over=True, told_checks=True, merged=True, steps=3, seconds=180.0, cost_nusd=8
    )


@pytest.mark.parametrize("later", [Outcome.WAITING, Outcome.PARKED])
def test_a_turn_that_was_stopped_while_it_waited_is_counted_once(later: Outcome) -> None:
    ends = (TurnEnded("t", outcome, 3, "b", cost_nusd=5) for outcome in (later, Outcome.CANCELLED))
    assert outcome_of(log(BEGUN, *ends)) == RunOutcome(True, steps=3, seconds=60.0, cost_nusd=5)


@pytest.mark.parametrize(
    ("events", "finished", "well"),
    [
        ((), False, False),
        ((BEGUN,), False, False),
        ((BEGUN, TurnEnded("t", Outcome.WAITING, 1, "b")), False, False),
        ((BEGUN, REPLIED, BEGUN), False, True),
        ((BEGUN, REPLIED), True, True),
        ((BEGUN, TurnEnded("t", Outcome.REPLIED, 1, "b", reason="It did not hand over.")), True, False),
        ((BEGUN, TurnEnded("t", Outcome.LIMIT, 1, "b")), True, False),
        ((BEGUN, TurnEnded("t", Outcome.CANCELLED, 1, "b")), True, False),
    ],
)
def test_a_run_is_finished_once_nothing_goes_on_and_ended_well_with_all_it_owed(
    events: tuple[Event, ...], finished: bool, well: bool
) -> None:
    came = outcome_of(log(*events))
    assert (came.finished, came.ended_well) == (finished, well)


def test_what_a_person_decided_about_a_run_is_told_and_nothing_where_they_have_not() -> None:
    assert outcome_of(log(BEGUN, REPLIED)).merged is None
    assert outcome_of(log(BEGUN, REPLIED, RunDiscarded("b"))).merged is False
    merged = BranchMerged("b", "main", "c", "d")
    assert outcome_of(log(BEGUN, REPLIED, merged, RunDiscarded("b"))).merged is True


def test_a_price_that_is_not_known_makes_the_cost_of_the_run_unknown() -> None:
    assert outcome_of(log(BEGUN, REPLIED, BEGUN, TurnEnded("t", Outcome.REPLIED, 1, "b"))).cost_nusd is None
