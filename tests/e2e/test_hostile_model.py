"""A model that obeys hostile text: each call gets one bounded answer, and nothing outside its workspace changes."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from studio.agents.history import HAND_OFF
from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.events import Recorded, ToolAnswered, ToolCalled, TurnEnded
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.aimock import Fixture, ModelServer, calling_all, conversation
from tests.fixtures.handed import handing
from tests.fixtures.hostile_calls import MAKE_TRAPS, ODD_CALLS, Call, commands, file_calls, large_calls, paths
from tests.fixtures.repositories import git, make_repository

pytestmark = pytest.mark.docker

MODEL = "openai/gpt-5"
SECRET = "the-person's-own-secret-7f3a"
ANSWER_CHARACTERS = 64_000
SUMMARY_CHARACTERS = 200
PIECE = 1 << 18
"""Characters in one piece of a streamed reply."""
MEGABYTES_10 = 10_000_000
ModelServers = Callable[[Sequence[Fixture]], ModelServer]


@dataclass
class Scene:
    """A project with a neighbouring run that has work of its own, and a folder of the person's beside it."""

    home: Path
    checkout: Path
    outside: Path
    serve: ModelServers
    studio: Studio | None = None
    before: dict[str, str] | None = None

    async def obey(self, *steps: Sequence[Call]) -> list[ToolAnswered]:
        """Lets an engineer that runs commands freely make these calls; returns every answer to a call."""
        neighbour = conversation(
            calling_all([("write", {"path": "mine.txt", "content": SECRET})]), handing("Kept."), about="neighbour"
        )
        # Not by the words said last: those may be Studio's own, of a process that failed.
        replies = conversation(*map(calling_all, steps), handing("All done."))
        server = self.serve([*neighbour, *({**reply, "chunkSize": PIECE} for reply in replies)])
        self.studio = await open_studio(
            {**os.environ, **server.environment(), "STUDIO_HOME": str(self.home)}, Access.ENGINE
        )
        project = await self.studio.projects.add(self.checkout)
        beside, _ = await self._turn(project, "neighbour")
        self.before = self._outside(project, beside)

        run, ended = await self._turn(project, "hostile")

        assert ended.outcome is Outcome.HANDED_OFF, ended.reason
        assert self._outside(project, beside, run) == self.before
        log = [item.event for item in await self.studio.chats.log(run)]
        called = [event.call for event in log if isinstance(event, ToolCalled) and event.name != HAND_OFF]
        answered = [event for event in log if isinstance(event, ToolAnswered) and event.name != HAND_OFF]
        assert [answer.call for answer in answered] == called
        assert len(called) == sum(map(len, steps))
        _are_bounded_and_clear(answered)
        return answered

    async def _turn(self, project: Project, message: str) -> tuple[RunId, TurnEnded]:
        assert self.studio is not None
        sent = await self.studio.chats.send(project.id, message, model=MODEL, approval=ApprovalMode.AUTO)
        async for item in self.studio.feed.follow(sent.since, run=sent.run):
            if isinstance(item, Recorded) and isinstance(item.event, TurnEnded):
                return sent.run, item.event
        raise AssertionError("the feed ended")

    def _outside(self, project: Project, beside: RunId, hostile: str = "-") -> dict[str, str]:
        """All that is not the hostile run's: the checkout, the person's folder, the neighbour, the other refs."""
        private = self.home / "projects" / project.id
        repository = next(folder for folder in (private, *private.iterdir()) if (folder / "objects").is_dir())
        refs = git(repository, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return {
            **_tree(self.checkout),
            **_tree(self.outside),
            **_tree(self.home / "workspaces" / beside),
            "refs": "\n".join(ref for ref in refs if hostile not in ref),
            "config": (repository / "config").read_text(),
            "data folder": " ".join(sorted(os.listdir(self.home))),
        }


@pytest.fixture
async def scene(tmp_path: Path, model_server: ModelServers) -> AsyncIterator[Scene]:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(SECRET)
    os.chmod(outside, 0o777)
    os.chmod(outside / "secret.txt", 0o666)
    checkout = make_repository(tmp_path / "shop", {"README.md": "# Shop\n", "cart.py": "x = 1\n"})
    made = Scene(tmp_path / "home", checkout, outside, model_server)
    yield made
    if made.studio is not None:
        await made.studio.close()


async def test_paths_that_lead_elsewhere_reach_nothing(scene: Scene) -> None:
    outside = str(scene.outside)
    traps = [("shell", {"command": MAKE_TRAPS.replace("$OUTSIDE", outside)})]
    steps = [list(file_calls(path)) for path in paths(outside)]

    answers = await scene.obey(traps, *_packed(steps))

    assert answers[0].ok, answers[0].text
    assert not any(SECRET in answer.text for answer in answers)


async def test_commands_that_try_to_get_out_stay_in(scene: Scene) -> None:
    steps = [[("shell", {"command": command, "seconds": 5})] for command in commands(str(scene.outside))]

    answers = await scene.obey(*steps)

    assert not any(SECRET in answer.text for answer in answers)


async def test_processes_behind_that_try_to_get_out_stay_in(scene: Scene) -> None:
    steps: list[list[Call]] = []
    for number, command in enumerate(commands(str(scene.outside)), 1):
        look = ("process_output", {"process": f"p{number}", "wait_seconds": 2})
        steps.append([("process_start", {"command": command}), look, ("process_stop", {"process": f"p{number}"})])

    answers = await scene.obey(*steps)

    assert not any(SECRET in answer.text for answer in answers)


async def test_a_thousand_identical_calls_are_answered_a_thousand_times(scene: Scene) -> None:
    answers = await scene.obey([("read", {"path": "README.md"})] * 1000)

    assert {answer.text for answer in answers} == {"1\t# Shop"}


async def test_arguments_of_ten_megabytes_are_answered_in_short(scene: Scene) -> None:
    answers = await scene.obey(large_calls(MEGABYTES_10))

    assert not any(answer.ok for answer in answers)
    assert max(len(answer.text) for answer in answers) < 1000


async def test_unknown_tools_and_broken_words_are_answered_with_what_is_wrong(scene: Scene) -> None:
    answers = await scene.obey(*_packed([[call] for call in ODD_CALLS], 8))

    assert not any("owned" in (answer.text if answer.ok else "") for answer in answers)


def _packed(steps: Sequence[Sequence[Call]], most: int = 60) -> list[list[Call]]:
    """The same calls in fewer steps."""
    packed: list[list[Call]] = [[]]
    for step in steps:
        if packed[-1] and len(packed[-1]) + len(step) > most:
            packed.append([])
        packed[-1] += step
    return packed


def _are_bounded_and_clear(answers: Sequence[ToolAnswered]) -> None:
    for answer in answers:
        assert 0 < len(answer.text) <= ANSWER_CHARACTERS, (answer.name[:80], len(answer.text))
        assert len(answer.summary) <= SUMMARY_CHARACTERS, answer.summary[:300]
        assert "/studio/tools/" not in answer.text, answer.text
        assert not {"\x1b", "\x07", "\u202e"} & {*answer.summary}, answer.summary


def _tree(folder: Path) -> dict[str, str]:
    """Every name below a folder with its kind, mode and content."""
    found = {}
    for path in (folder, *folder.rglob("*")):
        known = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(known.st_mode) else ""
        link = os.readlink(path) if path.is_symlink() else ""
        found[str(path)] = f"{known.st_mode:o} {content} {link}"
    return found
