"""One service of a compose file, word by word: what is followed, what says nothing here, what is refused."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from studio.base.text import plain, shorten
from studio.sandbox.spec.compose_values import OUT, Refusal, all_of, megabytes, number, seconds, texts
from studio.sandbox.spec.compose_volumes import Places, places_of
from studio.sandbox.spec.container_env import read_environment
from studio.sandbox.spec.names import why_not_image
from studio.sandbox.spec.service import HealthCheck, Need, Service

_NAME = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOLLOWED = frozenset(
    "build command cpus depends_on deploy entrypoint env_file environment expose healthcheck hostname image mem_limit "  # noqa: SIM905
    "networks ports profiles stop_grace_period tmpfs user volumes working_dir".split()
)
_MEANS_NOTHING = frozenset(
    "annotations attach container_name cpu_count cpu_percent cpu_shares cpuset develop domainname init labels "  # noqa: SIM905
    "logging mem_reservation mem_swappiness memswap_limit oom_score_adj pids_limit platform pull_policy read_only "
    "restart shm_size stdin_open stop_signal tty ulimits".split()
)
"""Said of the container, which is Studio's: it sets its own bounds, and starts and ends with the sandbox."""

_WEAKENS = {
    "privileged": "asks for the rights of the machine itself",
    "cap_add": "asks for more rights than a sandbox has",
    "devices": "asks for devices of this machine",
    "device_cgroup_rules": "asks for devices of this machine",
    "gpus": "asks for devices of this machine",
    "security_opt": "changes the walls of its container",
    "pid": "asks to see the processes of others",
    "ipc": "asks to share memory with others",
    "uts": "asks for the name of this machine",
    "userns_mode": "asks for the users of this machine",
    "cgroup": "asks for the machine's control groups",
    "cgroup_parent": "asks for the machine's control groups",
    "sysctls": "changes the kernel's settings",
    "runtime": "names a runtime of its own",
    "group_add": "asks for groups of the machine",
    "extra_hosts": "asks for addresses outside the sandbox",
    "dns": "asks for names from outside the sandbox",
    "dns_search": "asks for names from outside the sandbox",
    "dns_opt": "asks for names from outside the sandbox",
    "external_links": "asks for containers outside the sandbox",
    "volumes_from": "asks for the files of another container",
    "use_api_socket": "asks for the container engine itself",
    "credential_spec": "asks for credentials of this machine",
    "oom_kill_disable": "asks to be spared when memory is out",
}
_OF_AN_IMAGE = frozenset({"PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "NODE_PATH"})
"""They say where files lie in the image of the app, which the sandbox is not."""

_MOST_PORTS = 50
_GRACE = 10.0
"""So many seconds at most a person who closes a sandbox waits for a service that does not end."""


def service_of(name: str, body: Any, volumes: Mapping[str, str], env: Mapping[str, str], at: int) -> Service:
    """The service as the file asks for it. `volumes` are the file's own, `env` what its env files set.

    Raises Refusal.
    """
    if not _NAME.fullmatch(name):
        raise Refusal("its name cannot be the name of a host", "Use letters, digits, and dots or hyphens between them.")
    if not isinstance(body, dict):
        raise Refusal("it is empty", "Give it an image or a build.")
    places = _harmless(name, body, volumes)
    limits = _mapping(_mapping(_mapping(body.get("deploy")).get("resources")).get("limits"))
    return Service(
        name=name,
        image=_text(body.get("image"), 300),
        entrypoint=_words(body.get("entrypoint")),
        command=_words(body.get("command")),
        env=_environment(body.get("environment"), env),
        user=_text(body.get("user"), 100),
        workdir=_text(body.get("working_dir"), 500),
        volumes=places.volumes,
        files=places.files,
        writable=places.memory,
        ports=_ports(body),
        names=_names(body),
        needs=_needs(body.get("depends_on")),
        health=_health(body.get("healthcheck")),
        memory_bytes=megabytes(body.get("mem_limit") or limits.get("memory")),
        cpus=number(body.get("cpus") or limits.get("cpus")),
        grace=min(seconds(body.get("stop_grace_period"), _GRACE), _GRACE),
    )


def _harmless(name: str, body: Mapping[str, Any], volumes: Mapping[str, str]) -> Places:
    """What it finds in its container, if it asks for nothing that it may not have; else a Refusal names all of that."""
    refused = [one for key, value in body.items() if (one := _why_not(str(key), value)) is not None]
    if str(_mapping(body.get("deploy")).get("replicas", 1)) not in ("0", "1"):
        refused.append(Refusal("“deploy.replicas” asks for several, which would listen on the same ports", OUT))
    places = Places((), (), ())
    try:
        _require_image(body)
    except Refusal as refusal:
        _unless_home(refusal, refused)
    try:
        places = places_of(name, body, volumes)
    except Refusal as refusal:
        _unless_home(refusal, refused)
    if refused:
        raise all_of(refused)
    return places


def _unless_home(refusal: Refusal, refused: list[Refusal]) -> None:
    """Notes a refusal; raises one of a service that is the app, unless something of it was refused."""
    if not refusal.at_home:
        refused.append(refusal)
    elif not refused:
        raise refusal


def _why_not(word: str, value: Any) -> Refusal | None:
    """Why a service may not say this; None when it may."""
    if word in _WEAKENS:
        harmless = value in (None, False, "", [], {}) or (
            word == "security_opt" and value == ["no-new-privileges:true"]
        )
        return None if harmless else Refusal(f"“{word}” {_WEAKENS[word]}", OUT)
    if word == "network_mode":
        inner = str(value) in ("none", "bridge") or str(value).startswith("service:")
        return None if inner else Refusal("“network_mode” asks for a network that no sandbox has", OUT)
    if word in ("cap_drop", "links") or word.startswith("x-") or word in _MEANS_NOTHING:
        return None
    if word == "scale":
        one = str(value) == "1"
        return None if one else Refusal("“scale” asks for several, which would listen on the same ports", OUT)
    return None if word in _FOLLOWED else Refusal(f"“{plain(shorten(word, 60))}” is nothing that Studio follows", OUT)


def _require_image(body: Mapping[str, Any]) -> None:
    if body.get("build") is not None:
        raise Refusal(
            "it is made of the project's own files, which are in the sandbox",
            "Start it there: its variables are set, and the other services are at the same names and ports.",
            at_home=True,
        )
    if not body.get("image"):
        raise Refusal("it has neither an image nor a build", "Give it one of them.")
    if why := why_not_image(str(body["image"])):
        raise Refusal(
            f"its image {plain(shorten(str(body['image']), 80))} {why}", "Name an image of a public registry."
        )


def app_environment(body: Any, env: Mapping[str, str]) -> dict[str, str]:
    """The variables of a service that the sandbox is for, without those that no sandbox may be given."""
    try:
        given, _ = read_environment("environment", _environment(_mapping(body).get("environment"), env))
    except Refusal:
        return {}
    return {name: value for name, value in given.items() if name not in _OF_AN_IMAGE}


def _environment(value: Any, env: Mapping[str, str]) -> dict[str, str]:
    """A name without a value is left unset: this machine's own variables are nothing for a service."""
    found = {**env, **{name: given for name, given in texts(value).items() if given is not None}}
    for name, given in found.items():
        if not _ENV_NAME.fullmatch(name) or "\0" in given:
            raise Refusal(f"“{plain(shorten(name, 60))}” cannot be the name of a variable", "Write it as NAME: value.")
    return found


def _words(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    try:
        words = tuple(shlex.split(value)) if isinstance(value, str) else tuple(str(one) for one in value)
    except (ValueError, TypeError) as error:
        raise Refusal("its command cannot be taken apart", "Write it as a list of words.") from error
    if any("\0" in word for word in words):
        raise Refusal("its command holds a character that no program can be given", "Write it anew.")
    return words


def _ports(body: Mapping[str, Any]) -> tuple[int, ...]:
    """What it listens on inside; that nothing of it is shown on this machine needs no word in the file."""
    found: list[int] = []
    for entry in [*_list(body.get("ports")), *_list(body.get("expose"))]:
        if isinstance(entry, dict):
            inner, protocol = str(entry.get("target", "")), str(entry.get("protocol", "tcp"))
        else:
            inner, _, protocol = str(entry).rpartition(":")[2].partition("/")
        if protocol in ("", "tcp"):
            found += _range(inner)
    return tuple(dict.fromkeys(found))


def _range(inner: str) -> list[int]:
    first, _, last = inner.partition("-")
    try:
        low, high = int(first), int(last or first)
    except ValueError as error:
        raise Refusal(f"“{plain(shorten(inner, 40))}” is no port", "Write it as 8000 or 8000:8000.") from error
    if not (0 < low <= high < 65536) or high - low >= _MOST_PORTS:
        raise Refusal(f"“{plain(shorten(inner, 40))}” is no port, or a range of too many", "Name the ports one by one.")
    return list(range(low, high + 1))


def _names(body: Mapping[str, Any]) -> tuple[str, ...]:
    found = [_text(body.get("hostname"), 63)]
    for network in _mapping(body.get("networks")).values():
        found += [str(alias) for alias in _list(_mapping(network).get("aliases"))]
    return tuple(dict.fromkeys(name for name in found if _NAME.fullmatch(name) and name != "localhost"))


def _needs(value: Any) -> tuple[Need, ...]:
    if isinstance(value, list):
        return tuple(Need(str(name)) for name in value)
    conditions = {"service_healthy": "healthy", "service_completed_successfully": "completed"}
    return tuple(
        Need(str(name), conditions.get(str(_mapping(rule).get("condition")), "started"))
        for name, rule in _mapping(value).items()
        if _mapping(rule).get("required", True) is not False
    )


def _health(value: Any) -> HealthCheck | None:
    rules = _mapping(value)
    test = rules.get("test")
    if rules.get("disable") is True or test in (None, [], ["NONE"]):
        return None
    words = ("CMD-SHELL", test) if isinstance(test, str) else tuple(str(word) for word in _list(test))
    if any("\0" in word for word in words):
        raise Refusal("its healthcheck holds a character that no program can be given", "Write it anew.")
    if words[:1] == ("CMD-SHELL",) and len(words) > 1:
        argv: tuple[str, ...] = ("/bin/sh", "-c", words[-1])
    elif words[:1] == ("CMD",) and len(words) > 1:
        argv = words[1:]
    else:
        raise Refusal("its healthcheck begins with neither CMD nor CMD-SHELL", "Write it as compose has it.")
    every = seconds(rules.get("interval"), 1.0)
    return HealthCheck(argv, seconds(rules.get("timeout"), 30.0) or 30.0, min(max(every, 0.2), 1.0))


def _text(value: Any, limit: int) -> str:
    text = "" if value is None else str(value)
    if len(text) > limit or not text.isprintable():
        raise Refusal(f"“{plain(shorten(text, 60))}” is too long, or holds signs that cannot be seen", "Write it anew.")
    return text


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
