"""studio sandbox plan: what a project's sandboxes would be made of, and what its files ask for in vain."""

from __future__ import annotations

import dataclasses
from shlex import quote
from typing import Annotated

import typer

from studio.app.plans import PlanView
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import plain, shown
from studio.cli import output, session
from studio.cli.options import Json
from studio.domain import exits
from studio.domain.clock import in_words


def plan(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="A project's name, or its path.")],
    json: Json = False,
) -> None:
    """Show what a project's sandboxes are made from, and what its files ask for and do not get; nothing is built."""

    async def verb(studio: Studio) -> int:
        found = await studio.projects.find_or_add(project)
        view = await studio.plans.show(found)
        if json:
            output.document({"project": found.name, **dataclasses.asdict(view)})
        else:
            _say(found.name, view)
            _say_missing(found.name, view, studio.settings.network_ask_seconds)
        return exits.OK

    session.run(verb, Access.WRITE)


def _say(project: str, view: PlanView) -> None:
    first, *others = view.sources
    output.say(f"Sandboxes of {shown(project)} at {view.commit[:10]} are made from {first}.")
    if others:
        output.say(f"If that gives no image: {', then '.join(others)}.")
    for command in view.setup:
        output.say(f"Setup: {shown(command)}")
    if view.expects:
        output.say(f"Its image must bring, because nothing installs it: {', '.join(map(shown, view.expects))}")
    if view.env:
        output.say(f"Environment: {', '.join(view.env)}")
    if view.ports:
        output.say(f"Ports: {', '.join(map(str, view.ports))}")
    for service in view.services:
        output.say(f"Beside each: {output.one_line(plain(service))}")
    for sentence in view.left:
        output.say(output.one_line(plain(sentence)))
    if agreed := [line for line in view.includes if f"+ {line}" not in view.asked]:
        output.say(f"Put into each workspace, from your checkout: {', '.join(map(shown, agreed))}")
    if view.asked:
        names = ", ".join(map(shown, view.asked))
        output.say(
            f"✗ Nobody agreed to what was changed in .worktreeinclude: {names}. A file that it alone puts in is held "
            f"back. See it all: studio sandbox include {shown(project)}"
        )
    for sentence in view.refused:
        output.say(f"✗ {output.below(plain(sentence))}")


def _say_missing(project: str, view: PlanView, seconds: float) -> None:
    """What a new run would have to fetch, and that it asks before."""
    if view.missing is None:
        output.say("No container engine answers, so that nobody knows which of these images are on this machine.")
        return
    if not view.missing:
        return
    output.say(f"✗ Not on this machine: {', '.join(map(shown, view.missing))}")
    if view.asks:
        hosts = ", ".join(map(shown, view.asks))
        output.say(
            f"  A new run asks before it fetches from {hosts}, waits {in_words(seconds)} for an answer, and goes on "
            "without."
        )
        for host in view.asks:
            output.say(f"  Allow it beforehand: studio sandbox network {quote(project)} allow {shown(host)}")
