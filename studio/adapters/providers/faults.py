"""The sentences for each way a provider can fail, shared by all adapters so that they sound alike."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.waits import retry_after, spoken
from studio.base.text import plain, shorten
from studio.domain.errors import ProviderError, ProviderFault

_REASON_LIMIT = 300
_SHORTEST_KEY = 8

_TOO_LONG_SIGNS = (
    "context_length_exceeded",
    "context length",
    "context window",
    "available context size",
    "max context length",
    "exceed_context_size",
    "maximum model length",
    "maximum context",
    "exceed context limit",
    "prompt is too long",
    "input is too long",
    "exceeds the maximum number of tokens",
    "reduce the length of the messages",
)
_NO_CREDIT_SIGNS = (
    "insufficient_quota",
    "credit balance is too low",
    "billing_error",
    "reached your specified api usage limits",
)
_WRONG_KEY_SIGNS = ("api key not valid", "api_key_invalid")
"""Gemini says so under the status of a bad request."""

_NO_IMAGES_SIGNS = ("image input is not supported", "support image input")
"""llama.cpp and OpenRouter say so of a model that cannot look at images, as if the fault or the model were another."""

_SPOILED_CALL_SIGNS = ("tool_use_failed",)
"""Groq refuses what its own model wrote as a call: the next try may be well."""

_UNKNOWN_END = frozenset({408, 499, 502, 504, *range(520, 528), 598})
"""Said by what stands between: nobody knows how far the provider got with the request."""

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)

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
    # Groq's and nginx's own.
    498: ProviderFault.OVERLOADED,
    499: ProviderFault.OVERLOADED,
}


def fault_of_status(status: int, detail: str) -> ProviderFault:
    """The cause behind an HTTP status; `detail` is the provider's own text, which tells some causes apart."""
    lowered = detail.lower()
    if status in (400, 402, 403, 429) and any(sign in lowered for sign in _NO_CREDIT_SIGNS):
        return ProviderFault.AUTH
    if status in (404, 500) and any(sign in lowered for sign in _NO_IMAGES_SIGNS):
        return ProviderFault.BAD_REQUEST
    # llama.cpp has said so as a fault of its own.
    if status in (400, 422, 500) and is_too_long(lowered):
        return ProviderFault.CONTEXT_TOO_LONG
    if status == 400 and any(sign in lowered for sign in _WRONG_KEY_SIGNS):
        return ProviderFault.AUTH
    if status == 400 and any(sign in lowered for sign in _SPOILED_CALL_SIGNS):
        return ProviderFault.BROKEN_STREAM
    if status >= 500:
        return ProviderFault.OVERLOADED
    return _BY_STATUS.get(status, ProviderFault.BAD_REQUEST)


def is_too_long(detail: str) -> bool:
    """Whether a provider's own text says that what it was sent is longer than its model's context."""
    lowered = detail.lower()
    return any(sign in lowered for sign in _TOO_LONG_SIGNS)


def words_in_text(text: str) -> str:
    """What an error's body says, JSON or not."""
    return words_in(decoded(text))


def decoded(text: str) -> object:
    """What a body says, decoded where it is JSON."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found


def words_in(body: object) -> str:
    """What an error's decoded body says, with the code behind it when there is one; the body itself when it is odd.

    Gemini puts it into a list; a web page says it in its title.
    """
    if isinstance(body, list) and len(body) == 1:
        return words_in(body[0])
    if isinstance(body, str) and body.lstrip().startswith("<"):
        title = _TITLE.search(body[:10_000])
        return f"a web page, “{title[1].strip()}”" if title else "a web page"
    inner = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(inner, dict):
        return str(inner or "")
    codes = (inner.get(name) for name in ("code", "type", "status"))
    message, code = inner.get("message") or inner, next((code for code in codes if code and isinstance(code, str)), "")
    return f"{message} ({code})" if code else str(message)


def from_status(
    config: ProviderConfig, model: str, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> ProviderError:
    """The error for an answer that is no reply."""
    if 300 <= status < 400:
        return redirected(config, status)
    fault = fault_of_status(status, detail)
    error = explained(config, fault, model, f"{status}: {tidy(config, detail)}", retry_after(headers or {}, detail))
    error.may_have_cost = error.may_have_cost or status in _UNKNOWN_END
    return error


def explained(
    config: ProviderConfig, fault: ProviderFault, model: str, reason: str, wait: float | None = None
) -> ProviderError:
    """The error for `fault` in words a person understands; `reason` is the provider's own, already tidied."""
    sentence, action = _words(config, fault, model, reason, wait)
    return ProviderError(fault, sentence, action, retry_after=wait)


def key_trouble(config: ProviderConfig) -> ProviderError | None:
    """The error for a provider whose key is missing, or is none that can be sent; it never shows any of it."""
    if config.key_missing:
        sentence = f"No key for {config.label} is set."
    elif not (config.api_key.isascii() and config.api_key.isprintable()):
        sentence = f"The key for {config.label} holds a line break, or another character that no key has."
    else:
        return None
    action = f"Paste one in Settings, or set {config.key_variable} and start Studio again."
    return ProviderError(ProviderFault.AUTH, sentence, action)


def require_address(config: ProviderConfig) -> None:
    """Raises ProviderError for a provider whose URL is none: no client can be made for it."""
    if config.host is None:
        raise ProviderError(
            ProviderFault.UNREACHABLE,
            f"The address of {config.label} is none: “{tidy(config, config.url)}”.",
            f"Set {config.url_setting} to one such as http://127.0.0.1:8080/v1.",
        )


