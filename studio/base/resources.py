"""Where the files that ship with the program are."""

from __future__ import annotations

from pathlib import Path


def resource(*parts: str) -> Path:
    """A shipped data file or folder; raises FileNotFoundError when the installation is incomplete.

    Installed copies keep them inside the package, a source checkout beside it.
    """
    package = Path(__file__).resolve().parents[1]
    for root in (package / "resources", package.parent / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"resources/{'/'.join(parts)} is missing from this installation")
