"""The sentences for each way a provider can fail, shared by all adapters so that they sound alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from studio.adapters.providers.config import ProviderConfig
from studio.base.text import plain, shorten
from studio.domain.errors import ProviderError, ProviderFault

_REASON_LIMIT = 300
_SHORTEST_KEY = 8

_TOO_LONG_SIGNS = (
    "context_length_exceeded",
    "context length",
    "context window",
    "maximum context",
    "prompt is too long",
    "input is too long",
    "exceeds the maximum number of tokens",
    "reduce the length of the messages",
)
_NO_CREDIT_SIGNS = ("insufficient_quota", "credit balance is too low", "billing_error", "exceeded your current quota")

_BY_STATUS: dict[int, ProviderFault] = {
    401: ProviderFault.AUTH,
    402: ProviderFault.AUTH,
    403: ProviderFault.AUTH,
    404: ProviderFault.UNKNOWN_MODEL,
    408: ProviderFault.OVERLOADED,
    409: ProviderFault.OVERLOADED,
    413: ProviderFault.CONTEXT_TOO_LONG,
    425: ProviderFault.OVERLOADED,
    429: ProviderFault.RATE_LIMITED,
}


def fault_of_status(status: int, detail: str) -> ProviderFault:
    """The cause behind an HTTP status; `detail` is the provider's own text, which tells some causes apart."""
    lowered = detail.lower()
    if status in (400, 402, 403, 429) and any(sign in lowered for sign in _NO_CREDIT_SIGNS):
        return ProviderFault.AUTH
    if status in (400, 422) and any(sign in lowered for sign in _TOO_LONG_SIGNS):
        return ProviderFault.CONTEXT_TOO_LONG
    if status >= 500:
        return ProviderFault.OVERLOADED
    return _BY_STATUS.get(status, ProviderFault.BAD_REQUEST)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds a provider asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date), else None."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return _until(headers.get("retry-after", ""), now or datetime.now(UTC))


def words_in(body: object) -> str:
    """What an error's decoded body says, with the code behind it when there is one; the body itself when it is odd."""
    inner = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(inner, dict):
        return str(inner or "")
    message, code = inner.get("message") or inner, inner.get("code") or inner.get("type")
    return f"{message} ({code})" if isinstance(code, str) else str(message)


def from_status(
    config: ProviderConfig, model: str, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> ProviderError:
    """The error for an answer that is no reply."""
    if 300 <= status < 400:
        return redirected(config, status)
    fault = fault_of_status(status, detail)
    return explained(config, fault, model, f"{status}: {_tidy(config, detail)}", retry_after(headers or {}))


def explained(
    config: ProviderConfig, fault: ProviderFault, model: str, reason: str, wait: float | None = None
) -> ProviderError:
    """The error for `fault` in words a person understands; `reason` is the provider's own, already tidied."""
    sentence, action = _words(config, fault, model, reason)
    return ProviderError(fault, sentence, action, retry_after=wait)


def key_missing(config: ProviderConfig) -> ProviderError:
    """The error for a provider that needs a key and has none."""
    return ProviderError(
        ProviderFault.AUTH, f"No key for {config.label} is set.", f"Set {config.key_variable} and start Studio again."
    )


def redirected(config: ProviderConfig, status: int) -> ProviderError:
    """The error for an answer that points elsewhere; following it could hand the key to a stranger."""
    return ProviderError(
        ProviderFault.BAD_REQUEST,
        f"{config.label} at {config.url} answered with a redirect ({status}), which is not followed.",
        f"Set {config.url_variable} to the final address.",
    )


def timed_out(config: ProviderConfig, seconds: float) -> ProviderError:
    """The error for a provider that said nothing for `seconds`."""
    return ProviderError(
        ProviderFault.TIMED_OUT,
        f"{config.label} said nothing for {seconds:g} seconds.",
        "Try again, or choose another model.",
    )


def too_slow(config: ProviderConfig, seconds: float) -> ProviderError:
    """The error for a reply that does not end within `seconds`."""
    return ProviderError(
        ProviderFault.TIMED_OUT,
        f"{config.label} did not finish one reply within {round(seconds, 1):g} seconds.",
        "Try again, or choose another model.",
    )


def too_much(config: ProviderConfig) -> ProviderError:
    """The error for a reply that exceeds the byte cap."""
    return ProviderError(
        ProviderFault.BROKEN_STREAM,
        f"{config.label} sent more than {config.max_bytes:,} bytes for one reply; it was cut off.",
        "Choose another model.",
    )


def unreachable(config: ProviderConfig, reason: str) -> ProviderError:
    """The error for a provider that cannot be connected to."""
    start = "Start it (ollama serve), or" if config.name == "ollama" else "Check the network, or"
    return ProviderError(
        ProviderFault.UNREACHABLE,
        f"{config.label} does not answer at {config.url}: {_tidy(config, reason)}.",
        f"{start} set {config.url_variable}.",
    )


def broken(config: ProviderConfig, reason: str) -> ProviderError:
    """The error for a stream that ended early or is not the protocol."""
    return ProviderError(
        ProviderFault.BROKEN_STREAM,
        f"The reply of {config.label} broke off or could not be read: {_tidy(config, reason)}.",
        "Try again.",
    )


def _words(config: ProviderConfig, fault: ProviderFault, model: str, reason: str) -> tuple[str, str]:
    label = config.label
    match fault:
        case ProviderFault.AUTH if any(sign in reason.lower() for sign in _NO_CREDIT_SIGNS):
            return (
                f"The {label} account has no credit left.",
                f"Add credit, or set {config.key_variable} to another key.",
            )
        case ProviderFault.AUTH:
            wanted = f"a valid key with access to {model}" if model else "a valid key"
            return (
                f"{label} refused the key ({reason[:3]}).",
                f"Set {config.key_variable} to {wanted}, then start Studio again.",
            )
        case ProviderFault.UNKNOWN_MODEL:
            return f"{label} has no model named “{model}”.", _model_action(config, model)
        case ProviderFault.CONTEXT_TOO_LONG:
            return (
                f"The chat is too long for {model} of {label}.",
                "Start a new run, or choose a model with more context.",
            )
        case ProviderFault.RATE_LIMITED:
            return f"{label} is refusing more calls for now ({reason}).", "Wait a little, or choose another model."
        case ProviderFault.OVERLOADED:
            return f"{label} has a problem of its own ({reason}).", "Try again later, or choose another model."
        case _:
            return (
                f"{label} could not use the request ({reason}).",
                "Choose another model, or check the provider's settings.",
            )


def _model_action(config: ProviderConfig, model: str) -> str:
    if config.name == "ollama":
        return f"Fetch it: ollama pull {model}"
    return f"Check the spelling, and that {config.url_variable} is right when it is set."


def _tidy(config: ProviderConfig, text: str) -> str:
    """A provider's own words on one line, short, printable and without the key."""
    # A very short key is a placeholder of a local server and would only garble words.
    cleaned = text.replace(config.api_key, "[key]") if len(config.api_key) >= _SHORTEST_KEY else text
    line = " ".join(plain(cleaned[: 8 * _REASON_LIMIT]).split())
    return shorten(line, _REASON_LIMIT).replace("\n", " ").rstrip(".") or "no details"


def _until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
