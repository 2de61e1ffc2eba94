"""Plans: what the sandboxes of a run are made of, read from its base commit, and what of that is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from shlex import quote

from studio.domain.errors import EngineError, OutsideError, StudioError
from studio.domain.events import SandboxPlanned
from studio.domain.ids import ProjectId
from studio.domain.runs import Run
from studio.events.recorder import Recorder
from studio.sandbox.caches import cache_environment, cache_volume
from studio.sandbox.egress.registries import Fetch
from studio.sandbox.plan import STANDARD_PLAN, Refused, SandboxPlan
from studio.sandbox.project_images import ProjectImages, Source
from studio.sandbox.spec.container_env import of_image
from studio.sandbox.spec.reading import Spec, read_spec
from studio.sandbox.spec.usual_setup import usual_setup
from studio.sandbox.spec.wanted import Unreadable, Wanted
from studio.store import event_log, projects
from studio.store.database import Database
from studio.workspace.workspaces import Workspaces

OnLine = Callable[[str], None]

_KEPT = 200
"""So many commits are remembered with what they say; each is read once."""


class Plans:
    """Makes plans, with their images built; the one writer of what was planned."""

    def __init__(
        self,
        workspaces: Workspaces,
        images: ProjectImages,
        home: Path,
        database: Database,
        recorder: Recorder,
        *,
        usual: bool = True,
    ) -> None:
        """`home` is the data folder, which tells its volumes from those of another one.

        With `usual`, a project that has a network and names no setup gets the one for its lockfile.
        """
        self._usual = usual
        self._workspaces = workspaces
        self._images = images
        self._home = home
        self._database = database
        self._recorder = recorder
        self._read: dict[tuple[ProjectId, str], Spec] = {}

    async def of(self, run: Run, on_line: OnLine) -> SandboxPlan:
        """What the run's sandbox is made of, by its base commit; making its image for the first time takes minutes.

        A source that is of no use is told of in `refused`, and the next one is taken. Raises EngineError when no
        engine answers, GitError.
        """
        project, commit = run.project, run.base_commit
        spec = await self.read(project, commit)
        has_network = await self._images.has_way_out(project)
        setup = spec.settings.setup if spec.settings else ()
        if has_network and not setup and self._usual:
            setup = usual_setup(await self._workspaces.commits.tree(project, commit))
        cached = has_network or bool(setup)
        if spec == Spec() and not cached:
            return STANDARD_PLAN
        wanted, image, failed = await self._image(run, spec, on_line)
        settings = spec.settings or Wanted("")
        env = await self._environment(settings.env, image)
        return SandboxPlan(
            image=image,
            env={**cache_environment(), **env} if cached else env,
            volumes=(cache_volume(self._home, project),) if cached else (),
            setup=setup,
            forward_ports=settings.forward_ports,
            expects=wanted.expects if wanted else settings.expects,
            has_network=has_network,
            origin=_origin(wanted, spec.settings),
            refused=(*spec.refused, *failed),
        )

    @asynccontextmanager
    async def asking(self, run: Run, beside: tuple[str, ...], on_line: OnLine) -> AsyncIterator[None]:
        """Asks a person at once about all images that the run's sandbox lacks, and those `beside` it, and names them.

        Within the block nobody is waited for again who did not answer.
        """
        lacking: tuple[str, ...] = ()
        # What cannot be looked up now fails once more where it is needed, which then tells it.
        with suppress(StudioError):
            lacking = (*await self.lacking(run.project, run.base_commit), *await self.absent(beside))
        if lacking:
            on_line(f"Not on this machine yet: {', '.join(dict.fromkeys(lacking))}.")
        async with self._images.named.asking(Fetch(run.project, run.id), lacking):
            yield

    async def lacking(self, project: ProjectId, commit: str) -> tuple[str, ...]:
        """What the first source of this commit's image is made from and is not here. Raises EngineError, GitError."""
        for wanted in (await self.read(project, commit)).sources[:1]:
            return await self._images.lacking(project, wanted, await self._source(project, commit))
        return ()

    async def absent(self, images: tuple[str, ...]) -> tuple[str, ...]:
        """Those of these images that are not here, and could be fetched. Raises EngineError."""
        return await self._images.named.missing(images)

    async def note(self, run: Run, plan: SandboxPlan) -> None:
        """Records what the run's sandbox is made of, unless that was recorded and is the same still."""
        event = SandboxPlanned(
            origin=plan.origin,
            image=plan.image,
            refused=tuple(f"{one.sentence} {one.action}".strip() for one in plan.refused),
            ports=plan.forward_ports,
        )
        async with self._database.reading() as connection:
            log = await event_log.since(connection, 0, run=run.id, kinds=(SandboxPlanned.kind,))
        last = log[-1].event if log else SandboxPlanned(STANDARD_PLAN.origin)
        if event != last:
            await self._recorder.record(run.project, run.id, event)

    async def forget(self, project: ProjectId) -> None:
        """Removes what the container engine keeps of a project that is gone; without an engine it stays for a prune."""
        for key in [key for key in self._read if key[0] == project]:
            del self._read[key]
        with suppress(EngineError):
            await self._images.forget(project)

    async def drop_caches(self, project: ProjectId, kept: str) -> None:
        """Deletes the project's cache volumes that nobody uses, but the one so named; what cannot go now stays."""
        with suppress(EngineError):
            await self._images.drop_caches(project, kept)

    async def read(self, project: ProjectId, commit: str) -> Spec:
        """What a commit of the private repository says, read once and judged; nothing is built. Raises GitError."""
        key = (project, commit)
        if key not in self._read:
            found = await read_spec(partial(self._texts, project, commit))
            while len(self._read) >= _KEPT:
                self._read.pop(next(iter(self._read)))
            self._read[key] = found
        return self._read[key]

    async def _texts(self, project: ProjectId, commit: str, paths: tuple[str, ...]) -> dict[str, str]:
        texts = {}
        for file in await self._workspaces.commits.read_files(project, commit, paths):
            if file.unread:
                raise Unreadable(f"{file.name} is not read: it {file.unread}.", "Make it a file of its own.")
            try:
                texts[file.name] = file.data.decode("utf-8")
            except UnicodeDecodeError as error:
                raise Unreadable(f"{file.name} is not read: it is not UTF-8.", "Save it as UTF-8.") from error
        return texts

    async def _image(self, run: Run, spec: Spec, on_line: OnLine) -> tuple[Wanted | None, str, list[Refused]]:
        """The first source whose image can be had, its tag, and why those before it could not."""
        failed: list[Refused] = []
        project, commit = run.project, run.base_commit
        for wanted in spec.sources:
            source = await self._source(project, commit)
            try:
                return wanted, await self._images.ensure(project, run.id, wanted, source, on_line), failed
            except StudioError as error:
                if isinstance(error, OutsideError) and (error.retryable or not isinstance(error, EngineError)):
                    raise
                failed.append(_unmade(wanted, error, await self._name(project)))
        return None, "", failed

    async def _source(self, project: ProjectId, commit: str) -> Source:
        files = await self._workspaces.commits.tree(project, commit)
        return Source(files, partial(self._workspaces.commits.export, project, commit))

    async def _name(self, project: ProjectId) -> str:
        """What a project is called where one writes commands."""
        async with self._database.reading() as connection:
            return quote((await projects.get(connection, project)).name)

    async def _environment(self, env: Mapping[str, str], image: str) -> Mapping[str, str]:
        if not any("${containerEnv:" in value for value in env.values()):
            return env
        return of_image(env, await self._images.environment(image))


def _unmade(wanted: Wanted, error: StudioError, project: str) -> Refused:
    return Refused(f"The image of {wanted.origin} is not used. {error.sentence}", _action(wanted, error, project))


def _action(wanted: Wanted, error: StudioError, project: str) -> str:
    if wanted.build is not None and isinstance(error, EngineError):
        network = f"The steps of a build reach what the project's sandboxes do (studio sandbox network {project})"
        return f"{network}; where that is not it, correct {wanted.build.dockerfile} and commit it."
    return error.action


def _origin(wanted: Wanted | None, settings: Wanted | None) -> str:
    """What a plan was made from, for people."""
    if wanted is None:
        image = STANDARD_PLAN.origin
    elif wanted.build is not None and wanted.build.dockerfile != wanted.origin:
        image = f"{wanted.build.dockerfile}, as {wanted.origin} says"
    elif wanted.image:
        image = f"the image {wanted.image}, as {wanted.origin} says"
    else:
        image = wanted.origin
    rest = settings is not None and (wanted is None or wanted.origin != settings.origin)
    return f"{image}; the rest as {settings.origin} says" if rest and settings is not None else image
