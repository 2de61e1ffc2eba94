"""studio sandbox include: which files that no commit holds go into workspaces, and whether a person agreed to that."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import shown
from studio.cli import output, session
from studio.cli.options import Json
from studio.domain import exits

_ALLOW = "allow"
_LEAST = 12
"""So many characters of a text's hash name it."""


def include(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="A project's name, or its path.")],
    what: Annotated[
        str | None, typer.Argument(metavar="[allow]", help="Agree to what you were shown, for new runs.")
    ] = None,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The word that stood below what you saw.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what .worktreeinclude of a project's checkout puts into workspaces, or agree to what a merge added to it."""
    if what not in (None, _ALLOW):
        raise typer.BadParameter(f"“{what}” is not {_ALLOW}.")
    if (what is None) != (text is None):
        raise typer.BadParameter(
            f"{_ALLOW} goes with the word that stands below what nobody agreed to yet; without one there is nothing to "
            f"agree to: studio sandbox include {project}"
        )

    async def verb(studio: Studio) -> int:
        found = await studio.projects.find(project)
        view = await studio.sandboxes.includes(found.id)
        if text is not None:
            # Another word than this text's is refused by the door, as the text is not what was seen.
            is_it = len(text) >= _LEAST and view.digest.startswith(text)
            view = await studio.sandboxes.allow_includes(found.id, view.digest if is_it else text)
        if json:
            lines, changes = map(shown, view.lines), map(shown, view.changed)
            output.document(
                {"project": found.name, "commit": view.commit, "lines": [*lines], "changed": [*changes]}
                | {"text": view.digest[:_LEAST], "agreed": what == _ALLOW or not view.changed}
            )
            return exits.OK
        for line in view.changes or [f"  {line}" for line in view.lines]:
            output.say(shown(line))
        if not view.lines:
            output.say("Nothing: there is no .worktreeinclude at the commit that new runs start from, or it is empty.")
        if view.changes and what == _ALLOW:
            output.note("You agreed to what came (+) and went (-) there, for new runs.")
        elif view.changes:
            output.note("+ came and - went, and nobody agreed to that yet: a file that it alone puts in is held back.")
            output.note(
                f"Let new runs have them: studio sandbox include {shown(found.name)} allow {view.digest[:_LEAST]}"
            )
        return exits.OK

    session.run(verb, Access.WRITE)
