"""studio run: say something to an agent and follow it to the turn's outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.amounts import dollars
from studio.cli.fitness import say_fitness
from studio.cli.follow import follow, say_model
from studio.cli.options import Json, Wait
from studio.cli.work import choose_work
from studio.domain.briefs import Purpose
from studio.domain.errors import UserError
from studio.domain.events import Recorded, TurnEnded
from studio.domain.images import IMAGE_BYTES, image_of
from studio.domain.models import ModelRef
from studio.domain.roles import Limits
from studio.domain.runs import Outcome, Run, RunState
from studio.domain.tools import ApprovalMode

BUDGET_HELP = "Dollars this message may cost: a model call that could cost more than what is left is not made."
IMAGE_HELP = "An image the agent is to see (PNG, JPEG, GIF or WebP); may be given several times."


def run(
    message: Annotated[str, typer.Argument(help="What is to be done.")],
    project: Annotated[str | None, typer.Option("--project", "-p", help="A project's name, or its path.")] = None,
    role: Annotated[str | None, typer.Option(help="Who does it, of studio roles; the engineer when left out.")] = None,
    model: Annotated[str | None, typer.Option(help="provider/name, such as ollama/qwen3.")] = None,
    base: Annotated[
        str | None,
        typer.Option(help="Branch to start from; else work handed over to the role, or what is checked out."),
    ] = None,
    work: Annotated[
        str | None, typer.Option(metavar="RUN", help="Go on with what this run handed over to the role.")
    ] = None,
    without_work: Annotated[
        bool, typer.Option("--without-work", help="Start from what is checked out, whatever was handed over.")
    ] = False,
    task: Annotated[str, typer.Option(metavar="ID", help="The task of the board that it is for.")] = "",
    brief: Annotated[str, typer.Option(metavar="ID", help="The brief that it is for.")] = "",
    run_id: Annotated[str | None, typer.Option("--run", help="Go on with this run.")] = None,
    fallback: Annotated[str, typer.Option(help="Models to try next, parted by commas.")] = "",
    approve: Annotated[ApprovalMode | None, typer.Option(help="What happens when a command is to be run.")] = None,
    max_steps: Annotated[int | None, typer.Option(min=1, help="Steps the agent may take for this message.")] = None,
    budget: Annotated[str | None, typer.Option(metavar="USD", help=BUDGET_HELP)] = None,
    image: Annotated[list[Path] | None, typer.Option(metavar="FILE", help=IMAGE_HELP)] = None,
    queue: Annotated[bool, typer.Option("--queue", help="With --run: send it once the agent has stopped.")] = False,
    interrupt: Annotated[bool, typer.Option("--interrupt", help="With --run: stop the agent and send it now.")] = False,
    wait: Wait = False,
    json: Json = False,
) -> None:
    """Post a message to a new run, or to --run, and follow it to the outcome."""

    async def verb(studio: Studio) -> int:
        limits = Limits(max_steps, None, dollars(budget) if budget is not None else None)
        images = tuple(map(_image, image or ()))
        if queue and interrupt:
            raise UserError("A message either waits or interrupts.", "Leave out --queue or --interrupt.")
        fallbacks = tuple(model_name(name) for name in fallback.split(",") if name.strip())
        chosen = model_name(model) if model else None
        if run_id is not None:
            if role is not None or base is not None or work is not None or without_work or task or brief:
                raise UserError(
                    "A run keeps its role, its base, what it goes on with and what it is for.",
                    "Leave out --role, --base, --work, --without-work, --task and --brief, or start a new run.",
                )
            found = await studio.chats.run(run_id)
            name = (await studio.projects.by_id(found.project)).name
            if project is not None and (await studio.projects.find(project)).id != found.project:
                raise UserError(f"Run {found.id} belongs to the project “{name}”.", "Leave out --project, or name it.")
            if queue or interrupt:
                if fallbacks or max_steps is not None or budget is not None:
                    raise UserError(
                        "A queued message keeps the run's fallbacks and limits.",
                        "Leave out --fallback, --max-steps and --budget, or send it when the agent has stopped.",
                    )
                say = studio.queue.interrupt if interrupt else studio.queue.add
                sent = await say(found.id, message, chosen, approve, images)
            else:
                await _let_left_turn_end(studio, found)
                sent = await studio.chats.send(
                    found.project, message, found.id, found.role, chosen, approve, None, fallbacks, limits, images
                )
        elif queue or interrupt:
            raise UserError("Only a run that is there can be written to like that.", "Name it with --run ID.")
        elif project is not None:
            added = await studio.projects.find_or_add(project)
            name, doer = added.name, role or "engineer"
            taken = await choose_work(studio, added.id, doer, work, base, without=without_work, quiet=json)
            sent = await studio.chats.send(
                added.id,
                message,
                None,
                doer,
                chosen,
                approve,
                base,
                fallbacks,
                limits,
                images,
                taken,
                Purpose(task, brief),
            )
        else:
            raise UserError("No project is named.", "Add --project NAME_OR_PATH, or --run ID to go on with a run.")
        posted = await studio.chats.run(sent.run)
        await say_fitness(studio, posted)
        if not json:
            say_model(posted.model)
            output.note(f"Run {posted.id} · {posted.role} · {posted.model} · {posted.branch}")
        return await follow(studio, sent, name, json=json, wait=wait)

    session.follow(verb, json=json)


async def _let_left_turn_end(studio: Studio, run: Run) -> None:
    """Waits for the turn that a killed process left, which goes on here; raises UserError when it asks something."""
    if run.state is not RunState.WORKING or run.turn is None or studio.is_attached():
        return
    output.note(f"Run {run.id} was left in the middle of its work, which goes on first.")
    async for item in studio.feed.follow(0, run=run.id):
        if isinstance(item, Recorded) and isinstance(item.event, TurnEnded) and item.event.turn == run.turn:
            break
    else:
        raise AssertionError("the feed ends only when its reader stops")
    if item.event.outcome is Outcome.WAITING:
        raise UserError(
            f"Run {run.id} now waits for your decision, so your message was not sent.",
            f"See what it asks: studio checkpoints show {item.event.checkpoint}",
        )


def model_name(name: str) -> str:
    """A model's name; a scripted file is meant relative to where the command was typed."""
    ref = ModelRef.parse(name.strip())
    return f"scripted/{Path(ref.name).absolute()}" if ref.provider == "scripted" else str(ref)


def _image(path: Path) -> bytes:
    """What the file holds, no more of it than makes clear that it is too large."""
    try:
        with path.open("rb") as file:
            data = file.read(IMAGE_BYTES + 1)
    except OSError as error:
        raise UserError(f"The image {path} cannot be read: {error.strerror}.", "Name an existing file.") from error
    image_of(data, str(path))
    return data
