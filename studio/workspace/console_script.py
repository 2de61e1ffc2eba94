"""The line by which a page is heard in another browser is of use here and now alone, and stays out of merges."""

from __future__ import annotations

from studio.domain.console_script import SCRIPT_LINE
from studio.domain.errors import PolicyRefused
from studio.workspace.git import Git
from studio.workspace.names import shown

_MOST_FILES = 100
_LISTING_BYTES = 1 << 20
_SECONDS = 120.0
_SETTINGS = ("core.bigFileThreshold=5m",)


async def require_no_console_script(git: Git, base: str, head: str) -> None:
    """Raises PolicyRefused, naming the file, when such a line stands in one that `head` changes against `base`."""
    # First what of the changes has to do with it, which may be that the line was taken out; then what is there still.
    changed = await git.run(
        *("diff-tree", "-r", "--no-renames", "--no-ext-diff", "--no-textconv", "--diff-filter=d", "--name-only", "-z"),
        *(f"-G{SCRIPT_LINE}", base, head),
        settings=_SETTINGS,
        max_bytes=_LISTING_BYTES,
        may_cut=True,
        timeout=_SECONDS,
    )
    names = [name.decode("utf-8", "surrogateescape") for name in changed.stdout.split(b"\0") if name][:_MOST_FILES]
    if not names:
        return
    search = ("grep", "-l", "-z", "-I", "-E", "-e", SCRIPT_LINE, head, "--", *names)
    found = await git.run(*search, accept=(0, 1), max_bytes=_LISTING_BYTES, may_cut=True, timeout=_SECONDS)
    holding = found.stdout.decode("utf-8", "surrogateescape").partition("\0")[0].removeprefix(f"{head}:")
    if holding:
        raise PolicyRefused(
            f"The branch loads the script of Studio's console in {shown(holding)}, by which the page is heard in "
            "another browser: on any other machine it would load what listens there. Nothing was merged.",
            f"Take that line out of {shown(holding)} (it has “studio-console-” in it), then merge.",
        )
