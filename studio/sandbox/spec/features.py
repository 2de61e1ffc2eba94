"""Features of a devcontainer.json: those in the repository, and those whose tools an image may simply have."""

from __future__ import annotations

import re
from typing import Any

from studio.sandbox.plan import Refused
from studio.sandbox.spec.names import inside
from studio.sandbox.spec.wanted import LocalFeature

_KNOWN: dict[str, tuple[str, ...]] = {
    "common-utils": (),
    "git": ("git",),
    "node": ("node", "npm"),
    "python": ("python3",),
    "go": ("go",),
    "rust": ("cargo", "rustc"),
    "java": ("java",),
    "ruby": ("ruby",),
    "php": ("php",),
    "dotnet": ("dotnet",),
}
"""The usual features by the last word of their name, with the programs that an image must have in their place."""

_WEAKENING = {
    "docker-in-docker": "would need a privileged container",
    "docker-outside-of-docker": "would hand the container engine of this machine to the sandbox",
    "docker-from-docker": "would hand the container engine of this machine to the sandbox",
    "kubectl-helm-minikube": "would need a privileged container",
    "sshd": "would open a way into the sandbox from outside",
    "desktop-lite": "would open a way into the sandbox from outside",
    "tailscale": "would open a way around the sandbox's network",
}
_OPTION = re.compile(r"[A-Za-z_][\w-]*")


def read_features(given: Any, folder: str) -> tuple[tuple[LocalFeature, ...], tuple[str, ...], tuple[Refused, ...]]:
    """The features in the repository, the programs that others stand for, and what is refused.

    `folder` is where the file lies that names them.
    """
    local: list[LocalFeature] = []
    expects: list[str] = []
    refused: list[Refused] = []
    if not isinstance(given, dict):
        return (), (), (Refused("`features` is refused: it is not a table of features."),)
    for name, options in given.items():
        word = str(name).split("@")[0].rpartition("/")[2].partition(":")[0]
        if str(name).startswith(("./", "../")):
            place = inside(folder, str(name))
            if place:
                local.append(LocalFeature(place, _options(options)))
            else:
                refused.append(Refused(f"The feature {_shown(name)} is refused: it lies outside the repository."))
        elif why := _WEAKENING.get(word):
            refused.append(Refused(f"The feature {_shown(name)} is refused: it {why}.", "Take it out."))
        elif word in _KNOWN and "/features/" in f"/{name}":
            expects += _KNOWN[word]
        else:
            refused.append(
                Refused(
                    f"The feature {_shown(name)} is left out: it would have to be downloaded.",
                    "Install its tools in a Dockerfile, or put the feature into .devcontainer/.",
                )
            )
    return tuple(local), tuple(dict.fromkeys(expects)), tuple(refused)


def _options(given: Any) -> dict[str, str]:
    if isinstance(given, str):
        return {"version": given}
    if not isinstance(given, dict):
        return {}
    return {name: _text(value) for name, value in given.items() if isinstance(name, str) and _OPTION.fullmatch(name)}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(name: object) -> str:
    return str(name)[:120]
