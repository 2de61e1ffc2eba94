"""Approving: what the gate, a person's rules and earlier denials make of one call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from studio.agents.history import History
from studio.checkpoints.rules import Rules
from studio.domain.messages import ToolCall
from studio.domain.rules import CommandKind, Effect, Rule, covers, forbids, kinds_of
from studio.domain.runs import Run
from studio.domain.tools import ApprovalMode, CommandClass, Part, Risk, Sorted, Verdict
from studio.tools.commands import MOVES, sort_command
from studio.tools.gate import judge
from studio.tools.mcp import MCP, ServerTool, names_server
from studio.tools.rounds import Act, WayRound
from studio.tools.runner import arguments
from studio.tools.tool import Tool

KINDS_SHOWN = 4
"""Of a line that does more different things no rule is offered: nobody reads so many."""

_ROOT = "/workspace"
_DELETES = frozenset({"delete"})
_PATHS = ("path", "to")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer to one call.

    `line` is what it does, `kinds` what a rule may be made of. `rules` let it through. `forbidden` is the kind that
    forbids it and `whose` rule that is. `denied_before` is the act that was denied in this run and is like this one.
    """

    verdict: Verdict
    line: Sorted
    kinds: tuple[CommandKind, ...] = ()
    rules: tuple[Rule, ...] = ()
    forbidden: CommandKind | None = None
    whose: str = ""
    denied_before: str = ""


class Approver:
    """Judges the calls of one run with these tools; `deny` is what its role forbids."""

    def __init__(self, run: Run, tools: Mapping[str, Tool], deny: tuple[CommandKind, ...], rules: Rules) -> None:
        self._run = run
        self._tools = tools
        self._deny = deny
        self._rules = rules
        self._acts: dict[str, Act] = {}

    async def judge(self, history: History, call: ToolCall, tool: Tool) -> Judgement:
        """The verdict; rules count as they stand at this moment."""
        if tool.spec.risk in (Risk.READ, Risk.ASK):
            return Judgement(judge(tool.spec.risk, self._run.approval), Sorted(CommandClass.READ))
        act = await self._act(call)
        saved = await self._rules.for_run(self._run.project, self._run.id)
        bans = self._bans(saved)
        return _forbidden(bans, act) or await self._allowed(history, call, tool, act, saved, bool(bans))

    async def forbidden(self, call: ToolCall) -> Judgement | None:
        """The rule that forbids a call which a person has approved, if there is one by now."""
        act = await self._act(call)
        return _forbidden(self._bans(await self._rules.for_run(self._run.project, self._run.id)), act)

    def _bans(self, saved: Sequence[Rule]) -> list[tuple[CommandKind, str]]:
        """What is forbidden, and by whose rule; what says most about a call comes first."""
        bans = [(kind, "role") for kind in self._deny]
        bans += [(rule.kind, "project") for rule in saved if rule.effect is Effect.DENY]
        return sorted(bans, key=lambda ban: not ban[0].words)

    async def _allowed(
        self, history: History, call: ToolCall, tool: Tool, act: Act, saved: Sequence[Rule], has_bans: bool
    ) -> Judgement:
        line, mode = act.line, self._run.approval
        verdict = judge(tool.spec.risk, mode, line.kind)
        if verdict is Verdict.DENY:
            return Judgement(verdict, line)
        # A rule answers in place of a person where one would be asked; where nobody is, it changes nothing.
        covering = covers(saved, line) if tool.spec.risk is Risk.EXECUTE else ()
        is_server = line.kind is CommandClass.SERVER
        if covering and not is_server and await self._is_elsewhere(history, call):
            covering = ()
        rules = covering if verdict is Verdict.ASK else ()
        if covering:
            verdict = Verdict.ALLOW
        before = await self._denied_before(history, call, act, covering)
        # What cannot be told may be what is forbidden, or was denied.
        is_untold = line.kind is CommandClass.UNKNOWN or (is_server and not covering)
        is_hidden = is_untold and (has_bans or bool(history.denials))
        if before or is_hidden:
            verdict = Verdict.ASK
        if verdict is Verdict.ASK and mode is ApprovalMode.DENY:
            return Judgement(Verdict.DENY, line, denied_before=before)
        if verdict is Verdict.ASK:
            kinds = kinds_of(line) if tool.spec.risk is Risk.EXECUTE else ()
            return Judgement(verdict, line, kinds if len(kinds) <= KINDS_SHOWN else (), denied_before=before)
        return Judgement(verdict, line, rules=rules)

    async def _denied_before(self, history: History, call: ToolCall, act: Act, covering: tuple[Rule, ...]) -> str:
        """What was denied in this run and is like this act, unless a person let its kind through since."""
        denials, since = history.denials.before(call)
        way = WayRound(act, [(place, await self._act(asked)) for place, asked in since])
        for denied, when, place in denials:
            if covering and all(rule.created > when for rule in covering):
                continue
            former = await self._act(denied)
            if way.leads_to(former, place):
                return former.text
        return ""

    async def _is_elsewhere(self, history: History, call: ToolCall) -> bool:
        """Whether an earlier command may have left the shell outside the project, where a path means another file."""
        elsewhere = False
        for asked in history.denials.earlier(call):
            line = (await self._act(asked)).line
            if line.loose == MOVES:
                elsewhere = True
            elif any(part.program == "cd" and part.words[:1] == (_ROOT,) for part in line.parts):
                elsewhere = False
        return elsewhere

    async def _act(self, call: ToolCall) -> Act:
        if call.id not in self._acts:
            self._acts[call.id] = await _read(call, self._tools.get(call.name))
        return self._acts[call.id]


