"""Every kind of run is gone through again and comes to the same events: forks, servers, rules, mail, restores."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from studio.agents.replay.player import Replay
from studio.app.chats import Sent
from studio.app.studio import Studio
from studio.domain.checkpoints import Checkpoint
from studio.domain.events import Event, Recorded, ToolAnswered, ToolStarted, TurnEnded
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.restores import What
from studio.domain.rules import Scope
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import events_of, turn_ended
from tests.fixtures.handed import HANDED
from tests.fixtures.mcp_server import SOURCE
from tests.fixtures.scripts import DONE, scripted

pytestmark = pytest.mark.docker

DECLARED = '[servers.docs]\ncommand = "python3"\nargs = ["docs_server.py"]\n'
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
)
COUNTED = "\n".join(map(str, range(1, 9001))) + "\n[exit code 0]"
HANDLE = hashlib.sha256(COUNTED.encode()).hexdigest()[:16]


class Work:
    """What a person does with the agents of one project."""

    def __init__(self, studio: Studio, project: Project, folder: Path) -> None:
        self.studio = studio
        self.project = project
        self.folder = folder

    async def begin(
        self,
        *replies: object,
        role: str = "engineer",
        approval: ApprovalMode = ApprovalMode.AUTO,
        goes_on_with: str = "",
    ) -> RunId:
        """One turn of a new agent that says these things."""
        model = scripted(self.folder, *replies, name=f"replies-{len(list(self.folder.glob('replies-*')))}")
        sent = await self.studio.chats.send(
            self.project.id, "Go", role=role, model=model, approval=approval, work=goes_on_with
        )
        await self.ended(sent)
        return sent.run

    async def go_on(
        self, run: RunId, approval: ApprovalMode | None = None, images: tuple[bytes, ...] = ()
    ) -> TurnEnded:
        """The next turn."""
        sent = self.studio.chats.send(self.project.id, "Go on", run=run, approval=approval, images=images)
        return await self.ended(await sent)

    async def asked(self) -> Checkpoint:
        """The one question that waits."""
        (asked,) = await self.studio.checkpoints.waiting()
        return asked

    async def ended(self, sent: Sent) -> TurnEnded:
        return await turn_ended(self.studio, sent)

    async def events(self, run: RunId) -> list[Event]:
        return await events_of(self.studio, run)

    async def kinds(self, run: RunId) -> list[str]:
        return [event.kind for event in await self.events(run)]

    async def replayed(self, run: RunId) -> Replay:
        """A replay, which comes to the same."""
        came = await self.studio.replays.replay(run)
        assert came.difference == ""
        assert came.recorded == came.replayed
        return came


@pytest.fixture
def project_files() -> dict[str, str]:
    return {"a.txt": "one\n", "docs_server.py": SOURCE, ".studio/mcp.toml": DECLARED}


@pytest.fixture
def work(studio_here: Studio, project: Project, tmp_path: Path) -> Work:
    return Work(studio_here, project, tmp_path)


def call(tool: str, **arguments: object) -> dict[str, object]:
    return {"text": f"Now {tool}.", "calls": [{"name": tool, "arguments": arguments}]}


def shell(command: str) -> dict[str, object]:
    return call("shell", command=command)


async def test_a_fork_goes_on_from_what_its_source_recorded(work: Work) -> None:
    run = await work.begin(shell("echo 2 > a.txt"), HANDED, shell("echo 3 > a.txt"), HANDED, HANDED)
    await work.go_on(run)
    fork = (await work.studio.forks.fork(run, "2")).id
    await work.go_on(fork)
    await work.go_on(run)
    came = await work.replayed(fork)
    assert came.before == (await work.kinds(fork)).index("run_forked") - 1
    # The chat of a fork can go back to before there was one.
    await work.studio.restoring.restore(fork, "1", What.CHAT)
    await work.go_on(fork)
    await work.replayed(fork)


async def test_a_fork_of_a_fork_from_before_that_was_made_goes_on_from_the_first_run(work: Work) -> None:
    run = await work.begin(DONE, DONE, DONE)
    await work.go_on(run)
    fork = (await work.studio.forks.fork(run, "2")).id
    await work.go_on(fork)
    second = (await work.studio.forks.fork(fork, "1")).id
    await work.go_on(second)
    assert (await work.kinds(second)).count("turn_ended") == 2
    assert (await work.replayed(second)).before < (await work.replayed(fork)).before


async def test_what_an_mcp_server_answered_is_taken_from_the_record(work: Work) -> None:
    run = await work.begin(
        *(call("mcp_docs_search", words="tills"), call("mcp_docs_draw"), call("mcp_docs_nope"), call("mcp_docs_where")),
        *(call("mcp_docs_fail"), call("mcp_docs_die"), call("mcp_docs_search", words="x"), HANDED),
        *(call("mcp_docs_search", words="y"), call("nope"), HANDED, call("mcp_docs_search", words="z"), HANDED),
    )
    await work.go_on(run)
    await work.go_on(run, approval=ApprovalMode.DENY)
    answered = [event for event in await work.events(run) if isinstance(event, ToolAnswered)]
    answers = [event.ok for event in answered if event.name != "hand_off"]
    assert answers == [True, True, False, True, False, False, False, True, False, False]
    await work.replayed(run)


async def test_a_call_of_a_server_is_asked_about_again(work: Work) -> None:
    run = await work.begin(call("mcp_docs_search", words="tills"), DONE, approval=ApprovalMode.ASK)
    await work.ended(await work.studio.checkpoints.approve((await work.asked()).id))
    await work.replayed(run)


async def test_a_call_that_a_rule_for_its_tool_let_through_is_judged_by_the_rules_of_then(work: Work) -> None:
    calls = (call("mcp_docs_search", words="tills"), call("mcp_docs_search", words="taxes"), DONE)
    run = await work.begin(*calls, approval=ApprovalMode.ASK)
    await work.ended(await work.studio.checkpoints.approve((await work.asked()).id, scope=Scope.RUN))
    (rule,) = await work.studio.policies.list()
    started = [event.rules for event in await work.events(run) if isinstance(event, ToolStarted)]
    assert started == [(), (rule.id,)]
    await work.studio.policies.remove(rule.id)
    await work.replayed(run)


async def test_a_command_that_a_rule_let_through_is_judged_by_the_rules_of_then(work: Work) -> None:
    first = await work.begin(shell("touch b.txt"), HANDED, approval=ApprovalMode.ASK)
    await work.ended(await work.studio.checkpoints.approve((await work.asked()).id, scope=Scope.PROJECT))
    run = await work.begin(shell("touch c.txt d.txt"), HANDED, approval=ApprovalMode.ASK)
    (rule,) = await work.studio.policies.list()
    (started,) = [event for event in await work.events(run) if isinstance(event, ToolStarted)]
    assert started.rules == (rule.id,)
    await work.studio.policies.remove(rule.id)
    await work.replayed(first)
    await work.replayed(run)


async def test_what_rules_of_then_forbid_is_denied_again_also_after_it_was_approved(work: Work) -> None:
    rule = await work.studio.policies.deny(work.project.id, "rm")
    run = await work.begin(shell("rm a.txt"), shell("eval $(cat a.txt)"), HANDED)
    asked = await work.asked()
    await work.studio.policies.deny(work.project.id, "unknown")
    await work.ended(await work.studio.checkpoints.approve(asked.id))
    assert (await work.kinds(run)).count("call_denied") == 2
    await work.studio.policies.remove(rule.id)
    await work.replayed(run)


async def test_mail_that_was_read_and_work_that_was_handed_off_come_to_the_same(work: Work) -> None:
    told = call("tell", to="reviewer", kind="question", text="Does a.txt hold?")
    result = {"summary": "Added it.", "checks": ["pytest: 3 passed"]}
    handed = call("hand_off", result=result, next_role="reviewer", note="Begin with a.txt.")
    sender = await work.begin(told, handed)
    reader = await work.begin(DONE, DONE, DONE, role="reviewer", goes_on_with=sender)
    assert (await work.kinds(reader)).count("agent_heard") == 2
    assert {"handed_off", "agent_told"} <= set(await work.kinds(sender))
    await work.replayed(sender)
    await work.replayed(reader)


async def test_a_queued_message_an_interrupt_a_restore_of_chat_and_files_and_its_redo_come_to_the_same(
    work: Work,
) -> None:
    long = shell("echo 3 > a.txt; touch begun; sleep 300")
    run = await work.begin(shell("echo 2 > a.txt"), HANDED, long, *[HANDED] * 5)
    sent = await work.studio.chats.send(work.project.id, "Go on", run=run)
    async for item in work.studio.feed.follow(sent.since, run=run):
        if isinstance(item, Recorded) and isinstance(item.event, ToolStarted):
            break
    later = await work.studio.queue.add(run, "Later")
    await work.studio.queue.interrupt(run, "Now")
    assert (await work.ended(later)).outcome is Outcome.HANDED_OFF
    await work.studio.restoring.restore(run, "1", What.BOTH)
    await work.studio.restoring.redo(run)
    await work.go_on(run)
    await work.studio.restoring.restore(run, "1", What.FILES)
    await work.go_on(run)
    kinds = await work.kinds(run)
    assert (kinds.count("files_restored"), kinds.count("chat_restored"), kinds.count("cancel_requested")) == (3, 2, 1)
    await work.replayed(run)


async def test_a_background_process_an_output_read_again_and_pictures_come_to_the_same(work: Work) -> None:
    run = await work.begin(
        shell("seq 9000"),
        shell(f"echo {base64.b64encode(PNG).decode()} | base64 -d > seen.png"),
        call("read", path="seen.png"),
        call("read_output", output=f"output:{HANDLE}"),
        call("process_start", command="touch began; sleep 300"),
        call("process_output", process="p1"),
        call("process_stop", process="p1"),
        *(HANDED, HANDED),
    )
    await work.go_on(run, images=(PNG,))
    wrong = [event.text for event in await work.events(run) if isinstance(event, ToolAnswered) and not event.ok]
    assert wrong == []
    await work.replayed(run)
