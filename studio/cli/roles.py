"""studio roles: who can be asked, what each may do and hands over, and which role files are wrong."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json, ProjectOption
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.money import NanoUsd, show
from studio.domain.roles import ResultField, Role, RoleList, RoleProblem

app = typer.Typer(cls=Verbs, help="Roles: who can be asked to do something.", invoke_without_command=True)

Name = Annotated[str, typer.Argument(help="The role's name.")]


@app.callback()
def list_(context: typer.Context, project: ProjectOption = None, json: Json = False) -> None:
    """List the roles, those of a project too when one is named, and what is wrong with role files."""
    if context.invoked_subcommand is not None:
        return

    async def verb(studio: Studio) -> int:
        found = await _roles(studio, project)
        if json:
            problems = [_of_problem(problem) for problem in found.problems]
            output.document({"roles": [_of_role(role) for role in found.roles], "problems": problems})
            return exits.OK
        rows = [(r.name, r.title, r.tier.value, "project" if r.own else "", ", ".join(r.tools)) for r in found.roles]
        output.table(("ROLE", "TITLE", "TIER", "", "TOOLS"), rows, "There is none.")
        for problem in found.problems:
            output.note(output.below(f"{problem.text} {problem.hint}".strip()))
        return exits.OK

    session.run(verb, Access.READ)


@app.command("show")
def show_(name: Name, project: ProjectOption = None, json: Json = False) -> None:
    """Show one role: its prompt, tools, limits and what it hands over."""

    async def verb(studio: Studio) -> int:
        role = (await _roles(studio, project)).get(name)
        if json:
            output.document({**_of_role(role), "prompt": role.prompt})
            return exits.OK
        output.say(f"{role.title} ({role.name}{', of the project' if role.own else ''})\n{role.purpose}\n")
        for what, value in _about(role):
            output.say(f"{what:12}  {output.below(value, 14)}")
        output.say(f"\nPrompt, version {role.prompt_version}:\n\n  {output.below(role.prompt)}")
        return exits.OK

    session.run(verb, Access.READ)


async def _roles(studio: Studio, project: str | None) -> RoleList:
    return await studio.roles.list((await studio.projects.find(project)).id if project else None)


def _about(role: Role) -> list[tuple[str, str]]:
    limits = role.limits
    most = (
        f"{limits.steps} steps" if limits.steps else "",
        f"{limits.seconds / 60:g} minutes" if limits.seconds else "",
        show(NanoUsd(limits.cost_nusd)) if limits.cost_nusd is not None else "",
    )
    return [
        ("tier", role.tier.value),
        ("tools", ", ".join(role.tools)),
        ("limits", ", ".join(part for part in most if part) or "none"),
        *((("answer cache", "with tools" if role.answer_cache_tools else "on"),) if role.answer_cache else ()),
        *((("thinking", f"{role.thinking} tokens" if role.thinking else "off"),) if role.thinking is not None else ()),
        *((("wakes", "when its app fails"),) if role.wakes_on_errors else ()),
        *((("forbidden", ", ".join(kind.text for kind in role.deny)),) if role.deny else ()),
        *(("hands over", f"{field.name} ({_type(field)}): {field.about}") for field in role.result),
    ]


def _type(field: ResultField) -> str:
    what = f"{field.type.value}: {' | '.join(field.options)}" if field.options else field.type.value
    return what if field.required else f"{what}, optional"


def _of_role(role: Role) -> dict[str, Any]:
    return {
        "name": role.name,
        "title": role.title,
        "purpose": role.purpose,
        "tier": role.tier.value,
        "tools": list(role.tools),
        "own": role.own,
        "deny": [kind.text for kind in role.deny],
        "must_hand_over": role.must_hand_over,
        "hand_over_after": role.hand_over_after.value,
        "answer_cache": role.answer_cache,
        "answer_cache_tools": role.answer_cache_tools,
        "thinking": role.thinking,
        "wakes_on_errors": role.wakes_on_errors,
        "prompt_version": role.prompt_version,
        "limits": {
            "steps": role.limits.steps,
            "seconds": role.limits.seconds,
            "cost_usd": output.usd(role.limits.cost_nusd),
        },
        "result": [
            {
                "name": field.name,
                "type": field.type.value,
                "about": field.about,
                "options": list(field.options),
                "required": field.required,
            }
            for field in role.result
        ],
    }


def _of_problem(problem: RoleProblem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "field": problem.field or None,
        "role": problem.role or None,
        "sentence": problem.sentence,
        "action": problem.hint or None,
    }
