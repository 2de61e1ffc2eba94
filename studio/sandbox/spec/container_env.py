"""Variables in a devcontainer.json, and the environment it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from studio.sandbox.plan import Refused
from studio.sandbox.shape import WORKDIR, environment

_VARIABLE = re.compile(r"\$\{([^}{]*)\}")
_NAME = re.compile(r"[A-Za-z_]\w{0,200}", re.ASCII)
_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY"})
_LEADS_ON = re.compile(r"\$\{containerEnv:PATH\}|(?:^|:)/usr/bin(?::|$)")
_LONGEST = 32_000


def substituted(value: Any) -> tuple[Any, tuple[Refused, ...]]:
    """`value` with what can be said of the sandbox put into its texts; nothing of this machine is.

    `${containerEnv:NAME}` stays as it is: only an image can say it.
    """
    refused: dict[str, Refused] = {}

    def one(found: re.Match[str]) -> str:
        name, _, rest = found[1].partition(":")
        match name:
            case "containerWorkspaceFolder" | "localWorkspaceFolder":
                return WORKDIR
            case "containerWorkspaceFolderBasename" | "localWorkspaceFolderBasename":
                return WORKDIR.removeprefix("/")
            case "devcontainerId":
                return "studio"
            case "containerEnv":
                return found[0]
            case "localEnv" | "env":
                variable, _, default = rest.partition(":")
                refused[variable] = Refused(
                    f"${{{found[1][:100]}}} is left empty: a sandbox gets no variable of this machine."
                    if not default
                    else f"${{{found[1][:100]}}} takes its default: a sandbox gets no variable of this machine.",
                    "Write the value into the file if it is no secret.",
                )
                return default
            case _:
                return found[0]

    def walk(part: Any) -> Any:
        if isinstance(part, str):
            return _VARIABLE.sub(one, part)
        if isinstance(part, list):
            return [walk(inner) for inner in part]
        return {key: walk(inner) for key, inner in part.items()} if isinstance(part, dict) else part

    return walk(value), tuple(refused.values())


def read_environment(key: str, given: Any) -> tuple[dict[str, str], tuple[Refused, ...]]:
    """The variables that `given` sets, and those it may not."""
    if not isinstance(given, dict):
        return {}, (Refused(f"`{key}` is refused: it is not a table of variables."),)
    kept: dict[str, str] = {}
    refused: list[Refused] = []
    for name, value in given.items():
        if value is None:
            continue
        if why := _why_not(name, value):
            refused.append(Refused(f"`{key}` may not set {name[:80]}: {why}."))
        else:
            kept[name] = str(value)
    return kept, tuple(refused)


def of_image(env: Mapping[str, str], image: Mapping[str, str]) -> dict[str, str]:
    """`env` with each `${containerEnv:NAME}` as the image sets it."""

    def one(found: re.Match[str]) -> str:
        kind, _, rest = found[1].partition(":")
        name, _, default = rest.partition(":")
        return image.get(name, default) if kind == "containerEnv" else found[0]

    return {name: _VARIABLE.sub(one, value) for name, value in env.items()}


def _why_not(name: str, value: object) -> str:
    if not _NAME.fullmatch(name):
        return "that is no name of a variable"
    if not isinstance(value, str | int | float) or "\0" in str(value) or len(str(value)) > _LONGEST:
        return "its value is no text"
    if name == "PATH" and not _LEADS_ON.search(str(value)):
        return "without ${containerEnv:PATH} in it no program of the image would be found"
    if name in environment():
        return "Studio sets it"
    return "the network of a sandbox is not its file's to choose" if name.upper() in _PROXIES else ""
