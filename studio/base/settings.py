"""Settings: the one declared table of what a person can set, and the values in force."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self, get_type_hints

from studio.base.setting import Scope, Setting, SettingsError, Value


def _setting(
    default: Any, scope: Scope, help: str, *, choices: tuple[str, ...] = (), least: Any = None, most: Any = None
) -> Any:
    facts = {"help": help, "scope": scope, "choices": choices, "least": least, "most": most}
    return dataclasses.field(default=default, metadata=facts)


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force; each field is declared with its default, its help and its bounds."""

    theme: str = _setting("system", Scope.WINDOW, "Colours of the window.", choices=("system", "dark", "light"))
    editor_font: str = _setting("", Scope.WINDOW, "Font family of editor and terminal; empty: the system's own.")
    editor_font_size: int = _setting(10, Scope.WINDOW, "Font size of editor and terminal, in points.", least=6, most=48)
    default_model: str = _setting(
        "", Scope.MODELS, "Model of new runs, as provider/name; empty: the first one on offer."
    )
    max_output_tokens: int = _setting(
        8192, Scope.MODELS, "Longest reply a model may give in one step, in tokens.", least=256, most=262_144
    )
    thinking_tokens: int = _setting(
        -1,
        Scope.MODELS,
        "Tokens a model may think for in a step, where its role says nothing; 0: none; -1: as it does by itself.",
        least=-1,
        most=64_000,
    )
    model_idle_seconds: float = _setting(
        60.0, Scope.MODELS, "How long a provider may stay silent until the call counts as failed.", least=1, most=3600
    )
    context_tokens: int = _setting(
        0,
        Scope.MODELS,
        "Most tokens a model is shown at once; 0: what it takes, or 64,000 where that is not known.",
        least=0,
        most=10_000_000,
    )
    compact_at: int = _setting(
        75,
        Scope.MODELS,
        "How full, in percent, a model's context may get before older steps are told in one line each.",
        least=20,
        most=95,
    )
    answer_cache_mb: int = _setting(
        64, Scope.MODELS, "Room for replies that roles may give again, in mebibytes; 0: none.", least=0, most=65_536
    )
    answer_cache_days: int = _setting(
        30, Scope.MODELS, "For how many days such a reply may be given again.", least=1, most=3650
    )
    approval_mode: str = _setting(
        "ask", Scope.AGENTS, "What happens when an agent wants to run a command.", choices=("ask", "auto", "deny")
    )
    max_steps: int = _setting(100, Scope.AGENTS, "Steps an agent may take for one message.", least=1, most=10_000)
    max_minutes: float = _setting(
        60.0, Scope.AGENTS, "Minutes an agent may work for one message.", least=0.1, most=10_080
    )
    max_cost_usd: float = _setting(
        0.0,
        Scope.AGENTS,
        "Dollars one message may cost, held before each model call; 0: no ceiling.",
        least=0,
        most=1_000_000,
    )
    command_timeout: float = _setting(
        120.0, Scope.SANDBOX, "Seconds a command may run when the agent names no time.", least=1, most=86_400
    )
    sandbox_engine: str = _setting(
        "auto",
        Scope.SANDBOX,
        "What agents work in: containers, bubblewrap (Linux; weaker), or containers where an engine is installed.",
        choices=("auto", "container", "bubblewrap"),
    )
    setup_by_lockfile: str = _setting(
        "on",
        Scope.SANDBOX,
        "Whether what a lockfile names is installed in a project that has a network and no setup of its own.",
        choices=("on", "off"),
    )
    setup_timeout: float = _setting(
        900.0, Scope.SANDBOX, "Seconds one setup command of a project may run.", least=1, most=86_400
    )
    sandbox_memory_mb: int = _setting(
        2048, Scope.SANDBOX, "Memory of one sandbox, in mebibytes.", least=128, most=1_048_576
    )
    sandbox_cpus: float = _setting(1.5, Scope.SANDBOX, "Processor cores one sandbox may use.", least=0.1, most=1024)
    sandbox_pids: int = _setting(256, Scope.SANDBOX, "Processes one sandbox may hold.", least=16, most=32_768)
    sandbox_disk_mb: int = _setting(
        10_240, Scope.SANDBOX, "Disk of one run, and of a project's caches, in mebibytes.", least=64, most=16_777_216
    )
    sandbox_free_memory_mb: int = _setting(
        512, Scope.SANDBOX, "Memory that stays free when a sandbox is to start, in mebibytes.", least=0, most=1_048_576
    )
    sandbox_free_disk_mb: int = _setting(
        1024,
        Scope.SANDBOX,
        "Disk that is to stay free of what sandboxes write, in mebibytes.",
        least=0,
        most=16_777_216,
    )
    sandboxes_awake: int = _setting(
        0, Scope.SANDBOX, "Most sandboxes that are awake at once; 0: eight for each core.", least=0, most=10_000
    )
    sandbox_pool: int = _setting(
        1, Scope.SANDBOX, "Sandboxes kept ready for the next new run of a project in use; 0: none.", least=0, most=16
    )
    sandbox_sleep_minutes: float = _setting(
        10.0, Scope.SANDBOX, "Minutes without use after which a sandbox is paused; 0: never.", least=0, most=10_080
    )
    sandbox_stop_minutes: float = _setting(
        60.0,
        Scope.SANDBOX,
        "Minutes after which a paused sandbox is closed, when nothing runs behind in it; 0: never.",
        least=0,
        most=10_080,
    )
    network_ask_seconds: float = _setting(
        60.0,
        Scope.SANDBOX,
        "How long a program that wants to reach a host, or a run that needs an image, waits for your answer.",
        least=0,
        most=3600,
    )
    network_mb: int = _setting(
        4096,
        Scope.SANDBOX,
        "What the programs of one run may send and receive while Studio runs, in mebibytes; 0: no ceiling.",
        least=0,
        most=1_048_576,
    )
    container_engine: str = _setting(
        "",
        Scope.SANDBOX,
        "docker, docker-desktop, orbstack, podman, colima (or colima:PROFILE), a context of Docker's, or an address "
        "such as ssh://me@host; empty: the one that Docker's command line uses.",
    )
    services: str = _setting(
        "on",
        Scope.SANDBOX,
        "Whether a project's compose file starts services beside each sandbox.",
        choices=("on", "off"),
    )
    service_memory_mb: int = _setting(
        1024, Scope.SANDBOX, "Memory of one service beside a sandbox, in mebibytes.", least=32, most=1_048_576
    )
    service_cpus: float = _setting(1.0, Scope.SANDBOX, "Processor cores one service may use.", least=0.1, most=1024)
    service_seconds: float = _setting(
        60.0, Scope.SANDBOX, "How long a new sandbox waits for its services to come up.", least=1, most=3600
    )
    log_level: str = _setting(
        "critical",
        Scope.LOG,
        "From which weight on the program's own log shows on the terminal.",
        choices=("debug", "info", "warning", "error", "critical"),
    )

    @classmethod
    def load(cls, path: Path, env: Mapping[str, str]) -> Self:
        """Defaults, under what the file at `path` says (it may be absent), under `STUDIO_<NAME>` variables.

        Raises SettingsError.
        """
        return cls(**{**_from_file(path), **_from_environment(env)})

    def with_value(self, name: str, value: Value) -> Self:
        """The same settings with one changed; raises SettingsError for a name or value that does not fit."""
        changed: dict[str, Any] = {name: _row(name, "settings").checked(value, "settings")}
        return dataclasses.replace(self, **changed)