def redirected(config: ProviderConfig, status: int) -> ProviderError:
    """The error for an answer that points elsewhere; following it could hand the key to a stranger."""
    return ProviderError(
        ProviderFault.BAD_REQUEST,
        f"{config.label} at {config.url} answered with a redirect ({status}), which is not followed.",
        f"Set {config.url_setting} to the final address.",
    )


def timed_out(config: ProviderConfig, seconds: float) -> ProviderError:
    """The error for a provider that said nothing for `seconds`."""
    return ProviderError(
        ProviderFault.TIMED_OUT,
        f"{config.label} said nothing for {seconds:g} seconds.",
        "Try again, or choose another model.",
    )


def too_slow(config: ProviderConfig, seconds: float) -> ProviderError:
    """The error for a reply that does not end within `seconds`: its provider's fault only where it has no more."""
    return ProviderError(
        ProviderFault.OUT_OF_TIME if seconds < config.total_seconds else ProviderFault.TIMED_OUT,
        f"{config.label} did not finish one reply within {round(seconds, 1):g} seconds.",
        "Try again, or choose another model.",
    )


def late(config: ProviderConfig, seconds: float) -> ProviderError:
    """The error for an answer that is no reply, and does not end within `seconds`."""
    return ProviderError(
        ProviderFault.TIMED_OUT,
        f"{config.label} did not answer within {round(seconds, 1):g} seconds.",
        f"Try again, or check {config.url_setting}.",
    )


def too_much(config: ProviderConfig, most: int) -> ProviderError:
    """The error for an answer that exceeds the `most` bytes that are taken."""
    return ProviderError(
        ProviderFault.BROKEN_STREAM,
        f"{config.label} sent more than {most:,} bytes for one answer; it was cut off.",
        f"Choose another model, or check {config.url_setting}.",
    )


def unreachable(config: ProviderConfig, reason: str) -> ProviderError:
    """The error for a provider that cannot be connected to: nothing was sent to it."""
    start = "Start it (ollama serve), or" if config.is_ollama else "Check the network, or"
    return ProviderError(
        ProviderFault.UNREACHABLE,
        f"{config.label} does not answer at {config.url}: {tidy(config, reason)}.",
        f"{start} set {config.url_setting}.",
    )


def no_stream(config: ProviderConfig, kind: str, said: str = "") -> ProviderError:
    """The error for an answer of content type `kind`, which is no reply whatever it says."""
    words = f": {tidy(config, said)}" if said else ""
    return ProviderError(
        ProviderFault.BROKEN_STREAM,
        f"{config.label} at {config.url} answered with {tidy(config, kind)} where a reply was wanted{words}.",
        f"Check {config.url_setting}, and whether the network asks you to sign in first.",
    )


def broken(config: ProviderConfig, reason: str) -> ProviderError:
    """The error for a stream that ended early or is not the protocol."""
    return ProviderError(
        ProviderFault.BROKEN_STREAM,
        f"The reply of {config.label} broke off or could not be read: {tidy(config, reason)}.",
        "Try again.",
    )


def _words(
    config: ProviderConfig, fault: ProviderFault, model: str, reason: str, wait: float | None
) -> tuple[str, str]:
    label, asks = config.label, f" and asks to wait {spoken(wait)}" if wait else ""
    match fault:
        case ProviderFault.AUTH if reason[:3] == "402" or any(sign in reason.lower() for sign in _NO_CREDIT_SIGNS):
            return (
                f"The {label} account has no credit left, or has used up its own limit.",
                f"Add credit or raise the limit there, or set another key in Settings or {config.key_variable}.",
            )
        case ProviderFault.AUTH:
            wanted = f"a valid key with access to {model}" if model else "a valid key"
            return (
                f"{label} refused the key ({reason[:3]}).",
                f"Paste {wanted} in Settings, or set {config.key_variable} and start Studio again.",
            )
        case ProviderFault.UNKNOWN_MODEL:
            return f"{label} has no model named “{model}”.", _model_action(config, model)
        case ProviderFault.CONTEXT_TOO_LONG:
            return (
                f"The chat is too long for {model} of {label}.",
                "Start a new run, or choose a model with more context.",
            )
        case ProviderFault.RATE_LIMITED:
            return f"{label} is refusing more calls for now ({reason}){asks}.", "Wait, or choose another model."
        case ProviderFault.BROKEN_STREAM:
            return f"{model} of {label} wrote a call that could not be read ({reason}).", "Try again."
        case ProviderFault.OVERLOADED:
            return f"{label} has a problem of its own ({reason}){asks}.", "Try again later, or choose another model."
        case _:
            return (
                f"{label} could not use the request ({reason}).",
                "Choose another model, or check the provider's settings.",
            )


def _model_action(config: ProviderConfig, model: str) -> str:
    if config.is_ollama:
        return f"Fetch it: studio models pull {config.name}/{model}"
    return f"Check the spelling, and that {config.url_setting} is right when it is set."


def tidy(config: ProviderConfig, text: str) -> str:
    """A provider's own words on one line, short, printable and without the key."""
    # A very short key is a placeholder of a local server and would only garble words.
    cleaned = text.replace(config.api_key, "[key]") if len(config.api_key) >= _SHORTEST_KEY else text
    line = " ".join(plain(cleaned[: 8 * _REASON_LIMIT]).split())
    return shorten(line, _REASON_LIMIT).replace("\n", " ").rstrip(".") or "no details"
