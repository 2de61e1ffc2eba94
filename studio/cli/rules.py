"""studio rules: what agents may do without a question, and what is forbidden to them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.app.policies import PolicyRow
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json, ProjectOption
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.clock import to_text
from studio.domain.roles import Role
from studio.domain.rules import DOES, CommandKind, Effect, Rule, nearly_a_class

app = typer.Typer(
    cls=Verbs, help="Rules: what needs no question any more, and what is forbidden.", invoke_without_command=True
)

RuleArgument = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.")]


@app.callback()
def list_(context: typer.Context, project: ProjectOption = None, json: Json = False) -> None:
    """List the rules, oldest first."""
    if context.invoked_subcommand is not None:
        return

    async def verb(studio: Studio) -> int:
        wanted = (await studio.projects.find(project)).id if project else None
        names = {each.id: each.name for each in await studio.projects.list()}
        rules = await studio.policies.list(wanted)
        if json:
            output.document([_of_rule(rule, names[rule.project]) for rule in rules])
            return exits.OK
        rows = [(rule.id, rule.effect.value, rule.kind.text, names[rule.project], rule.run or "all") for rule in rules]
        output.table(("RULE", "DOES", "COMMANDS", "PROJECT", "RUN"), rows, "There is no rule.")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("show")
def show(
    project: ProjectOption = None,
    role: Annotated[str | None, typer.Option(help="For this role; without it, what every role may.")] = None,
    json: Json = False,
) -> None:
    """Show the whole policy as a table: every class of commands in every approval mode, then the rules."""

    async def verb(studio: Studio) -> int:
        found = await studio.projects.find(project) if project else None
        offered = await studio.roles.list(found.id if found else None)
        chosen = offered.get(role) if role else None
        table = await studio.policies.table(found.id if found else None, chosen)
        rules = await studio.policies.list(found.id) if found else ()
        if json:
            output.document(_of_policy(table, chosen, rules, found.name if found else ""))
            return exits.OK
        rows = [(row.command_class.value, row.ask.value, row.auto.value, row.deny.value, _why(row)) for row in table]
        output.table(("COMMANDS", "ASK", "AUTO", "DENY", "WHAT THEY DO"), rows, "")
        for kind in chosen.deny if chosen else ():
            output.say(f"Forbidden to this role: {kind.text}  {kind.sentence}")
        for rule in rules:
            word = "Forbidden" if rule.effect is Effect.DENY else "Without a question"
            where = f"run {rule.run}" if rule.run else "this project"
            output.say(f"{word} in {where}: {rule.kind.text}  {rule.kind.sentence}  ({rule.id})")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("allow")
def allow(
    command: Annotated[str, typer.Argument(metavar="COMMAND", help="A command line as an agent would run it.")],
    project: Annotated[str, typer.Option("--project", "-p", help="A project's name, or its path.")],
    json: Json = False,
) -> None:
    """Let commands like this one run without a question in a project; each of its parts becomes a rule."""

    async def verb(studio: Studio) -> int:
        found = await studio.projects.find(project)
        rules = await studio.policies.allow(found.id, command)
        if json:
            output.document([_of_rule(rule, found.name) for rule in rules])
            return exits.OK
        for rule in rules:
            output.say(f"{rule.id}  Without a question in {found.name}: {rule.kind.text}  {rule.kind.sentence}")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("deny")
def deny(
    what: Annotated[str, typer.Argument(metavar="COMMANDS", help="A class, or the beginning of a command.")],
    project: Annotated[str, typer.Option("--project", "-p", help="A project's name, or its path.")],
    json: Json = False,
) -> None:
    """Forbid commands in a project, whatever anybody allows: a class like network, or words like “git push”."""

    async def verb(studio: Studio) -> int:
        found = await studio.projects.find(project)
        rule = await studio.policies.deny(found.id, what)
        if json:
            output.document(_of_rule(rule, found.name))
        else:
            output.say(f"{rule.id}  Forbidden in {found.name}: {rule.kind.text}  {rule.kind.sentence}")
        if rule.kind.command_class is None and (near := nearly_a_class(what)):
            output.note(f"Did you mean the class {near}? Then: studio rules remove {rule.id}, and deny {near}.")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("remove")
def remove(rule: RuleArgument, json: Json = False) -> None:
    """Take a rule back."""

    async def verb(studio: Studio) -> int:
        gone = await studio.policies.remove(rule)
        if json:
            output.document(_of_rule(gone, (await studio.projects.by_id(gone.project)).name))
        else:
            again = "may be done again" if gone.effect is Effect.DENY else "asks again"
            output.say(f"{gone.id} is gone: {gone.kind.text} {again}.")
        return exits.OK

    session.run(verb, Access.WRITE)


def _why(row: PolicyRow) -> str:
    return f"{DOES[row.command_class]}{f' (forbidden by the {row.denied_by})' if row.denied_by else ''}"


def _of_rule(rule: Rule, project: str) -> dict[str, Any]:
    return {
        "id": rule.id,
        "effect": rule.effect.value,
        **_of_kind(rule.kind),
        "project": project,
        "run": rule.run,
        "created": to_text(rule.created),
        "by": rule.by,
        "checkpoint": rule.checkpoint,
    }


def _of_kind(kind: CommandKind) -> dict[str, Any]:
    return {
        "class": kind.command_class.value if kind.command_class else None,
        "words": list(kind.words),
        "covers": kind.text,
        "sentence": kind.sentence,
    }


def _of_policy(
    table: tuple[PolicyRow, ...], role: Role | None, rules: tuple[Rule, ...], project: str
) -> dict[str, Any]:
    return {
        "table": [
            {
                "class": row.command_class.value,
                "ask": row.ask.value,
                "auto": row.auto.value,
                "deny": row.deny.value,
                "denied_by": row.denied_by or None,
            }
            for row in table
        ],
        "role_denies": [_of_kind(kind) for kind in role.deny] if role else [],
        "rules": [_of_rule(rule, project) for rule in rules],
    }