def _table() -> tuple[Setting, ...]:
    types = get_type_hints(Settings)
    return tuple(
        Setting(field.name, types[field.name], field.default, **field.metadata)  # type: ignore[arg-type]
        for field in dataclasses.fields(Settings)
    )


SETTINGS = _table()
"""Every setting, in the order a settings page shows them."""


def save(path: Path, name: str, value: Value) -> None:
    """Writes one setting into the file at `path`; every other line of it, comments included, stays.

    Raises SettingsError for what `load` would not take, OSError when the file cannot be written.
    """
    line = f"{name} = {_toml(_row(name, path.name).checked(value, path.name))}"
    text = path.read_text("utf-8") if path.exists() else ""
    changed, found = re.subn(rf"(?m)^[ \t]*{name}[ \t]*=.*$", lambda _: line, text)
    if not found:
        changed = f"{text.rstrip()}\n{line}\n".lstrip()
    scratch = path.with_name(f".{path.name}.new")
    scratch.write_text(changed, "utf-8")
    os.replace(scratch, path)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file is not valid TOML: {error}.", f"Correct it: {path}") from error
    return {name: _row(name, str(path)).checked(value, str(path)) for name, value in values.items()}


def _from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    return {row.name: row.read(env[row.variable]) for row in SETTINGS if row.variable in env}


def _row(name: str, place: str) -> Setting:
    for row in SETTINGS:
        if row.name == name:
            return row
    near = get_close_matches(name, [row.name for row in SETTINGS], 1)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(row.name for row in SETTINGS)}."
    raise SettingsError(f"There is no setting “{name}” ({place}).", hint)


def _toml(value: Value) -> str:
    # A JSON string is a TOML basic string once the one character TOML forbids and JSON allows is escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
