"""Context: what the model is shown in one step, built from the log."""

from __future__ import annotations

from dataclasses import dataclass

from studio.agents.history import History
from studio.base.aio import in_thread
from studio.base.text import plain
from studio.contracts.chat_model import ModelRequest
from studio.domain.errors import StudioError
from studio.domain.roles import Role
from studio.domain.runs import Run
from studio.domain.tools import ToolSpec
from studio.workspace.files import Folder

RULES_FILE = "AGENTS.md"
RULES_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class ReplyLimits:
    """How long one reply may be, and how long a provider may stay silent."""

    max_output_tokens: int
    idle_seconds: float


def build(
    run: Run,
    role: Role,
    rules: str,
    history: History,
    tools: tuple[ToolSpec, ...],
    reply: ReplyLimits,
    unsaved: str = "",
) -> ModelRequest:
    """The request for the next step: role, project rules, the whole conversation and the role's tools.

    `unsaved` says why the newest changes could not be brought home, if they could not.
    """
    system = _system(run, role, rules, unsaved)
    return ModelRequest(run.model.name, system, history.messages(), tools, reply.max_output_tokens, reply.idle_seconds)


async def read_rules(folder: Folder) -> str:
    """The project's AGENTS.md, empty when there is none that can be read; cut at 64 KiB."""
    try:
        found = await in_thread(folder.read, RULES_FILE, 0, RULES_BYTES)
    except StudioError:
        return ""
    return plain(found.data.decode(errors="replace"))


def _system(run: Run, role: Role, rules: str, unsaved: str) -> str:
    place = f"Your branch is {run.branch}; it started from {run.base_branch or 'a detached commit'}."
    parts = [role.prompt, place]
    if rules:
        parts.append(f"The project's own rules for agents ({RULES_FILE}):\n\n{rules}")
    if unsaved:
        parts.append(
            f"The newest changes in your workspace could not be saved: {unsaved} Mend that first, for example by "
            "deleting large generated files: what is not saved cannot be reviewed or merged."
        )
    return "\n\n".join(parts)
