"""Images of projects: built from what a commit holds, made fit for a sandbox, and kept by what went into them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.paths import Paths
from studio.contracts.containers import BuildOptions
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, OutsideError, StudioError, UserError
from studio.domain.ids import ProjectId, RunId
from studio.sandbox import labels
from studio.sandbox.build_bounds import BuildBounds
from studio.sandbox.build_rooms import BuildRooms, Room
from studio.sandbox.egress.registries import Fetch, Registries
from studio.sandbox.images import Images
from studio.sandbox.named_images import NamedImages, require_no_steps
from studio.sandbox.shape import Size, inside_user
from studio.sandbox.spec.feature_steps import feature_steps
from studio.sandbox.spec.matter import what_matters
from studio.sandbox.spec.wanted import Build, Wanted

_TOOLS = "/studio/tools"
_USUAL = BuildBounds(Size())


@dataclass(frozen=True, slots=True)
class Source:
    """The commit an image is built from: its files by path, each with what names its content, and a way to get them.

    `lay_out` writes all files below the folder it is given, and returns where.
    """

    files: Mapping[str, str]
    lay_out: Callable[[Path], Awaitable[Path]]


class ProjectImages:
    """Makes the images that projects ask for; a failed one is not tried again until something in it changes."""

    def __init__(
        self,
        engine: SandboxEngine,
        images: Images,
        sources: Path,
        paths: Paths,
        rooms: BuildRooms | None = None,
        require_sight: Callable[[], Awaitable[None]] | None = None,
        bounds: BuildBounds = _USUAL,
        registries: Registries | None = None,
    ) -> None:
        """`sources` as `image_sources` finds it; without `rooms` no step of a build has a network.

        Without `registries` no image is fetched.

        `require_sight` raises EngineError unless the engine sees this data folder: before that, nothing is removed.
        """
        self._engine = engine
        self._images = images
        self._sources = sources
        self._paths = paths
        self._rooms = rooms
        self._require_sight = require_sight
        self._bounds = bounds
        self._making: defaultdict[ProjectId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._failed: dict[str, tuple[str, str]] = {}
        self.named = NamedImages(engine, bounds, registries)

    async def ensure(
        self, project: ProjectId, run: RunId, wanted: Wanted, source: Source, on_line: Callable[[str], None]
    ) -> str:
        """The tag of the image that `wanted` asks for, once the engine has it; empty when that is Studio's own.

        `run` is the one in which a person is asked whether an image may be fetched. Raises EngineError, PolicyRefused
        where it may not, and UserError for an image that no sandbox can start from.
        """
        if not (wanted.image or wanted.build or wanted.features):
            return ""
        whose = Fetch(project, run)
        # Before others of the project have to wait, too.
        await self.named.require_allowed(await self.lacking(project, wanted, source), whose)
        async with self._making[project]:
            named = await self.named.id_of(wanted.image, on_line, whose)
            tag = await self._tag(project, wanted, source, named)
            digest = tag.rpartition(":")[2]
            # With a network a step that failed may go well the next time.
            if digest in self._failed and not await self.has_way_out(project):
                raise EngineError(*self._failed[digest])
            if await self._engine.image_id(tag) is None:
                for base in wanted.build.bases if wanted.build else ():
                    await self.named.require_base(base, on_line, whose)
                try:
                    async with self._room(project) as room:
                        await self._make(tag, project, wanted, source, on_line, room)
                except StudioError as error:
                    if not (isinstance(error, OutsideError) and error.retryable):
                        self._failed[digest] = error.sentence, error.action
                    raise
        return tag

    async def lacking(self, project: ProjectId, wanted: Wanted, source: Source) -> tuple[str, ...]:
        """The images that this one is made from and that are not here; none of one that is made. Raises EngineError."""
        if wanted.build is None:
            return await self.named.missing((wanted.image,))
        is_made = await self._engine.image_id(await self._tag(project, wanted, source, "")) is not None
        return () if is_made else await self.named.missing((wanted.image, *wanted.build.bases))

    async def has_way_out(self, project: ProjectId) -> bool:
        """Whether the steps of a build, and the project's sandboxes, may reach anything."""
        return self._rooms is not None and await self._rooms.has_way_out(project)

    async def environment(self, tag: str) -> dict[str, str]:
        """The variables that an image sets; empty is Studio's own image."""
        facts = await self._engine.image_facts(tag or self._images.tag)
        return dict(facts.env) if facts is not None else {}

    async def forget(self, project: ProjectId) -> None:
        """Removes the images and the volumes of a project that is gone, once its containers are. Raises EngineError."""
        worn = {**await in_thread(labels.ours, self._paths.home), labels.PROJECT: project}
        images, volumes = await self._engine.images(worn), await self._engine.volumes(worn)
        if (images or volumes) and self._require_sight is not None:
            await self._require_sight()
        for image in images:
            await self._engine.remove_image(image.id)
        for volume in volumes:
            if labels.is_workspace(volume.labels):
                continue  # it was kept when its run was put away, for what is nowhere else
            await self._engine.remove_volume(volume.name)

    async def drop_caches(self, project: ProjectId, kept: str) -> None:
        """Deletes the project's cache volumes, but the one so named and those that a container uses.

        Raises EngineError.
        """
        worn = {**await in_thread(labels.ours, self._paths.home), labels.PROJECT: project}
        kept_data = {labels.RUN, labels.DATA, labels.LAID}
        old = [volume.name for volume in await self._engine.volumes(worn) if not kept_data & volume.labels.keys()]
        if set(old) - {kept} and self._require_sight is not None:
            await self._require_sight()
        for name in old:
            if name != kept:
                with suppress(EngineError):
                    await self._engine.remove_volume(name)

    @asynccontextmanager
    async def _room(self, project: ProjectId) -> AsyncIterator[Room]:
        if self._rooms is None:
            yield Room()
            return
        async with self._rooms.lend(project) as room:
            yield room

    async def _make(
        self,
        tag: str,
        project: ProjectId,
        wanted: Wanted,
        source: Source,
        on_line: Callable[[str], None],
        room: Room,
    ) -> None:
        worn = {**await in_thread(labels.ours, self._paths.home), labels.PROJECT: project}
        await in_thread(self._paths.cache.mkdir, parents=True, exist_ok=True)
        scratch = Path(await in_thread(tempfile.mkdtemp, prefix="build-", dir=self._paths.cache))
        first = f"{tag}-first"
        try:
            files = await source.lay_out(scratch) if wanted.build or wanted.features else scratch
            base = wanted.image or await self._images.ensure(on_line)
            if wanted.build is not None:
                on_line(f"Building the project's image from {wanted.build.dockerfile}.")
                await self._build(files, wanted.build, first, worn, on_line, room)
                base = first
            await self._finish(scratch / "finish", files, wanted, base, tag, worn, on_line, room)
        finally:
            if wanted.build is not None:
                await self._engine.remove_image(first)
            await in_thread(shutil.rmtree, scratch)

    async def _build(
        self,
        files: Path,
        build: Build,
        tag: str,
        worn: Mapping[str, str],
        on_line: Callable[[str], None],
        room: Room,
    ) -> None:
        context = files / build.context
        if not await in_thread(_is_plain, files, context):
            raise UserError(f"The folder {build.context or '.'}, in which the image is to be built, is not there.")
        if await in_thread((context / ".dockerignore").is_symlink):
            raise UserError("The file .dockerignore is a link, which is not followed.", "Make it a file.")
        options = self._bounds.of(BuildOptions({**build.args, **room.args}, build.target, room.network))
        # On a disk that tells no case, or by an attribute of Git, the file may say what nobody judged.
        judged = files.parent / "judged"
        await in_thread(judged.write_text, build.text, "utf-8")
        await self._bounds.keep(self._engine.build_image(context, str(judged), tag, on_line, worn, options))

    async def _finish(
        self,
        context: Path,
        files: Path,
        wanted: Wanted,
        base: str,
        tag: str,
        worn: Mapping[str, str],
        on_line: Callable[[str], None],
        room: Room,
    ) -> None:
        facts = await self._engine.image_facts(base)
        require_no_steps(facts, wanted.image or "of the Dockerfile")
        if facts is not None and facts.volumes:
            raise UserError(
                f"The image {wanted.image or 'of the Dockerfile'} keeps {', '.join(facts.volumes)[:200]} outside of "
                "the sandbox's walls (VOLUME), so no sandbox can start from it.",
                "Use an image without volumes of its own.",
            )
        if facts is not None and any(name.startswith("studio.") and name not in worn for name in facts.labels):
            raise UserError(
                f"The image {wanted.image or 'of the Dockerfile'} carries a label that begins with studio., by which "
                "Studio knows its own things, so no sandbox can start from it.",
                "Name the label otherwise.",
            )
        tools = await self._tools(on_line)
        on_line("Making the project's image fit for a sandbox.")
        steps = await in_thread(self._fill, context, files, wanted, base, tools)
        await in_thread((context / "Dockerfile").write_text, steps, "utf-8")
        options = self._bounds.of(BuildOptions(room.args, network=room.network))
        await self._bounds.keep(self._engine.build_image(context, "Dockerfile", tag, on_line, worn, options))

    def _fill(self, context: Path, files: Path, wanted: Wanted, base: str, tools: str) -> str:
        """Lays out what the last steps need and returns them."""
        context.mkdir()
        shutil.copy(self._sources / "project" / "finish.sh", context)
        steps = [f"FROM {base}", "USER 0:0", f"COPY --from={tools} {_TOOLS} {_TOOLS}", "COPY finish.sh /studio/"]
        steps.append('RUN ["/bin/sh", "/studio/finish.sh"]')
        uid, gid = inside_user()
        steps += [f"USER {uid}:{gid}", 'RUN ["/bin/sh", "/studio/finish.sh", "try"]', "USER 0:0"]
        for number, feature in enumerate(wanted.features):
            if not _is_plain(files, files / feature.folder):
                raise UserError(f"The feature {feature.folder} is not in the repository.", "Correct devcontainer.json.")
            steps += feature_steps(files / feature.folder, context / f"feature-{number}", feature.options)
        return "\n".join((*steps, ""))

    async def _tools(self, on_line: Callable[[str], None]) -> str:
        """The image that holds python3, bash and git for images that lack them."""
        standard = await self._images.ensure(on_line)
        tag = f"studio-tools:{_digest_of_folder(self._sources / 'tools')[:8]}-{standard.partition(':')[2]}"
        if await self._engine.image_id(tag) is None:
            on_line("Gathering the programs that every sandbox needs.")
            options = BuildOptions(args={"STANDARD": standard}, network="none")
            await self._engine.build_image(self._sources / "tools", "Dockerfile", tag, on_line, None, options)
        return tag

    async def _tag(self, project: ProjectId, wanted: Wanted, source: Source, named: str) -> str:
        return f"studio-project-{project}:{await in_thread(self._digest, wanted, source, named)}"

    def _digest(self, wanted: Wanted, source: Source, named: str) -> str:
        parts: list[object] = [
            _digest_of_folder(self._sources / "tools"),
            _digest_of_folder(self._sources / "project"),
            self._images.tag,
            [wanted.image, named],
            [[feature.folder, dict(feature.options)] for feature in wanted.features],
            what_matters(wanted, source.files),
        ]
        if wanted.build is not None:
            parts.append([wanted.build.dockerfile, wanted.build.context, wanted.build.target, dict(wanted.build.args)])
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _is_plain(top: Path, folder: Path) -> bool:
    """Whether `folder` is one, below `top`, without a link on the way. Blocks."""
    steps = [folder, *folder.parents]
    return folder.is_dir() and not any(step.is_symlink() for step in steps[: steps.index(top)])


def _digest_of_folder(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