def _forbidden(bans: Sequence[tuple[CommandKind, str]], act: Act) -> Judgement | None:
    for banned, whose in bans:
        if forbids(banned, act.line):
            return Judgement(Verdict.DENY, act.line, forbidden=banned, whose=whose)
    return None


def act_of(tool: Tool, call: ToolCall) -> str:
    """What exactly a decision about this call covers: the command, the question, or the call with all it holds."""
    given = arguments(call)
    if isinstance(tool, ServerTool):
        return f"{tool.spec.name} {json.dumps(given, ensure_ascii=False, indent=2)}"
    if tool.spec.risk is Risk.ASK or _is_command(tool):
        return str(given[tool.target])
    return f"{tool.spec.name} {json.dumps(given, ensure_ascii=False)}"


def _is_command(tool: Tool) -> bool:
    return tool.spec.risk is Risk.EXECUTE and tool.target == "command"


async def _read(call: ToolCall, tool: Tool | None) -> Act:
    """What a call does, as far as its arguments tell; a tool that is not there any more may have done anything."""
    given = call.arguments or {}
    risk = tool.spec.risk if tool is not None else Risk.EXECUTE
    whole = json.dumps(given, ensure_ascii=False)
    if risk is Risk.EXECUTE:
        command = given.get("command") if tool is not None and _is_command(tool) else None
        if isinstance(command, str):
            return Act(command, await sort_command(command))
        if isinstance(tool, ServerTool):
            return Act(f"{call.name} {whole}", _of_server(tool))
        whose = "an MCP server does it" if names_server(call.name) else f"{call.name} names no command"
        return Act(f"{call.name} {whole}", Sorted(CommandClass.UNKNOWN, whose))
    if risk is not Risk.WRITE:
        return Act(f"{call.name} {whole}", Sorted(CommandClass.READ))
    kind = CommandClass.DELETE if call.name in _DELETES else CommandClass.WRITE
    paths = tuple(str(given[name]) for name in _PATHS if given.get(name)) + _patched(str(given.get("patch", "")))
    return Act(f"{call.name} {whole}", Sorted(kind, parts=(Part(kind, words=paths),)), "\n".join(_texts(given)))


def _of_server(tool: ServerTool) -> Sorted:
    """A call of a server's tool; a rule knows it by server, tool, and what is declared and said of both."""
    server, words = f"{MCP}_{tool.server}", (tool.own_name, tool.identity)
    part = Part(CommandClass.SERVER, (server, *words) if tool.identity else (), server, words)
    return Sorted(CommandClass.SERVER, "an MCP server does it", (part,))


def _texts(given: object) -> Iterator[str]:
    """Every text that a call was given, as it will stand in a file."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict | list):
        for inner in given.values() if isinstance(given, dict) else given:
            yield from _texts(inner)


def _patched(patch: str) -> tuple[str, ...]:
    """The files that a patch names."""
    lines = [line[6:].strip() for line in patch.splitlines() if line.startswith(("+++ b/", "--- a/"))]
    return tuple(dict.fromkeys(lines))
