"""studio project: add, make, list, show, put away, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.projects import Project

app = typer.Typer(cls=Verbs, help="Projects: repositories that Studio works on.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The project's name, or its path.")]


@app.command("add")
def add(
    path: Annotated[str, typer.Argument(metavar="PATH_OR_URL", help="A Git repository, or where to clone one from.")],
    name: Annotated[str | None, typer.Option(help="What to call it; the folder's name when left out.")] = None,
    json: Json = False,
) -> None:
    """Add a repository as a project. A URL is cloned into the current folder first."""

    async def verb(studio: Studio) -> int:
        if "://" in path or path.startswith("git@"):
            folder = await studio.projects.clone(path, Path.cwd())
        else:
            folder = Path(path).expanduser().absolute()
        return _told(await studio.projects.add(folder, name), "Added", json)

    session.run(verb, Access.WRITE)


@app.command("new")
def new(
    path: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    template: Annotated[str, typer.Option("--template", "-t", help="What to start from; see studio templates.")],
    json: Json = False,
) -> None:
    """Make a new repository from a template and add it."""

    async def verb(studio: Studio) -> int:
        return _told(await studio.projects.new(path.expanduser().absolute(), template), "Made", json)

    session.run(verb, Access.WRITE)


@app.command("list")
def list_(json: Json = False) -> None:
    """List all projects."""

    async def verb(studio: Studio) -> int:
        found = await studio.projects.list()
        if json:
            output.document([output.of_project(project) for project in found])
        else:
            rows = [(p.name, str(p.path), "archived" if p.archived else "") for p in found]
            output.table(("NAME", "PATH", ""), rows, "No project yet. Add one: studio project add PATH")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("show")
def show(name: Name, json: Json = False) -> None:
    """Show one project and its runs."""

    async def verb(studio: Studio) -> int:
        view = await studio.projects.show(name)
        if json:
            runs = [output.of_run(run, view.project.name) for run in view.runs]
            output.document({**output.of_project(view.project), "runs": runs})
        else:
            output.say(f"{view.project.name}  {view.project.path}")
            rows = [(run.id, run.state.value, str(run.model), run.title) for run in view.runs]
            output.table(("RUN", "STATE", "MODEL", "TITLE"), rows, "No run yet.")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("archive")
def archive(name: Name, json: Json = False) -> None:
    """Put a project away; adding it again brings it back."""

    async def verb(studio: Studio) -> int:
        return _told(await studio.projects.archive(name), "Archived", json)

    session.run(verb, Access.WRITE)


@app.command("remove")
def remove(name: Name, json: Json = False) -> None:
    """Forget a project and delete Studio's copies of it; the checkout stays as it is."""

    async def verb(studio: Studio) -> int:
        return _told(await studio.projects.remove(name), "Removed", json)

    session.run(verb, Access.WRITE)


def templates(json: Json = False) -> None:
    """List the templates of studio project new."""

    async def verb(studio: Studio) -> int:
        found = studio.projects.templates()
        if json:
            output.document(list(found))
        else:
            output.table(("TEMPLATE",), [(name,) for name in found], "There is none.")
        return exits.OK

    session.run(verb, Access.READ)


def _told(project: Project, done: str, json: bool) -> int:
    if json:
        output.document(output.of_project(project))
    else:
        output.say(f"{done} {project.name} ({project.path})")
    return exits.OK
