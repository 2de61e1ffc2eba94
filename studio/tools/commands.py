"""Command lines, sorted into classes by what they do."""

from __future__ import annotations

import importlib
from typing import cast

from studio.base.aio import in_thread
from studio.domain.tools import Sorted

MOVES = "it goes to another folder"
"""Why no rule covers a line after which a path may mean a file outside the project."""

VERB_MISSING = "what it is to do is not known"
"""Why a program that does different things cannot be told where no known word says which."""

_GRAMMAR = "studio.tools.commands_tree"


async def sort_command(line: str) -> Sorted:
    """The class of a command line read by bash; for an unknown one also why it could not be told.

    Always answers, in a bounded time: what is too long or too deep to be read is unknown.
    """
    return await in_thread(_sort, line)


def _sort(line: str) -> Sorted:
    # The grammar takes 5 MB, which a program that runs no command does without.
    return cast(Sorted, importlib.import_module(_GRAMMAR).sort_line(line))
