"""studio skills: what a project teaches its agents, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.domain import exits
from studio.domain.skills import AidProblem

Project = Annotated[str, typer.Option("--project", "-p", help="A project's name, or its path.")]


def skills(project: Project, json: Json = False) -> None:
    """List a project's skills: what it teaches its agents, as committed on the branch that is checked out."""

    async def verb(studio: Studio) -> int:
        found = await studio.aids.skills((await studio.projects.find(project)).id)
        if json:
            rows = [{"name": s.name, "description": s.description, "folder": s.folder} for s in found.skills]
            output.document({"skills": rows, "problems": of_problems(found.problems)})
            return exits.OK
        lines = [(skill.name, skill.folder, skill.description) for skill in found.skills]
        output.table(("SKILL", "FOLDER", "WHAT FOR"), lines, "There is none.")
        say_problems(found.problems)
        return exits.OK

    session.run(verb, Access.READ)


def of_problems(problems: Sequence[AidProblem]) -> list[dict[str, Any]]:
    """The problems as JSON values."""
    return [
        {"name": each.name, "file": each.file, "sentence": each.sentence, "action": each.action or None}
        for each in problems
    ]


def say_problems(problems: Sequence[AidProblem]) -> None:
    """Names on standard error what is left out, and why."""
    for each in problems:
        output.note(output.below(f"{each.file} is left out: {each.sentence} {each.action}".strip()))
