"""The steps of a build that install a feature which lies in the repository."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from studio.domain.errors import UserError
from studio.sandbox.spec.jsonc import parse_jsonc

_LONGEST = 64 << 10


def feature_steps(folder: Path, target: Path, options: Mapping[str, str]) -> list[str]:
    """Copies a feature's folder into a build and returns the steps that run its install.sh. Blocks.

    Its options are set as variables, those that are not given with their defaults. Raises UserError.
    """
    script, about = folder / "install.sh", folder / "devcontainer-feature.json"
    if not _is_file(script) or not _is_file(about):
        raise UserError(
            f"The feature {folder.name} lacks install.sh or devcontainer-feature.json.", "Add what is missing."
        )
    chosen = {**_defaults(about), **options}
    shutil.copytree(folder, target, symlinks=True)
    lines = [f"export {_variable(name)}={shlex.quote(value)}" for name, value in sorted(chosen.items())]
    # Beside the copy, never in it: a link of the repository could stand in its place.
    given = target.with_name(f"{target.name}.sh")
    given.write_text("\n".join((*lines, "")), "utf-8")
    place = f"/tmp/{target.name}"
    run = f". {place}.sh && cd {place} && chmod +x install.sh && ./install.sh && cd / && rm -rf {place} {place}.sh"
    return [
        f"COPY {given.name} /tmp/",
        f"COPY {target.name} {place}",
        f"RUN {json.dumps(['/bin/sh', '-c', run])}",
    ]


def _defaults(about: Path) -> dict[str, str]:
    try:
        declared = parse_jsonc(about.read_text("utf-8"))["options"]
        return {str(name): _text(option["default"]) for name, option in declared.items() if "default" in option}
    except KeyError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError(
            f"The feature {about.parent.name} has a devcontainer-feature.json that cannot be read.", "Correct it."
        ) from error


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= _LONGEST


def _variable(name: str) -> str:
    return re.sub(r"^(\d)", r"_\1", re.sub(r"\W", "_", name, flags=re.ASCII).upper())


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
