"""The demo: a sample project and the scripted replies that mend it. No key and no model is used."""

from __future__ import annotations

from pathlib import Path

from studio.base.resources import resource

MESSAGE = "The total of a discounted cart is wrong. Find out why, fix it, and prove it with the tests."


def script_model() -> str:
    """The scripted model of the demo, by name."""
    return f"scripted/{resource('demo', 'replies.json')}"


def free_folder(home: Path) -> Path:
    """A folder below the data folder that does not exist yet, for the sample project."""
    number = 1
    while (folder := home / "demo" / f"shop-{number}").exists():
        number += 1
    return folder
