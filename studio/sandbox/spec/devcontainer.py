"""devcontainer.json: what it asks for, judged key by key."""

from __future__ import annotations

from typing import Any

from studio.sandbox.plan import Refused
from studio.sandbox.spec.commands import read_commands
from studio.sandbox.spec.compose import COMPOSE_FILES
from studio.sandbox.spec.container_env import read_environment, substituted
from studio.sandbox.spec.features import read_features
from studio.sandbox.spec.jsonc import parse_jsonc
from studio.sandbox.spec.names import inside, why_not_image
from studio.sandbox.spec.wanted import Build, Unreadable, Wanted

PLACES = (".devcontainer/devcontainer.json", ".devcontainer.json")
"""Where it may lie, the first found is read."""

_READ = frozenset(
    [
        "image",
        "build",
        "dockerFile",
        "context",
        "containerEnv",
        "remoteEnv",
        "forwardPorts",
        "features",
        "onCreateCommand",
        "updateContentCommand",
        "postCreateCommand",
        "postStartCommand",
    ]
)
_HARMLESS = frozenset(
    [
        "$schema",
        "name",
        "customizations",
        "portsAttributes",
        "otherPortsAttributes",
        "shutdownAction",
        "overrideCommand",
        "userEnvProbe",
        "updateRemoteUserUID",
        "waitFor",
        "hostRequirements",
        "overrideFeatureInstallOrder",
        "extensions",
        "settings",
        "init",
        "secrets",
        "workspaceFolder",
        "remoteUser",
        "containerUser",
        "dockerComposeFile",
        "service",
        "runServices",
    ]
)
"""Keys that ask for nothing a sandbox lacks, are an editor's business, or are read elsewhere."""

_WEAKENING = {
    "runArgs": "options of the container engine could take down any wall of the sandbox",
    "privileged": "a privileged container is root on this machine",
    "capAdd": "a sandbox has none of the system's powers",
    "securityOpt": "it would take a wall of the sandbox down",
    "mounts": "a sandbox sees its workspace and no other folder of this machine",
    "workspaceMount": "the workspace of a run is always its own, at /workspace",
    "initializeCommand": "it would run on this machine, outside the sandbox",
    "appPort": "a sandbox publishes no port; a preview reaches `forwardPorts` without one",
}
_PORT_DIGITS = 5
_COMPOSE = {f"{up}{name}" for up in ("", "../") for name in COMPOSE_FILES}
_BUILD_WEAKENING = {
    "options": "options of the container engine could take down any wall of the sandbox",
    "cacheFrom": "an image is built from what the repository holds",
}


def read_devcontainer(text: str, path: str) -> Wanted:
    """What the file at `path` of the repository wants. Raises Unreadable when it is of no use at all."""
    try:
        parsed = parse_jsonc(text)
    except ValueError as error:
        raise Unreadable(f"{path} cannot be read: {error}.", "Correct it and commit it.") from error
    if not isinstance(parsed, dict):
        raise Unreadable(f"{path} cannot be read: it is no JSON object.", "Correct it and commit it.")
    folder = path.rpartition("/")[0]
    given, left_empty = substituted(parsed)
    image, build, of_source = _source(given, folder)
    env, of_env = _environments(given)
    features, expects, of_features = read_features(given.get("features", {}), folder)
    setup, of_setup = read_commands(given)
    ports, of_ports = _ports(given.get("forwardPorts", []))
    return Wanted(
        origin=path,
        image=image,
        build=build,
        features=features,
        expects=expects,
        env=env,
        setup=setup,
        forward_ports=ports,
        refused=(*_keys(given), *left_empty, *of_source, *of_env, *of_features, *of_setup, *of_ports),
    )


def _keys(given: dict[str, Any]) -> tuple[Refused, ...]:
    refused = [
        Refused(f"`{key}` is refused: {why}.", "Take it out.")
        for key, why in _WEAKENING.items()
        if given.get(key) not in (None, False, [], {}, "")
    ]
    refused += [
        Refused(f"`{key}` root is refused: nothing in a sandbox runs as root.", "Take it out.")
        for key in ("remoteUser", "containerUser")
        if given.get(key) in ("root", "0")
    ]
    compose = given.get("dockerComposeFile")
    if compose and {str(one) for one in (compose if isinstance(compose, list) else [compose])} - _COMPOSE:
        refused.append(
            Refused(
                f"`dockerComposeFile` {str(compose)[:80]} is left out: the services beside a sandbox are read from the "
                "compose file at the top of the repository.",
                "Put them there.",
            )
        )
    if given.get("postAttachCommand"):
        refused.append(Refused("`postAttachCommand` is left out: it is for an editor that attaches, and none does."))
    known = _READ | _HARMLESS | _WEAKENING.keys() | {"postAttachCommand"}
    refused += [Refused(f"`{key[:80]}` is left out: Studio does not know it.") for key in given if key not in known]
    return tuple(refused)


def _source(given: dict[str, Any], folder: str) -> tuple[str, Build | None, tuple[Refused, ...]]:
    """The image or the build that the file names; neither when it names none that it may have."""
    build = _table(given.get("build"))
    refused = [
        Refused(f"`build.{key}` is refused: {why}.", "Take it out.")
        for key, why in _BUILD_WEAKENING.items()
        if build.get(key)
    ]
    dockerfile, image = build.get("dockerfile") or given.get("dockerFile"), given.get("image")
    if dockerfile:
        made = _build(build, str(dockerfile), build.get("context") or given.get("context"), folder)
        if made is None:
            refused.append(
                Refused(f"`build` is refused: {str(dockerfile)[:120]} or its context lies outside the repository.")
            )
        return "", made, tuple(refused)
    if image and (why := why_not_image(str(image))):
        refused.append(Refused(f"`image` is refused: {str(image)[:120]} {why}.", "Name an image of a registry."))
        image = None
    return str(image or ""), None, tuple(refused)


def _build(build: dict[str, Any], dockerfile: str, context: Any, folder: str) -> Build | None:
    file, place = inside(folder, dockerfile), inside(folder, str(context or "."))
    if not file or place is None:
        return None
    target = build.get("target")
    args = {str(name): str(value) for name, value in _table(build.get("args")).items()}
    return Build(file, place, args, target if isinstance(target, str) else "")


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _environments(given: dict[str, Any]) -> tuple[dict[str, str], tuple[Refused, ...]]:
    env: dict[str, str] = {}
    refused: tuple[Refused, ...] = ()
    for key in ("containerEnv", "remoteEnv"):
        variables, why = read_environment(key, given.get(key) or {})
        env |= variables
        refused += why
    return env, refused


def _ports(given: Any) -> tuple[tuple[int, ...], tuple[Refused, ...]]:
    """Ports inside; what is written as `service:port` is reached at localhost as well."""
    ports: list[int] = []
    refused: list[Refused] = []
    for one in given if isinstance(given, list) else [given]:
        number = str(one).rpartition(":")[2]
        if len(number) <= _PORT_DIGITS and number.isascii() and number.isdigit() and 0 < int(number) < 65536:
            ports.append(int(number))
        else:
            why = "no port has that number" if number.isdigit() else "it is no port"
            refused.append(
                Refused(f"`forwardPorts` may not hold {str(one)[:40]}: {why}.", "Write a number from 1 to 65535.")
            )
    return tuple(dict.fromkeys(ports)), tuple(refused)
