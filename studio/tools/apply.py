"""The apply_patch tool: a unified diff over any number of files, all of it or nothing."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.base.aio import in_thread
from studio.domain.errors import UserError
from studio.domain.tools import ToolOutcome
from studio.tools.change import MADE_BEFORE
from studio.tools.hands import Hands
from studio.tools.patch import read_patch
from studio.tools.planning import FileChange, do_all, plan
from studio.workspace.files import Folder

PATCH_CHARACTERS = 1_000_000


async def apply_patch(
    hands: Hands,
    patch: Annotated[
        str,
        Field(
            description="A unified diff, as git diff writes it; paths are relative to the project's root.",
            min_length=1,
            max_length=PATCH_CHARACTERS,
        ),
    ],
) -> ToolOutcome:
    """Applies a unified diff to one or more files: all of it, or nothing when one hunk does not fit.

    Use it for changes that belong together in several files; use edit for a single passage. Each file begins
    with `--- a/path` and `+++ b/path`; /dev/null stands for a file that is added or deleted, `rename from` and
    `rename to` below `diff --git` rename one. Lines without a sign or with '-' must be in the file exactly, white
    space included; give three lines of context. Wrong numbers in `@@` do no harm while the lines fit in one
    place only. At most 100 files with 500 hunks; no links, modes or binary files.
    """
    try:
        changes = await in_thread(_apply, hands.folder, patch, hands.again)
    except UserError as error:
        action = MADE_BEFORE if hands.again else f"Nothing was changed. {error.action}"
        raise UserError(error.sentence, action) from error
    added, removed = (sum(getattr(change, name) for change in changes) for name in ("added", "removed"))
    text = "\n".join(change.words for change in changes)
    return ToolOutcome(True, text, f"+{added} −{removed}", changed=any(change.acts for change in changes))


def _apply(folder: Folder, patch: str, again: bool) -> tuple[FileChange, ...]:
    """One call from the first look to the last write, so that a cancelled turn leaves no half of it."""
    changes = plan(folder, read_patch(patch), again)
    do_all(folder, changes)
    return changes
