"""The doctor door: can agents run here, and if not, what to do."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from studio.app.checks import ANSWER_SECONDS, Check, engine_checks, files_check
from studio.app.keys import Keys
from studio.app.vault import Vault
from studio.base.aio import in_thread
from studio.base.display import has_display
from studio.base.paths import Paths
from studio.base.text import sized
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import StudioError
from studio.domain.providers import ProviderKind
from studio.router.registry import Registry
from studio.router.router import Router
from studio.sandbox.folders import Folders
from studio.sandbox.images import Images
from studio.workspace.person import PersonGit

FREE_BYTES = 5 * 10**9
_ENGINE_FIRST = "Mend that first: see the container engine above."
_STRONGER = "Use a desktop with a keyring, or set STUDIO_VAULT_PASSPHRASE before the first secret."


class Doctor:
    """Looks at everything an agent needs."""

    def __init__(
        self,
        environment: Mapping[str, str],
        paths: Paths,
        person: PersonGit,
        engine: SandboxEngine,
        images: Images,
        router: Router,
        configured: Callable[[str], bool],
        vault: Vault,
        keys: Keys,
        registry: Registry,
        folders: Folders,
        others: Callable[[], tuple[str, ...]],
    ) -> None:
        self._others = others
        self._folders = folders
        self._registry = registry
        self._environment = environment
        self._paths = paths
        self._person = person
        self._engine = engine
        self._images = images
        self._router = router
        self._configured = configured
        self._vault_door = vault
        self._keys = keys

    async def checks(self) -> AsyncIterator[Check]:
        """Each check as it is done."""
        yield await self._git()
        async for of_engine in engine_checks(self._engine, self._others):
            yield of_engine
        yield (image := await self._image())
        if image.ok and (files := await files_check(self._engine, self._folders, self._images.tag)) is not None:
            yield files
        for check in (self._providers, self._vault, self._display):
            yield await check()
        yield await in_thread(self._disk)

    async def _git(self) -> Check:
        async def look() -> str:
            return f"Git {await self._person.version()}."

        return await _try("git", look)

    async def _image(self) -> Check:
        async def look() -> bool:
            await self._engine.ping(ANSWER_SECONDS)
            return await self._images.ready()

        try:
            ready = await look()
        except StudioError:
            # What to do about the engine is said in the engine's own line.
            return Check("sandbox image", False, "It cannot be looked for without a container engine.", _ENGINE_FIRST)
        if ready and self._engine.weaker:
            return Check("sandbox image", True, "Sandboxes have this machine's own programs, read-only.")
        if ready:
            return Check("sandbox image", True, f"{self._images.tag} is ready.")
        return Check(
            "sandbox image", False, "It is not built yet.", "Build it (a few minutes, once): studio image build"
        )

    async def _providers(self) -> Check:
        if (mistake := self._registry.mistake) is not None:
            return Check("providers", False, mistake.sentence, mistake.action)
        answered, bare, silent, wrong = [], [], [], ""
        for name in (name for name in self._registry.names if self._configured(name)):
            try:
                models = await (await self._router.model(name)).list_models()
                if models or self._registry.get(name).kind is not ProviderKind.OLLAMA:
                    answered.append(f"{name} ({len(models)} models)")
                else:
                    bare.append(name)
            except StudioError as error:
                silent.append(error)
                wrong = wrong or (error.action if name != "ollama" or "OLLAMA_HOST" in self._environment else "")
        if answered:
            return Check("providers", True, f"{', '.join(answered)}.")
        if bare:
            what = f"{bare[0]} answers and has no model yet that holds a chat."
            return Check("providers", False, what, f"Fetch one: studio models pull {bare[0]}/qwen3")
        # What was set up and does not answer comes before what could be set up besides.
        action = wrong or (
            "Start Ollama, paste a key in Settings (or studio secret set provider:anthropic), set ANTHROPIC_API_KEY, "
            "OPENAI_API_KEY, GROQ_API_KEY or GEMINI_API_KEY and start Studio again, or add another server: "
            "studio providers add NAME --base-url URL"
        )
        words = " ".join(error.sentence for error in silent)
        return Check("providers", False, f"No model provider can be used. {words}".strip(), action)

    async def _vault(self) -> Check:
        given = [name for name in self._registry.names if self._keys.from_environment(name)]
        from_environment = f"The environment gives the key of {', '.join(given)}." if given else ""
        try:
            place, names = await self._vault_door.place(), await self._vault_door.list()
        except StudioError as error:
            return Check("vault", False, f"{error.sentence} {from_environment}".strip(), error.action, needed=False)
        weaker = " That is weaker than a keyring: whoever reads the data folder can read them." if place.weaker else ""
        words = f"Secrets rest {place.sentence}; {len(names) or 'none'} kept so far.{weaker} {from_environment}".strip()
        return Check("vault", True, words, _STRONGER if place.weaker else "", needed=False)

    async def _display(self) -> Check:
        if has_display(self._environment):
            return Check("display", True, "There is one for the window.", needed=False)
        return Check(
            "display",
            False,
            "There is none, so the window cannot open.",
            "Set DISPLAY, or use the command line.",
            needed=False,
        )

    def _disk(self) -> Check:
        free = shutil.disk_usage(self._paths.home).free
        words = f"{sized(free)} free in {self._paths.home}."
        action = "" if free >= FREE_BYTES else f"Free at least {sized(FREE_BYTES)}: images and workspaces lie there."
        return Check("disk", free >= FREE_BYTES, words, action)


async def _try(name: str, look: Callable[[], Awaitable[str]]) -> Check:
    try:
        return Check(name, True, await look())
    except StudioError as error:
        return Check(name, False, error.sentence, error.action)


__all__ = ["Check", "Doctor"]
