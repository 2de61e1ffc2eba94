"""studio skills and studio mcp: what a project offers its agents, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.domain import exits
from studio.domain.events import AidSkipped, Recorded, ServerStarted
from studio.domain.servers import ServerSpec
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


def mcp(project: Project, json: Json = False) -> None:
    """List the MCP servers of a project, what last came of starting each, and what is wrong with declarations."""

    async def verb(studio: Studio) -> int:
        found, last = await studio.aids.servers((await studio.projects.find(project)).id)
        if json:
            rows = [_of_server(spec, last.get(spec.name)) for spec in found.servers]
            output.document({"servers": rows, "problems": of_problems(found.problems)})
            return exits.OK
        lines = [(spec.name, spec.line, spec.file, _came_of(last.get(spec.name))) for spec in found.servers]
        output.table(("SERVER", "PROGRAM", "DECLARED IN", "LAST TIME"), lines, "There is none.")
        say_problems(found.problems)
        return exits.OK

    session.run(verb, Access.READ)


def _came_of(last: Recorded | None) -> str:
    match last.event if last else None:
        case ServerStarted(tools=tools):
            return f"came up with {len(tools)} tool{'' if len(tools) == 1 else 's'}"
        case AidSkipped(reason=reason):
            return f"left out: {reason}"
        case _:
            return "not started yet"


def _of_server(spec: ServerSpec, last: Recorded | None) -> dict[str, Any]:
    event = last.event if last else None
    return {
        "name": spec.name,
        "command": [spec.command, *spec.arguments],
        "file": spec.file,
        "tools": list(event.tools) if isinstance(event, ServerStarted) else None,
        "reason": event.reason if isinstance(event, AidSkipped) else None,
    }


def of_problems(problems: Sequence[AidProblem]) -> list[dict[str, Any]]:
    """The problems as JSON values."""
    return [
        {"name": each.name, "file": each.file, "sentence": each.sentence, "action": each.action or None}
        for each in problems
    ]


def say_problems(problems: Sequence[AidProblem]) -> None:
    """Names on standard error what is left out, and why."""
    for each in problems:
        where = f"“{each.name}” of {each.file}" if each.name not in each.file else each.file
        output.note(output.below(f"{where} is left out: {each.sentence} {each.action}".strip()))
