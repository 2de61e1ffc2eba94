"""The error tree: what went wrong, what it means, what to do next.

StudioError
├── UserError          the person can put it right (bad input, wrong state)
│   ├── NotFound       a name or id that does not exist
│   └── AlreadyMerged  a branch holds everything already
├── OutsideError       an outside system failed; `retryable` says whether trying again can help
│   ├── ProviderError  a model provider (see `ProviderFault` for the closed list of causes)
│   ├── NothingLeft    no model can be asked now, and one can later
│   ├── EngineError    the container engine
│   │   └── EngineGone it answers nobody now: nothing can run until it does
│   ├── GitError       git itself
│   ├── VaultError     where secret values rest
│   └── StoreError     the data folder
└── Refused            policy, limit, budget or cancellation said no

Anything that is not a StudioError is a bug and flies to the hook of the face that runs it.
"""

from __future__ import annotations

from enum import StrEnum

from studio.domain.usage import Usage


class StudioError(Exception):
    """One clear sentence for the person, with the next action beside it.

    `sentence` says what happened and what it means; `action` what to do next (may be empty when the
    sentence already says it). Both are plain text and free of secrets.
    """

    def __init__(self, sentence: str, action: str = "") -> None:
        super().__init__(f"{sentence} {action}".strip())
        self.sentence = sentence
        self.action = action


class UserError(StudioError):
    """Something the person asked for cannot be done as asked."""


class NotFound(UserError):
    """A project, run, branch or file that was named does not exist."""


class AlreadyMerged(UserError):
    """The branch `into`, which stands on `commit`, holds everything of the run already."""

    def __init__(self, sentence: str, into: str, commit: str) -> None:
        super().__init__(sentence)
        self.into = into
        self.commit = commit


class OutsideError(StudioError):
    """An outside system failed."""

    def __init__(self, sentence: str, action: str = "", *, retryable: bool = False) -> None:
        super().__init__(sentence, action)
        self.retryable = retryable


class ProviderFault(StrEnum):
    """Why a call to a model provider failed; every adapter maps its SDK's errors to one of these."""

    AUTH = "auth"  # the key is missing, wrong or lacks rights
    UNKNOWN_MODEL = "unknown_model"
    BAD_REQUEST = "bad_request"
    CONTEXT_TOO_LONG = "context_too_long"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"  # 5xx and the provider's own "try later"
    UNREACHABLE = "unreachable"  # DNS, TLS, refused: no connection came about, so that nothing was sent
    TIMED_OUT = "timed_out"  # no byte within the idle timeout
    OUT_OF_TIME = "out_of_time"  # the time that the asker had for it ended: that says nothing of the provider
    BROKEN_STREAM = "broken_stream"  # reset or ended early once it was sent, or what came is not the protocol
    SCRIPT_ENDED = "script_ended"  # the scripted model has no reply left
    RESTING = "resting"  # nothing was sent: the provider failed too often, or asked to be left alone for a while
    OVER_BUDGET = "over_budget"  # nothing was sent: no budget has the money that the call may cost
    PACED = "paced"  # nothing was sent: its key has made as many requests as it may make in a minute


RETRYABLE_FAULTS = frozenset(
    {
        ProviderFault.RATE_LIMITED,
        ProviderFault.OVERLOADED,
        ProviderFault.UNREACHABLE,
        ProviderFault.TIMED_OUT,
        ProviderFault.OUT_OF_TIME,
        ProviderFault.BROKEN_STREAM,
    }
)

_UNKNOWN_END_FAULTS = frozenset({ProviderFault.TIMED_OUT, ProviderFault.OUT_OF_TIME, ProviderFault.BROKEN_STREAM})

UNSENT_FAULTS = frozenset({ProviderFault.RESTING, ProviderFault.OVER_BUDGET, ProviderFault.PACED})
"""What is no failure of a provider: it was not asked."""


class ProviderError(OutsideError):
    """A model provider failed; `retry_after` is in seconds when the provider named a time.

    `usage` is what the call had used by then, None when nothing had come of it. `may_have_cost` says that the
    request was sent and that nobody knows how far the provider got with it.
    """

    def __init__(
        self, fault: ProviderFault, sentence: str, action: str = "", *, retry_after: float | None = None
    ) -> None:
        super().__init__(sentence, action, retryable=fault in RETRYABLE_FAULTS)
        self.fault = fault
        self.retry_after = retry_after
        self.usage: Usage | None = None
        self.may_have_cost = fault in _UNKNOWN_END_FAULTS


class NothingLeft(OutsideError):
    """No model of a route can be asked now, for reasons that pass by themselves.

    `passes_in` is in how many seconds the first of them does, None when that is known of none; `unsure` says that there
    are such. `fault` is the one that the sentence tells, `cause` the failure that ended the route: whoever does not
    wait is told that one.
    """

    def __init__(
        self,
        fault: ProviderFault,
        sentence: str,
        action: str,
        passes_in: float | None,
        cause: StudioError,
        *,
        unsure: bool = False,
    ) -> None:
        super().__init__(sentence, action)
        self.fault = fault
        self.passes_in = passes_in
        self.cause = cause
        self.unsure = unsure


class EngineError(OutsideError):
    """The container engine is absent, refused, or failed."""


class FilesElsewhere(EngineError):
    """Files of a run that are only on the container engine's machine were kept there."""


class NoSandbox(EngineError):
    """Nothing on this machine can run a sandbox, and nothing will until somebody installs what the action names."""


class EngineGone(EngineError):
    """The container engine answers nobody now; what needs it goes on once it does.

    `hung` says that somebody is there and takes calls, but does not answer them; `back` that it is there again, and
    only what was going on is gone.
    """

    def __init__(self, sentence: str, action: str = "", *, hung: bool = False, back: bool = False) -> None:
        super().__init__(sentence, action, retryable=True)
        self.hung = hung
        self.back = back


class GitError(OutsideError):
    """Git failed; `stderr` holds its own words, bounded."""

    def __init__(self, sentence: str, action: str = "", *, stderr: str = "", exit_code: int | None = None) -> None:
        super().__init__(sentence, action)
        self.stderr = stderr
        self.exit_code = exit_code


class VaultError(OutsideError):
    """The place where secret values rest cannot be reached, opened or written."""


class StoreError(OutsideError):
    """The data folder cannot be read or written, or belongs to a newer version."""


class Refused(StudioError):
    """A limit, a policy or a person said no; trying again unchanged will not help."""


class LimitReached(Refused):
    """A run's own limit on steps, time, tool calls or cost is used up."""


class OverBudget(LimitReached):
    """A model call may cost more than a budget has left; nothing was sent.

    `passes_in` is in how many seconds there is money again, None when that does not come about by itself.
    """

    def __init__(self, sentence: str, action: str = "", *, passes_in: float | None = None) -> None:
        super().__init__(sentence, action)
        self.passes_in = passes_in


class PolicyRefused(Refused):
    """The gate or a security rule refused an act."""


class Cancelled(Refused):
    """A person stopped the work."""
