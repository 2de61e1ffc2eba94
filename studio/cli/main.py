"""The command line: every verb in one table."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.cli import (
    aids,
    attach,
    board,
    briefs,
    budgets,
    checkpoints,
    demo,
    doctor,
    experiments,
    images,
    messages,
    models,
    projects,
    providers,
    queue,
    review,
    roles,
    rules,
    run,
    runs,
    sandbox,
    secrets,
    serve,
    usage,
    window,
)
from studio.cli.verbs import Verbs

app = typer.Typer(
    name="studio",
    cls=Verbs,
    help="A virtual IT company on your own machine. Without a verb, the window opens.",
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("diff")(review.diff)
app.command("merge")(review.merge)
app.command("discard")(review.discard)
app.command("skills")(aids.skills)
app.command("mcp")(aids.mcp)
app.command("usage")(usage.usage)
app.command("serve")(serve.serve)
app.command("templates")(projects.templates)
app.command("messages")(messages.messages)
app.command("window")(window.window)
app.command("attach", hidden=True)(attach.attach)
app.add_typer(projects.app, name="project")
app.add_typer(runs.app, name="runs")
app.add_typer(queue.app, name="queue")
app.add_typer(models.app, name="models")
app.add_typer(providers.app, name="providers")
app.add_typer(roles.app, name="roles")
app.add_typer(rules.app, name="rules")
app.add_typer(checkpoints.app, name="checkpoints")
app.add_typer(board.app, name="board")
app.add_typer(briefs.app, name="brief")
app.add_typer(budgets.app, name="budget")
app.add_typer(secrets.app, name="secret")
app.add_typer(experiments.app, name="experiments")
app.add_typer(images.app, name="image")
app.add_typer(sandbox.app, name="sandbox")


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Say the version and end.")] = False,
) -> None:
    """Opens the window when no verb is named."""
    if version:
        print(f"studio {window.version()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        window.window(None)
