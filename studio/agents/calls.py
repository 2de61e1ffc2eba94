"""Calls: each one a model asked for gets its one answer, from a tool, the gate or a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from studio.agents import limits
from studio.agents.approving import Approver, Judgement, act_of
from studio.agents.history import History
from studio.agents.journal import Journal
from studio.agents.live import LiveRun
from studio.agents.outputs import Outputs
from studio.base.text import plain, shorten
from studio.board.desk import Desk
from studio.checkpoints.checkpoints import Checkpoints, hash_act
from studio.contracts.clock import Clock
from studio.domain.checkpoints import Checkpoint, CheckpointKind, CheckpointState
from studio.domain.errors import UserError
from studio.domain.events import PAGE, SCREENSHOT, CheckpointDecided, Delta
from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.roles import in_sentence
from studio.domain.runs import Run
from studio.domain.tools import Risk, ToolOutcome, ToolSpec, Verdict
from studio.tools.gate import denial, denial_by_rule, question_about
from studio.tools.hands import Hands
from studio.tools.mcp import ServerTool
from studio.tools.runner import arguments, find, run_call
from studio.tools.tool import Tool

NONE: frozenset[CallId] = frozenset()

INTERRUPTED = (
    "This command was interrupted when Studio stopped; it may have run in part or not at all. "
    "Check the state of the files before you repeat it."
)
STOPPED = (
    "This command was stopped together with the turn that began it; it may have run in part. "
    "Check the state of the files before you repeat it."
)
CUT_OFF = (
    "This was not run: your reply was ended before it was complete, so the call may lack its end. "
    "Send it again; split what is long into several calls."
)
OTHER_ACT = "This was not run: the approval was given for something else. Ask again if you still need it."
DENIED = "The developer denied this; it was not run. Do not try to do the same in another way."
LIKE_DENIED = "Something like this was denied before in this run, and nobody is there to ask. It was not run."
NO_TIME = "This was not run: your time for this message is used up."
WHY_CHARACTERS = 500
LEAST_SECONDS = 0.1
"""A call whose time ends between being allowed and being run still has this long."""


class Waiting(Exception):
    """A person must decide a call before the turn can go on."""

    def __init__(self, question: Checkpoint) -> None:
        super().__init__(question.id)
        self.question = question


class CallAnswerer:
    """Answers the open calls of one run with the tools of its role; `title` is what people call that."""

    def __init__(
        self,
        run: Run,
        tools: dict[str, Tool],
        live: LiveRun,
        journal: Journal,
        checkpoints: Checkpoints,
        clock: Clock,
        on_delta: Callable[[Delta], None],
        outputs: Outputs,
        approver: Approver,
        title: str = "Agent",
        desk: Desk | None = None,
    ) -> None:
        self._run = run
        self._title = title
        self._tools = tools
        self._live = live
        self._journal = journal
        self._checkpoints = checkpoints
        self._clock = clock
        self._on_delta = on_delta
        self._outputs = outputs
        self._approver = approver
        self._desk = desk
        self._first = True
        self._again: frozenset[CallId] = NONE

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools as the model is shown them."""
        return tuple(tool.spec for tool in self._tools.values())

    async def answer_all(self, history: History) -> bool:
        """Answers every open call in order; returns whether files may have changed.

        Raises Waiting when a person must decide first, OutsideError when the sandbox is at fault.
        """
        changed = False
        # What stands open in a turn that has acted was begun by a process that died.
        self._again = frozenset(call.id for call in history.open_calls()) if self._first and history.acted else NONE
        self._first = False
        for call in history.open_calls():
            began = self._clock.monotonic()
            outcome = await self._outputs.fitted(self._run, await self._outcome(history, call))
            changed = changed or outcome.changed
            await self._journal.answer(self._run, history, call, outcome, (self._clock.monotonic() - began) * 1000)
        return changed

    async def _outcome(self, history: History, call: ToolCall) -> ToolOutcome:
        if call.id in history.cut:
            return ToolOutcome(False, CUT_OFF, "cut off")
        try:
            tool = find(self._tools, call)
            checked = tool.parse(dict(arguments(call)))
        except UserError:
            return await run_call(self._tools, call, self._hands(history, call))
        decided = history.decisions.get(call.id)
        if decided is not None and decided.state != CheckpointState.APPROVED.value:
            return _from_decision(decided)
        if call.id in history.started and not tool.repeatable:
            if call.id in self._again:
                return ToolOutcome(False, INTERRUPTED, "interrupted", changed=True)
            return ToolOutcome(False, STOPPED, "stopped", changed=True)
        if self._seconds_left(history) <= 0:
            return ToolOutcome(False, NO_TIME, "no time left")
        if decided is not None:
            if not await self._is_same_act(decided, tool, call):
                return ToolOutcome(False, OTHER_ACT, "approval does not fit")
            if (forbidden := await self._approver.forbidden(call)) is not None:
                return await self._deny(history, call, tool, forbidden)
            return await self._execute(history, call, tool)
        judged = await self._approver.judge(history, call, tool)
        match judged.verdict:
            case Verdict.ALLOW:
                return await self._execute(history, call, tool, tuple(rule.id for rule in judged.rules))
            case Verdict.DENY:
                return await self._deny(history, call, tool, judged)
            case Verdict.ASK:
                raise Waiting(self._question(history, call, tool, checked, judged))

    async def _deny(self, history: History, call: ToolCall, tool: Tool, judged: Judgement) -> ToolOutcome:
        if judged.forbidden is None:
            text = LIKE_DENIED if judged.denied_before else denial(tool.spec.risk)
            return ToolOutcome(False, text, "denied by the run's policy")
        what, whose = judged.forbidden.text, judged.whose
        await self._journal.deny_call(self._run, history, call, whose, what, act_of(tool, call))
        return ToolOutcome(False, denial_by_rule(what, whose), f"denied by a rule of the {whose}")

    async def _execute(self, history: History, call: ToolCall, tool: Tool, rules: tuple[str, ...] = ()) -> ToolOutcome:
        if not tool.repeatable:
            await self._journal.start_call(self._run, history, call, rules)
        return await run_call(self._tools, call, self._hands(history, call))

    def _question(
        self, history: History, call: ToolCall, tool: Tool, checked: dict[str, Any], judged: Judgement
    ) -> Checkpoint:
        act = act_of(tool, call)
        if tool.spec.risk is Risk.ASK:
            title, options = f"The {in_sentence(self._title)} asks", tuple(checked["options"])
            return self._checkpoints.question(self._run, call.id, CheckpointKind.CHOICE, title, act, options)
        return self._checkpoints.question(
            self._run,
            call.id,
            CheckpointKind.APPROVAL,
            _asks(tool, judged),
            act,
            command_class=judged.line.kind.value,
            kinds=judged.kinds,
            denied_before=judged.denied_before,
            why=shorten(plain(history.said[-1].message.text).strip(), WHY_CHARACTERS),
        )

    async def _is_same_act(self, decided: CheckpointDecided, tool: Tool, call: ToolCall) -> bool:
        checkpoint = await self._checkpoints.get(decided.checkpoint)
        return checkpoint.act_hash == hash_act(act_of(tool, call))

    def _seconds_left(self, history: History) -> float:
        return limits.seconds_left(self._run.limits, history, self._clock.now())

    def _hands(self, history: History, call: ToolCall) -> Hands:
        def on_output(text: str) -> None:
            self._on_delta(Delta(self._run.project, self._run.id, "output", text, CallId(call.id)))

        def ask_window(request: str) -> None:
            self._on_delta(Delta(self._run.project, self._run.id, SCREENSHOT, "", request))

        def ask_page(request: str, words: str) -> None:
            self._on_delta(Delta(self._run.project, self._run.id, PAGE, words, request))

        async def output(earlier: str) -> str | None:
            # A short output is nowhere but in the log.
            return await self._outputs.whole(self._run, earlier) or history.answer_to(earlier)

        left = max(self._seconds_left(history), LEAST_SECONDS)
        again = call.id in self._again
        hands = replace(self._live.hands(on_output), seconds_left=left, again=again, output=output, desk=self._desk)
        return replace(hands, ask_window=ask_window, ask_page=ask_page)


def _asks(tool: Tool, judged: Judgement) -> str:
    if isinstance(tool, ServerTool):
        return f"Let the agent call this tool of the MCP server “{tool.server}”? What it does cannot be told."
    return question_about(judged.line) if tool.spec.risk is Risk.EXECUTE else f"Let the agent {tool.spec.name} this?"


def _from_decision(decided: CheckpointDecided) -> ToolOutcome:
    match CheckpointState(decided.state):
        case CheckpointState.ANSWERED:
            return ToolOutcome(True, f"The developer answers: {decided.answer}", shorten(decided.answer, 80))
        case CheckpointState.DENIED:
            reason = f" Their reason: {decided.answer}" if decided.answer else ""
            return ToolOutcome(False, f"{DENIED}{reason}", "denied")
        case _:
            return ToolOutcome(False, "This was not run: the developer did not decide it.", "not decided")
