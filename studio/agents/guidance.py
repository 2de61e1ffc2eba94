"""Guidance: the notes of a project and the AGENTS.md files that count, told once and again when they change."""

from __future__ import annotations

from collections.abc import Iterable

from studio.agents.history import History
from studio.agents.rule_files import RuleFiles
from studio.agents.telling import ALWAYS, MACHINE, RULES_FILE
from studio.domain.events import GuidanceRead
from studio.domain.runs import Run
from studio.events.recorder import Recorder
from studio.tools.notes import NOTES_FOLDER

ROOT_BYTES = 64 << 10
NEAR_BYTES = 32 << 10
NEAR_FILES = 8
"""How many files below the root are told at most: a tree that holds more of them is no project's own."""

_FOREIGN = frozenset({"node_modules", "site-packages", "vendor", ".git", ".venv", "venv"})
"""Below these lies what others wrote: their rules are not this project's."""


class Guidance:
    """The one writer of which of the project's AGENTS.md files an agent was told."""

    def __init__(self, recorder: Recorder, run: Run, files: RuleFiles, machine: str = "") -> None:
        """`machine` is what the agent is told of this machine."""
        self._recorder = recorder
        self._run = run
        self._files = files
        self._machine = machine
        self._missing: set[str] = set()

    async def begin(self, history: History) -> None:
        """Reads the root's rules, those told before, and the project's notes, as they are now."""
        # What is told behind an agent's last word would set it to work again.
        going_on = not history.agent_has_replied()
        near = (path for path in history.guidance if going_on and path not in (*ALWAYS, MACHINE))
        await self._read(history, (RULES_FILE, *near))
        await self._tell(history, NOTES_FOLDER, await self._files.notes())
        if going_on:
            await self._tell(history, MACHINE, self._machine)

    async def follow(self, history: History) -> None:
        """Tells the rules nearest to what the agent's newest calls touched, once they are answered."""
        touched = _touched(history)
        self._missing -= {path.rpartition("/")[0] for path in touched if path.rpartition("/")[2] == RULES_FILE}
        near = {found for path in touched if (found := await self._nearest(path))}
        told = sum(path not in ALWAYS for path in history.guidance)
        new = sorted(path for path in near if path not in history.guidance)[: max(NEAR_FILES - told, 0)]
        changed = [path for path in touched if path in history.guidance]
        await self._read(history, (*new, *changed))

    async def _read(self, history: History, paths: Iterable[str]) -> None:
        for path in dict.fromkeys(paths):
            await self._tell(history, path, await self._text(path))

    async def _tell(self, history: History, path: str, text: str) -> None:
        # What is known of it comes from the log, which holds no secret.
        if self._recorder.redacted(text) == history.guidance.get(path, ""):
            return
        event = GuidanceRead(self._run.turn or "", path, text)
        for recorded in await self._recorder.record(self._run.project, self._run.id, event):
            history.apply(recorded)

    async def _nearest(self, path: str) -> str | None:
        """The AGENTS.md of the nearest folder above a path, or of the folder it names; None when that is the root."""
        parts = path.split("/")
        for count in range(len(parts), 0, -1):
            folder = "/".join(parts[:count])
            if folder in self._missing:
                continue
            if await self._text(f"{folder}/{RULES_FILE}"):
                return f"{folder}/{RULES_FILE}"
            self._missing.add(folder)
        return None

    async def _text(self, path: str) -> str:
        return await self._files.text(path, NEAR_BYTES if "/" in path else ROOT_BYTES)


def _touched(history: History) -> list[str]:
    """The paths below the root that the newest message's calls named."""
    if not history.said:
        return []
    named = (
        str(value)
        for call in history.said[-1].calls
        for key, value in (call.arguments or {}).items()
        if key in ("path", "to") and isinstance(value, str) and len(value) < 1000
    )
    paths = dict.fromkeys(_relative(name) for name in named)
    return [path for path in paths if path and not _FOREIGN.intersection(path.split("/"))]


def _relative(name: str) -> str:
    """A path as models write it, below the project's root."""
    return "/".join(part for part in name.removeprefix("/workspace").split("/") if part not in ("", "."))
