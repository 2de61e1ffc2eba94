"""studio board: a project's tasks, for people and programs."""

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
from studio.domain.clock import to_text
from studio.domain.difficulty import Difficulty
from studio.domain.tasks import Priority, Task, TaskComment

app = typer.Typer(cls=Verbs, help="The board: the tasks of your projects.", invoke_without_command=True)

TaskArgument = Annotated[str, typer.Argument(metavar="TASK", help="The task's id, or its beginning.")]


@app.callback()
def board(context: typer.Context, project: ProjectOption = None, json: Json = False) -> None:
    """List the tasks, oldest first."""
    if context.invoked_subcommand is None:
        _list(project, json)


@app.command("list")
def list_(project: ProjectOption = None, json: Json = False) -> None:
    """List the tasks, oldest first."""
    _list(project, json)


def _list(project: str | None, json: bool) -> None:
    async def verb(studio: Studio) -> int:
        wanted = (await studio.projects.find(project)).id if project else None
        tasks = await studio.board.tasks(wanted)
        names = {known.id: known.name for known in await studio.projects.list()}
        if json:
            output.document([_described(task, names[task.project]) for task in tasks])
            return exits.OK
        rows = [
            (
                task.id,
                names[task.project],
                task.state.value,
                task.priority.value,
                task.role or "–",
                shorten(task.title, 70),
            )
            for task in tasks
        ]
        empty = "The board is empty. Add a task: studio board add TITLE --project P"
        output.table(("ID", "PROJECT", "STATE", "PRIORITY", "ROLE", "TITLE"), rows, empty)
        return exits.OK

    session.run(verb, Access.READ)


@app.command("show")
def show(task: TaskArgument, json: Json = False) -> None:
    """Show one task with its checks and comments."""

    async def verb(studio: Studio) -> int:
        found = await studio.board.find(task)
        comments = await studio.board.comments(found)
        described = _described(found, (await studio.projects.by_id(found.project)).name)
        if json:
            output.document({**described, "comments": [_comment(each) for each in comments]})
            return exits.OK
        for name, value in described.items():
            words = "\n- ".join(("", *value)) if isinstance(value, list) else str(value or "–")
            output.say(f"{name:10} {output.below(words or '–', 11)}")
        for each in comments:
            output.say(f"\n[{output.one_line(each.by)}] {output.below(each.text)}")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("add")
def add(
    title: Annotated[str, typer.Argument(help="What is wanted, in a few words.")],
    project: Annotated[str, typer.Option("--project", "-p", help="A project's name, or its path.")],
    text: Annotated[str, typer.Option(help="All that whoever does it must know.")] = "",
    check: Annotated[list[str] | None, typer.Option(help="What must be true in the end; may be repeated.")] = None,
    role: Annotated[str, typer.Option(help="The role whose work it is.")] = "",
    priority: Annotated[Priority, typer.Option(help="How soon it is wanted.")] = Priority.NORMAL,
    after: Annotated[list[str] | None, typer.Option(help="A task that comes before; may be repeated.")] = None,
    brief: Annotated[str, typer.Option(help="The brief that it is a piece of.")] = "",
    difficulty: Annotated[
        Difficulty, typer.Option(help="How hard it is: its agents get a quicker or a stronger model.")
    ] = Difficulty.USUAL,
    json: Json = False,
) -> None:
    """Put a task on the board."""

    async def verb(studio: Studio) -> int:
        found = await studio.projects.find(project)
        if role:
            (await studio.roles.list(found.id)).get(role)
        made = await studio.board.add(
            found.id, title, text, tuple(check or ()), role, priority, tuple(after or ()), brief, difficulty
        )
        if json:
            output.document(_described(made, found.name))
        else:
            output.say(f"Added {made.id}: {made.title}")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("comment")
def comment(
    task: TaskArgument, text: Annotated[str, typer.Argument(help="What there is to say.")], json: Json = False
) -> None:
    """Say something about a task; its agents read it."""

    async def verb(studio: Studio) -> int:
        found = await studio.board.find(task)
        await studio.board.comment(found.project, found.id, text)
        return await _told(studio, found, f"Your comment stands at {found.id}.", json)

    session.run(verb, Access.WRITE)


@app.command("drop")
def drop(task: TaskArgument, json: Json = False) -> None:
    """Say that a task is not wanted any more; it stays on the board as dropped."""

    async def verb(studio: Studio) -> int:
        found = await studio.board.find(task)
        dropped = await studio.board.drop(found.project, found.id)
        return await _told(studio, dropped, f"Dropped {found.id}: {found.title}", json)

    session.run(verb, Access.WRITE)


async def _told(studio: Studio, task: Task, sentence: str, json: bool) -> int:
    if json:
        output.document(_described(task, (await studio.projects.by_id(task.project)).name))
    else:
        output.say(sentence)
    return exits.OK


def _described(task: Task, project: str) -> dict[str, Any]:
    return {
        "id": task.id,
        "project": project,
        "title": task.title,
        "state": task.state.value,
        "priority": task.priority.value,
        "difficulty": task.difficulty.value,
        "role": task.role or None,
        "by": task.by,
        "run": task.run,
        "brief": task.brief,
        "created": to_text(task.created),
        "depends": list(task.depends),
        "text": task.text,
        "checks": list(task.checks),
    }


def _comment(comment: TaskComment) -> dict[str, Any]:
    return {"by": comment.by, "run": comment.run, "time": to_text(comment.time), "text": comment.text}
