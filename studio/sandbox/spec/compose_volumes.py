"""Volumes of a service: those of its own, folders in memory, files of the repository; nothing else of this machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import normpath
from typing import Any

from studio.base.text import plain, shorten
from studio.sandbox.spec.compose_values import Refusal, all_of
from studio.sandbox.spec.service import ServiceFile, ServiceVolume

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}")
_TARGET = re.compile(r"/[A-Za-z0-9._+@ -]+(/[A-Za-z0-9._+@ -]+)*")
_SYSTEM = ("/proc", "/sys", "/dev", "/run", "/var/run")
_WHERE = "Give it a named volume, or a file of the repository."


@dataclass(frozen=True, slots=True)
class Places:
    """What a service finds in its container besides its image."""

    volumes: tuple[ServiceVolume, ...]
    files: tuple[ServiceFile, ...]
    memory: tuple[str, ...]


def places_of(service: str, body: Mapping[str, Any], named: Mapping[str, str]) -> Places:
    """The service's `volumes` and `tmpfs`; `named` are the volumes of the file, each with what is wrong with it.

    Raises Refusal.
    """
    volumes: list[ServiceVolume] = []
    files: list[ServiceFile] = []
    memory = [_target(str(one).partition(":")[0], memory=True) for one in _listed(body.get("tmpfs"))]
    refused: list[Refusal] = []
    for entry in _listed(body.get("volumes")):
        try:
            source, target, read_only, in_memory = _taken_apart(entry)
            if in_memory:
                memory.append(_target(target, memory=True))
            elif not source:
                volumes.append(ServiceVolume(f"{service}{target.replace('/', '.')}"[:100], _target(target), read_only))
            elif source.startswith((".", "/", "~")) or "/" in source or "\\" in source:
                files.append(_file(source, target))
            else:
                volumes.append(ServiceVolume(_volume(source, named), _target(target), read_only))
        except Refusal as refusal:
            refused.append(refusal)
    if refused:
        raise next((one for one in refused if one.at_home), None) or all_of(refused)
    targets = [*(one.target for one in volumes), *(one.target for one in files), *memory]
    if len(set(targets)) != len(targets):
        raise Refusal("two of its volumes are at the same place", "Give each a place of its own.")
    return Places(tuple(volumes), tuple(files), tuple(memory))


def _taken_apart(entry: Any) -> tuple[str, str, bool, bool]:
    """Source, target, whether it can only be read, whether it is in memory."""
    if isinstance(entry, dict):
        kind = str(entry.get("type", "volume"))
        if kind not in ("volume", "bind", "tmpfs"):
            raise Refusal(f"a volume of the kind “{plain(shorten(kind, 40))}” is not to be had", _WHERE)
        options_of = entry.get("volume") or {}
        if not isinstance(options_of, dict) or set(options_of) - {"nocopy"}:
            raise Refusal("a volume of it asks for a part of another one", _WHERE)
        source = str(entry.get("source") or "")
        if kind == "bind" and not source.startswith((".", "/", "~")):
            source = f"./{source}"
        return source, str(entry.get("target") or ""), entry.get("read_only") is True, kind == "tmpfs"
    parts = str(entry).split(":")
    if len(parts) == 1:
        return "", parts[0], False, False
    options = parts[2].split(",") if len(parts) > 2 else []
    if len(parts) > 3 or not set(options) <= {"ro", "rw", "z", "Z", "nocopy", "cached", "delegated", "consistent"}:
        raise Refusal(f"“{plain(shorten(str(entry), 60))}” asks for more than a volume can give", _WHERE)
    return parts[0], parts[1], "ro" in options, False


def _volume(name: str, named: Mapping[str, str]) -> str:
    if not _NAME.fullmatch(name):
        raise Refusal(f"“{plain(shorten(name, 60))}” is no name of a volume", _WHERE)
    if name not in named:
        raise Refusal(f"its volume {name} is not among the file's volumes", "Name it there, under “volumes:”.")
    if named[name]:
        raise Refusal(f"its volume {name} {named[name]}", "Say nothing of it under “volumes:” but its name.")
    return name


def _file(source: str, target: str) -> ServiceFile:
    path = normpath(source)
    if path.startswith(("/", "~", "..")):
        raise Refusal(f"it asks for {plain(shorten(source, 60))} of this machine", _WHERE)
    if path == ".":
        raise Refusal(
            "it works on the project's own files, which are in the sandbox",
            "Start it there: its variables are set, and the other services are at the same names and ports.",
            at_home=True,
        )
    return ServiceFile(path, _target(target))


def _target(target: str, *, memory: bool = False) -> str:
    path = normpath(target) if target else ""
    inside = _SYSTEM[:3] if memory else _SYSTEM
    if not _TARGET.fullmatch(path) or path.startswith("//") or any(f"{path}/".startswith(f"{one}/") for one in inside):
        raise Refusal(f"nothing can be put at “{plain(shorten(target, 60))}” in it", "Use a folder of its own.")
    return path


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []
