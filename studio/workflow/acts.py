"""Acts: what changes something is performed by the one engine of a data folder, wherever it was asked for."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, get_type_hints

from studio.domain import errors
from studio.domain.errors import StudioError
from studio.workflow.seat import Seat
from studio.workflow.waking import WakingClient
from studio.workflow.wire import from_plain, to_plain

P = ParamSpec("P")
T = TypeVar("T")


class Acts(Protocol):
    """Performs a door's method here, or asks the process that holds the engine to."""

    async def perform(self, door: Actor, method: Callable[..., Awaitable[T]], *args: Any, **named: Any) -> T:
        """Performs it and gives its result; its StudioErrors arrive as they were raised."""
        ...

    async def has_engine(self) -> bool:
        """Whether any process runs the engine now, so that what is begun goes on. Raises StoreError."""
        ...


class Actor(Protocol):
    """A door some of whose methods are acts."""

    acts: Acts


D = TypeVar("D", bound=Actor)

_WORDS_ONLY: dict[str, type[StudioError]] = {
    kind.__name__: kind
    for kind in (
        *(errors.UserError, errors.NotFound),
        *(errors.OutsideError, errors.EngineError, errors.GitError, errors.StoreError),
        *(errors.Refused, errors.LimitReached, errors.PolicyRefused, errors.Cancelled),
        StudioError,
    )
}


def act(
    method: Callable[Concatenate[D, P], Awaitable[T]],
) -> Callable[Concatenate[D, P], Awaitable[T]]:
    """Marks a door's method as one that only the engine may perform."""

    @wraps(method)
    async def call(self: D, /, *args: P.args, **named: P.kwargs) -> T:
        return await self.acts.perform(self, method, *args, **named)

    return call


class LocalActs:
    """Acts in the process that holds the engine: plain calls, also for those that other processes ask for."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._doors: dict[str, Actor] = {}

    def serve(self, *doors: Actor) -> None:
        """Lets other processes ask for the acts of these doors."""
        self._doors.update({type(door).__name__: door for door in doors})

    async def perform(self, door: Actor, method: Callable[..., Awaitable[T]], *args: Any, **named: Any) -> T:
        """Calls the method."""
        return await method(door, *args, **named)

    async def has_engine(self) -> bool:
        """Whether any process runs the engine now. Raises StoreError."""
        return await self._seat.has_engine()

    async def answer(self, name: str, asked: str) -> str:
        """Performs `Door.method` for another process. JSON in; JSON out: `{"done": …}`, `{"error": …}` or `{}`.

        The last says that another engine was asked, which is gone: whoever asked may be gone as well, and one
        that is not asks again.
        """
        question = json.loads(asked)
        if question.get("engine") != await self._seat.engine():
            return json.dumps({})
        door_name, _, method_name = name.partition(".")
        door = self._doors[door_name]
        marked = getattr(type(door), method_name)
        hints = get_type_hints(inspect.unwrap(marked))
        named = {key: from_plain(value, hints[key]) for key, value in question["arguments"].items()}
        try:
            return json.dumps({"done": to_plain(await marked(door, **named))})
        except StudioError as error:
            return json.dumps({"error": _described(error)})


class SharedActs:
    """Acts in a process that is attached to another one's engine, until it takes the engine over.

    An act is asked for again when the engine dies before it has answered; an act that was performed by then
    says so, or gives the same result.
    """

    def __init__(self, client: WakingClient, seat: Seat) -> None:
        self._client = client
        self._seat = seat

    async def perform(self, door: Actor, method: Callable[..., Awaitable[T]], *args: Any, **named: Any) -> T:
        """Sends the call to the engine and waits for its answer; calls the method once this process is the engine."""
        bound = inspect.signature(method).bind(door, *args, **named).arguments
        arguments = {key: to_plain(value) for key, value in list(bound.items())[1:]}
        name = f"{type(door).__name__}.{method.__name__}"
        while not self._seat.taken:
            reply = await self._seat.unless_mine(self._ask(name, arguments)) or {}
            if "error" in reply:
                raise _as_raised(reply["error"])
            if "done" in reply:
                result: T = from_plain(reply["done"], get_type_hints(method)["return"])
                return result
        return await method(door, *args, **named)

    async def has_engine(self) -> bool:
        """Whether any process runs the engine now. Raises StoreError."""
        return await self._seat.has_engine()

    async def _ask(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        question = {"engine": await self._seat.engine(), "arguments": arguments}
        reply: dict[str, Any] = json.loads(await self._client.perform(name, json.dumps(question)))
        return reply


def _described(error: StudioError) -> dict[str, Any]:
    kinds = [kind.__name__ for kind in type(error).__mro__]
    return {"kinds": kinds, "sentence": error.sentence, "action": error.action}


def _as_raised(described: dict[str, Any]) -> StudioError:
    """The error that the engine's process raised, or the nearest kind of it that its words alone make up."""
    kind = next(_WORDS_ONLY[name] for name in described["kinds"] if name in _WORDS_ONLY)
    return kind(described["sentence"], described["action"])
