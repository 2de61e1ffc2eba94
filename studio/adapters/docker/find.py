"""Which container engine is used, of those that there are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from docker.context import ContextAPI
from docker.context.config import get_current_context_name, get_meta_dir
from docker.errors import DockerException
from docker.tls import TLSConfig
from docker.utils import kwargs_from_env

from studio.adapters.docker.places import PRODUCTS, Place, answers, usual_places
from studio.domain.errors import EngineError

_UNCHOSEN = "default"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address such as `unix:///var/run/docker.sock` or `tcp://host:2376`, with TLS settings where it needs them.

    `origin` says who named it, `shown` what people know it by where that is another address.
    """

    url: str
    tls: TLSConfig | None = None
    origin: str = field(default="", compare=False)
    shown: str = field(default="", compare=False)

    @property
    def socket(self) -> Path | None:
        """The Unix socket behind the address, or None when it is a network address."""
        for scheme in ("unix://", "http+unix://"):
            if self.url.startswith(scheme):
                return Path("/" + self.url.removeprefix(scheme).lstrip("/"))
        return None

    @property
    def is_remote(self) -> bool:
        """Whether it is reached through a login on another machine."""
        return self.url.startswith("ssh://")

    def __str__(self) -> str:
        return self.shown or self.url


def find_endpoint(env: Mapping[str, str], wanted: str = "") -> Endpoint:
    """The engine that is `wanted`, else what Docker's own command line would use, else the first usual one there is.

    `wanted` is the setting `container_engine`: an address, one of PRODUCTS (`colima:PROFILE` for a profile), or a
    context of Docker's. Raises EngineError when Docker's own configuration cannot be read or knows no such context.
    """
    if wanted:
        return _wanted(env, wanted)
    try:
        named = _from_environment(env)
    except (DockerException, OSError) as error:
        raise _unreadable(error) from error
    context = _from_context(env, env.get("DOCKER_CONTEXT", ""))
    if named is not None:
        return named
    if context is not None and (context.socket is None or answers(context.socket) or _is_chosen(context)):
        return context
    place = next((place for place in usual_places(env) if answers(place.path)), None)
    return _at(place) if place is not None else context or _at(usual_places(env)[0])


def other_engines(env: Mapping[str, str], used: Endpoint) -> tuple[Endpoint, ...]:
    """What else there is that could be used: contexts of Docker's, and usual sockets at which somebody answers."""
    contexts = []
    for name in _context_names():
        with suppress(EngineError):  # one that cannot be read is none
            contexts.append(_from_context(env, name))
    places = [_at(place) for place in usual_places(env)]
    seen = {_real(used)}
    found: list[Endpoint] = []
    for endpoint in (*(one for one in contexts if one is not None), *places):
        # Whether one that is elsewhere answers would have to be waited for.
        if _real(endpoint) not in seen and (endpoint.socket is None or answers(endpoint.socket)):
            seen.add(_real(endpoint))
            found.append(endpoint)
    return tuple(found)


def _wanted(env: Mapping[str, str], wanted: str) -> Endpoint:
    setting = f"the setting container_engine, which is {wanted}"
    if "://" in wanted:
        return Endpoint(wanted, origin=setting)
    family, _, profile = wanted.partition(":")
    if family in PRODUCTS:
        places = [place for place in usual_places(env) if place.name == wanted]
        if place := _best(places) or (places[0] if places else None):
            return Endpoint(f"unix://{place.path}", origin=setting)
        if family == "colima":
            # It has not been started yet; this is where it will be.
            path = Path(env.get("HOME", "/nonexistent")) / f".colima/{profile or 'default'}/docker.sock"
            return Endpoint(f"unix://{path}", origin=setting)
    context = _from_context(env, wanted)
    assert context is not None
    return Endpoint(context.url, context.tls, origin=setting)


def _from_environment(env: Mapping[str, str]) -> Endpoint | None:
    if not env.get("DOCKER_HOST"):
        return None
    if env["DOCKER_HOST"].startswith("ssh://"):
        return Endpoint(env["DOCKER_HOST"], origin="DOCKER_HOST")
    found = kwargs_from_env(environment=dict(env))
    return Endpoint(str(found["base_url"]), found.get("tls"), origin="DOCKER_HOST")


def _from_context(env: Mapping[str, str], name: str) -> Endpoint | None:
    """The context of that name, or the current one for no name. Raises EngineError for one that is not there."""
    try:
        found = ContextAPI.kwargs_from_context(name or None, environment=dict(env))
    except Exception as error:
        # The SDK raises nothing more special for a file that it cannot make sense of.
        raise _unreadable(error) from error
    if "base_url" in found:
        current = name or get_current_context_name()
        return Endpoint(str(found["base_url"]), found.get("tls"), origin=f"the Docker context {current}")
    if name:
        raise EngineError(
            f"There is no container engine of the name {name}, and Docker knows no context named {name}.",
            f"Use one of {', '.join(PRODUCTS)}, an address, or a name that this shows: docker context ls",
        )
    return None


def _context_names() -> list[str]:
    """The names of all contexts of Docker's."""
    names = [_UNCHOSEN]
    for path in sorted(Path(get_meta_dir()).glob("*/meta.json")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            names.append(str(json.loads(path.read_text("utf-8"))["Name"]))
    return names


def _is_chosen(context: Endpoint) -> bool:
    """Whether a person made this the context, and has it still: another engine must not take its place in silence."""
    chosen = context.origin != f"the Docker context {_UNCHOSEN}"
    return chosen and context.socket is not None and context.socket.exists()


def _best(places: tuple[Place, ...] | list[Place]) -> Place | None:
    """The first at which somebody answers, else the first that is there."""
    there = [place for place in places if place.path.exists()]
    return next((place for place in there if answers(place.path)), there[0] if there else None)


def _at(place: Place) -> Endpoint:
    return Endpoint(f"unix://{place.path}", origin=f"the usual socket of {place.product}")


def _real(endpoint: Endpoint) -> str:
    return str(endpoint.socket.resolve()) if endpoint.socket is not None else endpoint.url


def _unreadable(error: Exception) -> EngineError:
    return EngineError(
        f"The container engine's configuration cannot be read: {error}",
        "Look at DOCKER_HOST and at: docker context ls",
    )
