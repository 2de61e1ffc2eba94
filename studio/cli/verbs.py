"""Verbs: a table of them that says in one sentence what is none of them."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from studio.cli import session
from studio.domain import exits
from studio.domain.errors import NotFound, UserError


class Verbs(TyperGroup):
    """The verbs of one table of the command line."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb that the words name; ends the program when there is none."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            session.tell(_no_verb(args[0], list(self.commands), ctx.command_path))
            raise typer.Exit(exits.USAGE)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Runs the verb; a word that it cannot take is told in plain words."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise


def _no_verb(word: str, verbs: list[str], table: str) -> UserError:
    top = " " not in table
    if top and Path(word).expanduser().is_dir():
        folder = word if "/" in word else f"./{word}"
        return UserError(f"“{word}” is a folder, not a verb.", f"Open it in the window: {table} {folder}")
    if top and ("/" in word or word.startswith((".", "~"))):
        return NotFound(f"There is no folder {word}.", f"Check the path, or see the verbs: {table} --help")
    sentence = f"There is no verb “{word}”{'' if top else f' of {table}'}."
    if near := get_close_matches(word, verbs, 1):
        return NotFound(sentence, f"Did you mean {table} {near[0]}?")
    project = f" · open a project: {table} window {word}" if top else ""
    return NotFound(sentence, f"See the verbs: {table} --help{project}")
