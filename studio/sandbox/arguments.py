"""Arguments: what a program inside a sandbox can be given, and what it cannot."""

from __future__ import annotations

from collections.abc import Iterable

from studio.domain.errors import UserError

ARGUMENT_BYTES = (128 << 10) - 1
"""The kernel starts no program with a longer one."""

COMMAND_BYTES = 1 << 20
"""A command is no argument: the shell that waits for it reads it."""


def require_sayable(texts: Iterable[str], most: int) -> None:
    """Raises UserError when one of them cannot be given to a program as it is.

    Inside, a NUL ends one argument and begins the next: what stands behind it would be an option, or a program.
    """
    for text in texts:
        if "\0" in text:
            raise UserError("It holds a NUL character, which no program can be given.", "Leave it out.")
        try:
            size = len(text.encode("utf-8", "surrogateescape"))
        except UnicodeEncodeError as error:
            raise UserError("It holds half a character (a lone surrogate).", "Send whole characters.") from error
        if size > most:
            raise UserError(f"It has {size:,} bytes; {most:,} are the most.", "Send less, or put it into a file.")
