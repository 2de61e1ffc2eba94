"""What this machine's own package clients are set up for, as far as a sandbox may know it."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from shutil import which
from urllib.parse import SplitResult, urlsplit

from studio.base.aio import in_thread
from studio.domain.errors import UserError
from studio.domain.network import Destination
from studio.sandbox.packages import host_packages

_SECONDS = 30.0
_FRESH_SECONDS = 60.0
_PORTS = {"http": 80, "https": 443}
_PIP_LINE = re.compile(r"(?P<section>:env:|[\w-]+)\.(?P<key>[\w-]+)=(?P<value>'.*'|\".*\")")
_PIP_DEFAULT = re.compile(r"--index-url.*?\(default\s+(https?://[^\s)]+)\)", re.DOTALL)
_PIP_SECTIONS = (":env:", "install", "download", "global")
"""Where pip reads a setting from, the strongest first."""


@dataclass(frozen=True, slots=True)
class PackageClients:
    """The hosts that package clients of this machine use, and what tells those in a sandbox to use them, too.

    No name, password or token is in `env`. `left_out` says in sentences what a sandbox does not get, and why.
    """

    hosts: frozenset[Destination] = frozenset()
    env: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


class KnownClients:
    """What `package_clients` says, asked once and kept; `monotonic` is the clock by which an answer is fresh."""

    def __init__(self, env: Mapping[str, str], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._env = env
        self._monotonic = monotonic
        self._asking = asyncio.Lock()
        self._known: PackageClients | None = None
        self._asked = 0.0
        self._is_doubted = False

    async def get(self) -> PackageClients:
        """What the clients are set up for; the first time this takes seconds."""
        async with self._asking:
            is_fresh = self._monotonic() - self._asked <= _FRESH_SECONDS
            if self._known is None or (self._is_doubted and not is_fresh):
                self._known, self._is_doubted = None, False
                self._known = await in_thread(package_clients, self._env)
                self._asked = self._monotonic()
            return self._known

    def renew(self) -> None:
        """Lets the clients be asked again, but not within a minute of the last time."""
        self._is_doubted = True


def package_clients(env: Mapping[str, str]) -> PackageClients:
    """Asks pip, npm and apt for their settings; blocks for seconds. What is not installed is left out."""
    found = _Found()
    pip, npm = _program(env, "pip3", "pip"), _program(env, "npm")
    # Side by side, as each of them takes its time to start.
    with ThreadPoolExecutor(thread_name_prefix="clients") as asking:
        settings = asking.submit(_said, (pip, "config", "list"), env)
        npms = asking.submit(_said, (npm, "config", "list", "--json"), env)
        apt = asking.submit(host_packages)
        _take_pip(found, settings.result(), lambda: _said((pip, "help", "install"), env))
        _take_npm(found, npms.result())
    packages = apt.result()
    for line in packages.lines if packages else ():
        found.address("apt", line.split(" ")[1])
    return PackageClients(frozenset(found.hosts), found.env, tuple(dict.fromkeys(found.left_out)))


class _Found:
    """What was found so far."""

    def __init__(self) -> None:
        self.hosts: set[Destination] = set()
        self.env: dict[str, str] = {}
        self.left_out: list[str] = []

    def address(self, client: str, text: str) -> str:
        """Takes in where a client gets packages; returns the address without any secret, empty where it is no use."""
        try:
            parts = urlsplit(text)
            port = parts.port or _PORTS.get(parts.scheme)
        except ValueError:
            return ""
        if parts.scheme == "file" or not parts.scheme:
            self.left_out.append(
                f"{client} reads packages from a folder of this machine, which a sandbox does not see."
            )
            return ""
        if port is None or not parts.hostname:
            return ""
        try:
            wanted = Destination.parse(f"{parts.hostname}:{port}")
        except UserError:
            self.left_out.append(f"{client} uses {parts.hostname}, which is no name of a host.")
            return ""
        if parts.username or parts.password or parts.query:
            self.left_out.append(
                f"{client} signs in at {wanted.host}; what it signs in with stays here, and a sandbox does without."
            )
        self.hosts.add(wanted)
        return SplitResult(parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "").geturl()

    def addresses(self, client: str, texts: Iterable[str]) -> list[str]:
        """As `address`, for several."""
        return list(filter(None, (self.address(client, text) for text in texts)))


def _take_pip(found: _Found, said: str, read_help: Callable[[], str]) -> None:
    """Takes in what pip's list of settings says, and its help where that names no index: it is slow to tell."""
    settings: dict[tuple[str, str], str] = {}
    for line in said.splitlines():
        if (match := _PIP_LINE.fullmatch(line.strip())) is not None:
            settings[match["section"], match["key"]] = str(ast.literal_eval(match["value"]))

    def setting(key: str) -> list[str]:
        return next((settings[place, key].split() for place in _PIP_SECTIONS if (place, key) in settings), [])

    index = setting("index-url")
    if not index and (default := _PIP_DEFAULT.search(read_help())):
        index = [default[1]]
    urls = found.addresses("pip", index[:1])
    extra = found.addresses("pip", setting("extra-index-url"))
    links = found.addresses("pip", setting("find-links"))
    trusted = [name for name in setting("trusted-host") if any(name.partition(":")[0] == at.host for at in found.hosts)]
    given = {"PIP_INDEX_URL": urls, "PIP_EXTRA_INDEX_URL": extra, "PIP_FIND_LINKS": links, "PIP_TRUSTED_HOST": trusted}
    found.env.update({name: " ".join(values) for name, values in given.items() if values})


def _take_npm(found: _Found, said: str) -> None:
    """Takes in what npm's list of settings says."""
    try:
        settings = json.loads(said)
    except ValueError:
        return
    for key, value in settings.items() if isinstance(settings, dict) else ():
        if not isinstance(value, str) or not (key == "registry" or key.endswith(":registry")):
            continue
        address = found.address("npm", value)
        if address and key == "registry":
            found.env["NPM_CONFIG_REGISTRY"] = address
        elif address:
            found.left_out.append(f"npm's own place for {key.partition(':')[0]} is not told to a sandbox.")


def _program(env: Mapping[str, str], *names: str) -> str:
    """Where the first of these programs is; empty where none is."""
    return next(filter(None, (which(name, path=env.get("PATH")) for name in names)), "")


def _said(argv: tuple[str, ...], env: Mapping[str, str]) -> str:
    """What a program says; nothing when it is not there, or fails."""
    if not argv[0]:
        return ""
    # In the root folder: a setting that lies in a project was perhaps written by an agent.
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            env=dict(env),
            cwd="/",
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
