"""The ground: what everything else stands on, and what providers are called with."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from studio.adapters.clock import SystemClock
from studio.adapters.providers.config import config_of
from studio.adapters.providers.text_tools import TextTools
from studio.adapters.secrets.addresses import AddressFile
from studio.adapters.secrets.vault import Vault as SecretsAtRest
from studio.app.fitness import measured_form
from studio.app.keys import Keys
from studio.base.log import setup
from studio.base.paths import Paths
from studio.base.redact import Redactor
from studio.base.setting import SettingsError
from studio.base.settings import Settings
from studio.contracts.chat_model import ChatModel
from studio.domain.errors import ProviderError, ProviderFault, StoreError, UserError, VaultError
from studio.domain.providers import BUILT_IN, ProviderKind
from studio.router.current_providers import CurrentProviders
from studio.router.registry import Registry
from studio.store.database import Database

# Imported when first asked for: the SDKs behind these take long to load.
ADAPTERS: dict[ProviderKind, str] = {
    ProviderKind.ANTHROPIC: "studio.adapters.providers.anthropic",
    ProviderKind.OLLAMA: "studio.adapters.providers.ollama",
    ProviderKind.OPENAI_COMPATIBLE: "studio.adapters.providers.openai",
    ProviderKind.SCRIPTED: "studio.adapters.providers.scripted",
}

PASSPHRASE_VARIABLE = "STUDIO_VAULT_PASSPHRASE"


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything else stands on."""

    environment: Mapping[str, str]
    paths: Paths
    settings: Settings
    registry: Registry
    declared: CurrentProviders
    redactor: Redactor
    secrets: SecretsAtRest
    keys: Keys
    clock: SystemClock


def ground_of(environment: Mapping[str, str]) -> Ground:
    """The ground of the data folder that the environment names; blocks. Raises UserError or StoreError."""
    paths = Paths.from_environment(environment)
    try:
        paths.make()
        settings = Settings.load(paths.settings, environment)
    except SettingsError as error:
        raise UserError(error.sentence, error.action) from error
    except OSError as error:
        raise StoreError(
            f"The data folder {paths.home} cannot be used: {error.strerror}.", "Name another one with STUDIO_HOME."
        ) from error
    declared = CurrentProviders(paths.providers)
    registry = declared.registry
    passphrase = environment.get(PASSPHRASE_VARIABLE, "")
    given = (environment.get(each.key_variable, "").strip() for each in registry.all)
    redactor = Redactor((passphrase, *given))
    setup(redactor, level=settings.log_level, folder=paths.logs)
    # No program that is started from here on gets it.
    environment = {name: value for name, value in environment.items() if name != PASSPHRASE_VARIABLE}
    secrets = SecretsAtRest(paths.secrets, passphrase)
    keys = Keys(
        *(environment, secrets, redactor, registry, AddressFile(paths.secrets / "addresses.json")),
        lambda provider: config_of(registry.get(provider), environment).url,
    )
    keys.refresh()
    return Ground(environment, paths, settings, registry, declared, redactor, secrets, keys, SystemClock())


def provider_maker(ground: Ground, database: Database) -> Callable[[str], ChatModel]:
    """What makes the chat model of a provider by its name; slow at first, since it imports an SDK.

    Raises ProviderError where it cannot be made: the next model of a route can be asked all the same.
    """

    def make(provider: str) -> ChatModel:
        try:
            known = ground.registry.get(provider)
            config = config_of(known, ground.environment, ground.keys.get(provider))
        except UserError as error:
            raise ProviderError(ProviderFault.UNKNOWN_MODEL, error.sentence, error.action) from error
        except VaultError as error:
            raise ProviderError(ProviderFault.AUTH, error.sentence, error.action) from error
        try:
            # Ollama's library reads its address from the environment already when it is imported.
            module = importlib.import_module(ADAPTERS[known.kind])
            model: ChatModel = module.make(config)
        except ValueError as error:
            what = f"{config.url_setting} is not an address: {error}."
            raise ProviderError(
                ProviderFault.UNREACHABLE, what[0].upper() + what[1:], "Write it like http://127.0.0.1:11434."
            ) from error
        # A script says itself what is called, and how.
        scripted = known.kind is ProviderKind.SCRIPTED
        return model if scripted else TextTools(model, partial(measured_form, database, provider))

    return make


def address_in(ground: Ground) -> Callable[[str], str]:
    """What tells where a provider is called at this moment."""
    return lambda provider: config_of(ground.registry.get(provider), ground.environment).url


def genuine_in(ground: Ground) -> Callable[[str], bool]:
    """What tells whether a provider is the service whose name it has: a built-in one, called at its own address."""

    def genuine(provider: str) -> bool:
        own, known = BUILT_IN.get(provider), ground.registry.find(provider)
        if own is None or known is None:
            return False
        return config_of(known, ground.environment).url.rstrip("/") == own.base_url.rstrip("/")

    return genuine


def configured_in(ground: Ground) -> Callable[[str], bool]:
    """What tells whether a provider has all that it is called with."""

    def configured(provider: str) -> bool:
        known = ground.registry.find(provider)
        if known is None or known.kind is ProviderKind.SCRIPTED:
            return known is not None
        if ground.keys.withheld(provider) and not ground.keys.from_environment(provider):
            return False
        return not config_of(known, ground.environment).key_missing or ground.keys.has(provider)

    return configured
