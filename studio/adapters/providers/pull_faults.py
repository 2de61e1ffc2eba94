"""The sentences for each way in which a server does not fetch a model."""

from __future__ import annotations

from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.faults import tidy
from studio.base.text import sized
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.pulls import PullProgress

_FULL = ("no space left on device", "not enough space", "disk quota exceeded", "enospc")
_UNKNOWN = ("file does not exist", "manifest unknown", "not found", "repository does not exist")
_TOO_OLD = ("requires a newer version", "requires the latest version", ": 412:")
_REFUSED = ("unauthorized", "forbidden", "access denied", "authentication", ": 401:", ": 403:")
_NO_WAY = (
    "no such host",
    "dial tcp",
    "connection refused",
    "connection reset",
    "max retries exceeded",
    "i/o timeout",
    "tls:",
    "x509:",
    "network is unreachable",
    "unexpected eof",
    "stream error",
)
_DAMAGED = ("digest mismatch",)


def refused(config: ProviderConfig, name: str, said: str, progress: PullProgress) -> ProviderError:
    """The error for a pull that the server gave up; `said` is its own word for why."""
    lowered, model = said.lower(), f"{config.name}/{name}"

    def means(signs: tuple[str, ...]) -> bool:
        return any(sign in lowered for sign in signs)

    if means(_FULL):
        return _error(
            ProviderFault.BAD_REQUEST,
            f"The disk of the machine that {config.label} runs on is full: {_came(progress)} of {model}.",
            f"Make room there, then go on: {_again(model)}",
        )
    if means(_TOO_OLD):
        return _error(
            ProviderFault.BAD_REQUEST,
            f"{model} needs a newer {config.label} than the one at {config.url}.",
            f"Update {config.label}, then: {_again(model)}",
        )
    if means(_REFUSED):
        return _error(
            ProviderFault.AUTH,
            f"The library refuses to give {model} to {config.label} ({tidy(config, said)}).",
            f"Sign in on the machine that {config.label} runs on, or choose another model.",
        )
    if means(_NO_WAY):
        return _error(
            ProviderFault.OVERLOADED,
            f"{config.label} cannot get {model} from the library ({tidy(config, said)}); {_came(progress)}.",
            f"Check the network of the machine that it runs on, then go on: {_again(model)}",
        )
    if means(_UNKNOWN):
        return _error(
            ProviderFault.UNKNOWN_MODEL,
            f"The library of {config.label} has no model named “{name}”.",
            "Check the spelling; https://ollama.com/library lists what there is.",
        )
    if means(_DAMAGED):
        sentence = f"What came of {model} is damaged, and {config.label} threw it away."
        return _error(ProviderFault.OVERLOADED, sentence, f"Try again: {_again(model)}")
    return _error(
        ProviderFault.OVERLOADED,
        f"{config.label} could not fetch {model} ({tidy(config, said)}); {_came(progress)}.",
        f"Try again: {_again(model)}",
    )


def broke_off(config: ProviderConfig, name: str, progress: PullProgress, error: ProviderError) -> ProviderError:
    """The error for a pull whose server said no more, or hung up."""
    model = f"{config.name}/{name}"
    return _error(
        error.fault,
        f"{config.label} at {config.url} stopped answering while it fetched {model}; {_came(progress)}.",
        f"See that it runs, then go on: {_again(model)}",
    )


def _came(progress: PullProgress) -> str:
    if not progress.total:
        return "nothing came"
    return f"{sized(progress.done)} of {sized(progress.total)} came"


def _again(model: str) -> str:
    return f"studio models pull {model}"


def _error(fault: ProviderFault, sentence: str, action: str) -> ProviderError:
    error = ProviderError(fault, sentence, action)
    error.may_have_cost = False
    return error
