"""A compose file: which of its services can stand beside a sandbox, and why the others cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from posixpath import normpath
from typing import Any

from studio.base.text import plain, shorten
from studio.sandbox.spec.compose_service import app_environment, service_of
from studio.sandbox.spec.compose_values import Refusal
from studio.sandbox.spec.service import Left, Service, Services
from studio.sandbox.spec.variables import WrongVariable, filled, read_env
from studio.sandbox.spec.wanted import UNFORESEEN
from studio.sandbox.spec.yaml_text import WrongYaml, read_yaml

COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""Where a repository says what stands beside it; the first that is there counts."""

ENV_FILE = ".env"
SERVICES_MAX = 12
_TOP = frozenset({"name", "version", "services", "volumes", "networks", "secrets", "configs"})
_VOLUME_KEYS = frozenset({"name", "labels", "driver", "external"})


class WrongCompose(ValueError):
    """The file as a whole cannot be used; the message is a sentence that names it."""


def env_files_of(text: str) -> tuple[str, ...]:
    """The other files of the repository that the services' variables come from. Blocks; nothing for a wrong file."""
    try:
        document = read_yaml(text)
    except WrongYaml:
        return (ENV_FILE,)
    services = document.get("services") if isinstance(document, dict) else None
    named = [
        path
        for body in (services.values() if isinstance(services, dict) else ())
        if isinstance(body, dict)
        for path in _env_paths(body.get("env_file"))
    ]
    return tuple(dict.fromkeys((ENV_FILE, *named)))[:50]


def read_compose(file: str, text: str, env_files: Mapping[str, str]) -> Services:
    """The services of a compose file; `env_files` holds what `env_files_of` named and the repository has.

    No variable of this machine is known to it. Raises WrongCompose. Blocks.
    """
    variables = read_env(env_files.get(ENV_FILE, ""))
    try:
        document = filled(read_yaml(text), variables)
    except (WrongYaml, WrongVariable) as error:
        raise WrongCompose(f"{file} cannot be read: {error}.".replace("..", ".")) from error
    bodies = document.get("services") if isinstance(document, dict) else None
    if not isinstance(bodies, dict):
        raise WrongCompose(f"{file} names no services.")
    unknown = sorted(str(key) for key in document if str(key) not in _TOP and not str(key).startswith("x-"))
    if unknown:
        raise WrongCompose(f"{file} says “{_short(unknown[0])}”, which Studio does not follow.")
    volumes = _volumes(document.get("volumes"))
    services: list[Service] = []
    left: list[Left] = []
    for name, body in bodies.items():
        try:
            if isinstance(body, dict) and body.get("profiles"):
                continue  # asked for by hand only, as compose has it
            services.append(service_of(str(name), body, volumes, _envs(body, env_files), len(services)))
        except Refusal as refusal:
            given = app_environment(body, _found(body, env_files)) if refusal.at_home else {}
            left.append(Left(_short(str(name)), refusal.sentence, refusal.action, refusal.at_home, given))
        except UNFORESEEN:
            left.append(
                Left(_short(str(name)), "a value of it is none that Studio knows", "Write it as compose has it.")
            )
    return _arranged(file, services, left)


def _envs(body: Any, env_files: Mapping[str, str]) -> dict[str, str]:
    """What the service's own env files set, the later over the earlier."""
    found: dict[str, str] = {}
    for path in _env_paths(body.get("env_file") if isinstance(body, dict) else None):
        if path not in env_files:
            raise Refusal(
                f"its env_file {_short(path)} is not in the repository",
                "Write what it needs under environment, or name a file without secrets that is committed.",
            )
        found.update(read_env(env_files[path]))
    return found


def _found(body: Any, env_files: Mapping[str, str]) -> dict[str, str]:
    """As `_envs`, with the files that are there."""
    try:
        return _envs(body, env_files)
    except Refusal:
        return {}


def _env_paths(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value] if value else []
    paths = [entry.get("path") if isinstance(entry, dict) else entry for entry in entries]
    return [normpath(str(path)) for path in paths if path]


def _volumes(value: Any) -> dict[str, str]:
    """The named volumes of the file, each with what is wrong with it or nothing."""
    found: dict[str, str] = {}
    for name, body in (value if isinstance(value, dict) else {}).items():
        body = body if isinstance(body, dict) else {}
        extra = sorted(str(key) for key in body if str(key) not in _VOLUME_KEYS)
        wrong = "is external, and every run has volumes of its own" if body.get("external") else ""
        wrong = wrong or (f"sets “{_short(extra[0])}”" if extra else "")
        if body.get("driver") not in (None, "local"):
            wrong = wrong or "has a driver of its own"
        found[str(name)] = wrong
    return found


def _arranged(file: str, services: list[Service], left: list[Left]) -> Services:
    """Leaves out who needs what is left out, or takes a port or the names of another; puts the rest in order."""
    names = {service.name for service in services} | {one.service for one in left}
    ports: dict[int, str] = {}
    ready: list[Service] = []
    home = {one.service for one in left if one.at_home}
    waiting = [replace(one, needs=tuple(need for need in one.needs if need.service not in home)) for one in services]
    while waiting:
        there = {service.name for service in ready}
        out = {one.service for one in left}
        later: list[Service] = []
        for service in waiting:
            needed = [need.service for need in service.needs]
            missing = next((name for name in needed if name in out or name not in names), None)
            taken = next((port for port in service.ports if port in ports), None)
            if missing is not None:
                left.append(
                    _left(service, f"it depends on {_short(missing)}, which is not started", "See the reason there.")
                )
            elif not there.issuperset(needed):
                later.append(service)
            elif taken is not None:
                left.append(_clash(service, taken, ports[taken]))
            elif len(ready) >= SERVICES_MAX:
                left.append(_left(service, f"{SERVICES_MAX} services are the most", "Take some out."))
            else:
                ready.append(service)
                ports.update(dict.fromkeys(service.ports, service.name))
        if len(later) == len(waiting):
            left += [
                _left(one, "it waits for itself by way of others", "Break the circle in depends_on.") for one in later
            ]
            break
        waiting = later
    return Services(tuple(ready), tuple(left), file)


def _clash(service: Service, port: int, other: str) -> Left:
    return _left(
        service,
        f"it listens on port {port}, as {other} does, and all services of a run share one loopback",
        "Give one of them another port inside.",
    )


def _left(service: Service, why: str, action: str) -> Left:
    return Left(service.name, why, action)


def _short(text: str) -> str:
    return plain(shorten(text, 80))
