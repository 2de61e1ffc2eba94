"""studio brief: what is wanted of a project as a whole, for people and programs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import shorten
from studio.cli import output, session
from studio.cli.options import Json, ProjectOption
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.briefs import Brief
from studio.domain.clock import to_text

app = typer.Typer(cls=Verbs, help="Briefs: what is wanted of your projects.", invoke_without_command=True)


@app.callback()
def brief(context: typer.Context, project: ProjectOption = None, json: Json = False) -> None:
    """List the briefs, oldest first."""
    if context.invoked_subcommand is None:
        _list(project, json)


@app.command("list")
def list_(project: ProjectOption = None, json: Json = False) -> None:
    """List the briefs, oldest first."""
    _list(project, json)


def _list(project: str | None, json: bool) -> None:
    async def verb(studio: Studio) -> int:
        wanted = (await studio.projects.find(project)).id if project else None
        found = await studio.briefs.list(wanted)
        names = {known.id: known.name for known in await studio.projects.list()}
        if json:
            output.document([_described(each, names[each.project]) for each in found])
            return exits.OK
        rows = [(each.id, names[each.project], shorten(output.one_line(each.title), 70)) for each in found]
        output.table(("ID", "PROJECT", "TITLE"), rows, "No brief yet. Write one: studio brief add TITLE --project P")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("show")
def show(
    brief: Annotated[str, typer.Argument(metavar="BRIEF", help="The brief's id, or its beginning.")],
    json: Json = False,
) -> None:
    """Show one brief with its tasks."""

    async def verb(studio: Studio) -> int:
        found = await studio.briefs.find(brief)
        tasks = [task for task in await studio.board.tasks(found.project) if task.brief == found.id]
        described = _described(found, (await studio.projects.by_id(found.project)).name)
        if json:
            output.document({**described, "tasks": [task.id for task in tasks]})
            return exits.OK
        for name, value in described.items():
            output.say(f"{name:9} {output.below(str(value or '–'), 10)}")
        for task in tasks:
            output.say(f"- {task.id} · {task.state.value} · {output.one_line(task.title)}")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("add")
def add(
    title: Annotated[str, typer.Argument(help="What is wanted, in a few words.")],
    project: Annotated[str, typer.Option("--project", "-p", help="A project's name, or its path.")],
    text: Annotated[str, typer.Option(help="What is wanted, in the words of whoever wants it.")] = "",
    json: Json = False,
) -> None:
    """Give a project a brief."""

    async def verb(studio: Studio) -> int:
        found = await studio.projects.find(project)
        made = await studio.briefs.write(found.id, title, text)
        if json:
            output.document(_described(made, found.name))
        else:
            output.say(f"Added {made.id}: {made.title}")
        return exits.OK

    session.run(verb, Access.WRITE)


def _described(brief: Brief, project: str) -> dict[str, Any]:
    return {
        "id": brief.id,
        "project": project,
        "title": brief.title,
        "created": to_text(brief.created),
        "text": brief.text,
    }
