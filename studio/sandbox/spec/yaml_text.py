"""YAML of a repository, read in bounds: plain values only, and no small text that stands for a big one."""

from __future__ import annotations

import importlib
import re
from typing import Any

BYTES_MAX = 1 << 18
NODES_MAX = 20_000
DEPTH_MAX = 40
_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_TAGS = (None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq")))
_KEPT = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")


class WrongYaml(ValueError):
    """The text cannot be taken; the message reads on after “:”."""


def read_yaml(text: str) -> Any:
    """The one document of `text`, its scalars as text but for null and true and false. Raises WrongYaml. Blocks."""
    if len(text.encode("utf-8", "replace")) > BYTES_MAX:
        raise WrongYaml(f"it has more than {BYTES_MAX // 1024} KiB")
    # The library costs a tenth of a second at the start of a program that seldom needs it.
    yaml: Any = importlib.import_module("yaml")

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # the library has no types here
        """Numbers stay as they are written: 22:22 is a pair of ports and no number to base sixty."""

        yaml_implicit_resolvers = {  # noqa: RUF012  the library's own name
            first: [(tag, pattern) for tag, pattern in rows if tag in _KEPT]
            for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    for first in "tTfF":
        Loader.yaml_implicit_resolvers.setdefault(first, []).append(("tag:yaml.org,2002:bool", _BOOL))
    try:
        _weigh(yaml, text)
        return yaml.load(text, Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise WrongYaml(_told(error)) from error


def _weigh(yaml: Any, text: str) -> None:
    """Raises WrongYaml for a document with more parts than fit, each alias counted as what it stands for."""
    weights: dict[str, int] = {}
    open_: list[list[Any]] = [["", 0]]
    for event in yaml.parse(text, yaml.SafeLoader):
        if (tag := getattr(event, "tag", None)) not in _TAGS:
            raise WrongYaml(f"it says of a value that it is “{str(tag).rpartition(':')[2][:40]}”, which is not read")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in weights:
                raise WrongYaml(f"“*{event.anchor}” stands for what it is a part of, or for nothing")
            open_[-1][1] += weights[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            weight = 1 + len(event.value) // 64
            open_[-1][1] += weight
            if event.anchor:
                weights[event.anchor] = weight
        elif isinstance(event, yaml.CollectionStartEvent):
            open_.append([event.anchor or "", 1])
            if event.anchor:
                weights.pop(event.anchor, None)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, weight = open_.pop()
            open_[-1][1] += weight
            if anchor:
                weights[anchor] = weight
        if len(open_) > DEPTH_MAX or open_[-1][1] > NODES_MAX:
            raise WrongYaml(f"it is too big: more than {NODES_MAX:,} parts, or nested deeper than {DEPTH_MAX}")


def _told(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or error).splitlines()[0][:200]
    return f"line {mark.line + 1}: {problem}" if mark is not None else problem
