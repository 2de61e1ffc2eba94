"""Preparing: a workspace made ready to work in, once, before anybody works in it."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from studio.agents.include_trust import IncludeTrust
from studio.base.aio import in_thread
from studio.base.log import logger
from studio.base.text import shorten, shown
from studio.domain.errors import EngineError, GitError, StudioError
from studio.domain.events import WorkspacePrepared
from studio.domain.ids import ProjectId
from studio.domain.preparations import NOT_RUN, TIMED_OUT
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.events.recorder import Recorder
from studio.sandbox.box import Sandbox
from studio.sandbox.plan import SandboxPlan, SetupCommand
from studio.sandbox.shape import WORKDIR
from studio.sandbox.spec.lockfiles import setup_key
from studio.store import projects
from studio.store.database import Database
from studio.workspace.including import FILE, Included, names_of
from studio.workspace.setups import Setups
from studio.workspace.workspaces import PREPARED, Workspaces

log = logger("agents")

_NAMED = 20
_WORDS = 2000
_OFFLINE = (
    "If it needs the network, which sandboxes of this project have not: let them reach that (in Settings under "
    "Network, or studio sandbox network {} allow)"
)
_LACKING = 'for name; do command -v "$name" > /dev/null || echo "$name"; done'


@dataclass(frozen=True, slots=True)
class _Done:
    """What was done in a workspace already, kept beside it where no container sees it."""

    included: bool = False
    setup: str = ""


class Preparing:
    """Puts in what no commit holds and runs what a project's file asks for; the one writer of what came of it."""

    def __init__(
        self,
        workspaces: Workspaces,
        database: Database,
        recorder: Recorder,
        seconds: float,
        drop_caches: Callable[[ProjectId, str], Awaitable[None]],
        trust: IncludeTrust,
    ) -> None:
        """`seconds` is how long one command may take; `drop_caches` deletes a project's cache volumes but one."""
        self._drop_caches = drop_caches
        self._workspaces = workspaces
        self._database = database
        self._recorder = recorder
        self._seconds = seconds
        self.trust = trust

    async def with_cache(self, run: Run, plan: SandboxPlan, image: str) -> SandboxPlan:
        """`plan` with the cache volume to use: one nobody worked with, where what its setup makes is to be kept."""
        if not plan.volumes:
            return plan
        setups, key = self._workspaces.setups(run.project), ""
        begun = await in_thread(_read, self._workspaces.folder(run.id).parent / PREPARED)
        if not begun.included and run.head == run.base_commit and _once(plan):
            key = setup_key(plan, image, await self._workspaces.commits.tree(run.project, run.head))
            key = "" if await setups.has(key) else key
        name = await setups.cache.name(clean_for=key)
        named = replace(plan, volumes=tuple(replace(volume, name=f"{volume.name}-{name}") for volume in plan.volumes))
        if key:
            await self._drop_caches(run.project, named.volumes[0].name)
        return named

    async def prepare(self, run: Run, sandbox: Sandbox, plan: SandboxPlan, tell: Callable[[str], None]) -> None:
        """Does what is left to do in a container that is new; `tell` gets what the commands say.

        What fails is recorded and keeps nobody from working. Raises EngineError when the sandbox is gone.
        """
        mark = self._workspaces.folder(run.id).parent / PREPARED
        done = await in_thread(_read, mark)
        first = not done.included
        event = WorkspacePrepared()
        if not done.included:
            included = await self._include(run, sandbox)
            event = replace(
                event,
                included=tuple(shown(path) for path in included.files[:_NAMED]),
                included_more=max(0, len(included.files) - _NAMED),
                left_out=included.left_out,
            )
            done = replace(done, included=True)
            await in_thread(_write, mark, done)
        else:
            included = Included()
        event = replace(event, left_out=(*event.left_out, *await self._lacking(sandbox, plan)))
        if plan.setup:
            kept_apart = included.files if first else None
            event, done = await self._set_up(run, sandbox, plan, tell, event, done, kept_apart)
            await in_thread(_write, mark, done)
            if event.exit_code != 0 and not plan.has_network:
                event = replace(event, advice=_OFFLINE.format(shlex.quote((await self._project(run)).name)))
        await self._workspaces.setups(run.project).cache.worked_with(_cache_of(plan))
        if event != WorkspacePrepared():
            await self._recorder.record(run.project, run.id, event)

    async def _include(self, run: Run, sandbox: Sandbox) -> Included:
        found = await self.trust.at(run.project, run.base_commit)
        if not found:
            return Included()
        if found[0].unread:
            return Included(left_out=(f"{FILE} is not read: it {found[0].unread}.",))
        project = await self._project(run)
        try:
            agreed = await self.trust.agreed(run.project, run.base_commit)
            included = await self._workspaces.include(project, run, found[0].data, sandbox, agreed)
        except (GitError, OSError) as error:
            return Included(left_out=(f"Nothing is put in as {FILE} says: {error}",))
        if not included.held:
            return included
        asks = (
            f"{FILE} was changed, and would put in files that nobody agreed to yet: {names_of(included.held)}. "
            f"See what was changed, and agree to it for new runs: studio sandbox include {project.name}"
        )
        return replace(included, left_out=(*included.left_out, asks))

    async def _project(self, run: Run) -> Project:
        async with self._database.reading() as connection:
            return await projects.get(connection, run.project)

    async def _lacking(self, sandbox: Sandbox, plan: SandboxPlan) -> tuple[str, ...]:
        """A sentence on programs that the image must have and has not."""
        if not plan.expects:
            return ()
        said = await sandbox.run(("sh", "-c", _LACKING, "sh", *plan.expects))
        lacking = [name for name in plan.expects if name in said.stdout.decode("utf-8", "replace").split()]
        if not lacking:
            return ()
        return (
            f"The image lacks {', '.join(lacking)}, which a feature would have brought. Install it in a Dockerfile.",
        )

    async def _set_up(
        self,
        run: Run,
        sandbox: Sandbox,
        plan: SandboxPlan,
        tell: Callable[[str], None],
        event: WorkspacePrepared,
        done: _Done,
        kept_apart: tuple[str, ...] | None,
    ) -> tuple[WorkspacePrepared, _Done]:
        """Runs the setup, or takes what it made before; `kept_apart` is None where somebody worked already."""
        files = await self._workspaces.commits.tree(run.project, run.head)
        key = setup_key(plan, sandbox.image, files)
        setups = self._workspaces.setups(run.project)
        once = _once(plan)
        begun = time.monotonic()
        # A home lasts as long as its container, the files of a workspace stay.
        fitting = once and done.setup in ("", key) and await setups.has(key)
        if fitting and await self._taken(setups, key, sandbox, only_home=done.setup == key):
            if not done.setup:
                event = replace(event, commands=_shown(once), from_cache=True)
        elif once:
            event = await self._run(sandbox, once, tell, event)
            # Only what accepted code made of what accepted code fetched, in a workspace nobody worked in, is ever
            # handed to another run.
            good = event.exit_code == 0 and run.head == run.base_commit
            if good and kept_apart is not None and await setups.cache.is_clean(_cache_of(plan)):
                await self._keep(setups, key, sandbox, kept_apart)
        if event.exit_code == 0:
            done = replace(done, setup=key)
            each = tuple(command for command in plan.setup if command.at_every_start)
            started = await self._run(sandbox, each, tell, WorkspacePrepared())
            if started.exit_code != 0:
                failed = started.exit_code, started.output
                event = replace(
                    event, commands=started.commands, from_cache=False, exit_code=failed[0], output=failed[1]
                )
        took = round((time.monotonic() - begun) * 1000, 1)
        return replace(event, milliseconds=took) if event.commands else event, done

    async def _run(
        self,
        sandbox: Sandbox,
        commands: tuple[SetupCommand, ...],
        tell: Callable[[str], None],
        event: WorkspacePrepared,
    ) -> WorkspacePrepared:
        """Runs commands one after the other until one fails."""
        for command in commands:
            event = replace(event, commands=(*event.commands, *_shown((command,))))
            tell(f"$ {event.commands[-1]}\n")
            try:
                ended = await sandbox.exec(
                    f"( cd {WORKDIR} && {shlex.join(command.argv)} )", timeout=self._seconds, on_output=tell
                )
            except StudioError as error:
                if sandbox.broken is not None:
                    raise
                return replace(event, exit_code=NOT_RUN, output=error.sentence)
            if ended.exit_code != 0:
                code = TIMED_OUT if ended.timed_out else ended.exit_code
                return replace(event, exit_code=code, output=shorten(ended.output.strip()[-_WORDS:], _WORDS))
        return event

    async def _taken(self, setups: Setups, key: str, sandbox: Sandbox, *, only_home: bool) -> bool:
        try:
            await setups.take(key, sandbox, only_home=only_home)
        except (EngineError, GitError) as error:
            if sandbox.broken is not None:
                raise
            log.warning("setup_not_taken", error=str(error))
            return False
        return True

    async def _keep(self, setups: Setups, key: str, sandbox: Sandbox, kept_apart: tuple[str, ...]) -> None:
        """Keeps what was made; that this fails (it is too large) costs the next workspace its time, and no more."""
        try:
            await setups.keep(key, sandbox, kept_apart)
        except (EngineError, GitError, OSError) as error:
            if sandbox.broken is not None:
                raise
            log.warning("setup_not_kept", error=str(error))
            await setups.cache.not_kept(key)


def _once(plan: SandboxPlan) -> tuple[SetupCommand, ...]:
    return tuple(command for command in plan.setup if not command.at_every_start)


def _cache_of(plan: SandboxPlan) -> str:
    """What the mark calls the plan's cache volume."""
    return plan.volumes[0].name.rpartition("-")[2] if plan.volumes else ""


def _shown(commands: tuple[SetupCommand, ...]) -> tuple[str, ...]:
    return tuple(shorten(one.words or _line(one.argv), 200) for one in commands)


def _line(argv: tuple[str, ...]) -> str:
    return argv[2] if argv[:2] == ("sh", "-c") else shlex.join(argv)


def _read(mark: Path) -> _Done:
    try:
        return _Done(**json.loads(mark.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return _Done()


def _write(mark: Path, done: _Done) -> None:
    part = mark.with_suffix(".part")
    part.write_text(json.dumps({"included": done.included, "setup": done.setup}), "utf-8")
    part.replace(mark)
