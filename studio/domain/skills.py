"""Skills: what a project teaches its agents, each a folder with a file SKILL.md."""

from __future__ import annotations

from dataclasses import dataclass

from studio.domain.events import AidSkipped


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill: `description` says what it is for and when to use it, `text` how; `folder` holds its other files."""

    name: str
    description: str
    text: str
    folder: str


@dataclass(frozen=True, slots=True)
class AidProblem:
    """Why something that a project offers its agents is left out: its name, its file, and what is wrong there."""

    name: str
    file: str
    sentence: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class SkillList:
    """The skills that can be used, in order of their names, and what is wrong with the others."""

    skills: tuple[Skill, ...] = ()
    problems: tuple[AidProblem, ...] = ()


def left_out(event: AidSkipped) -> str:
    """The event in a sentence or two for people."""
    if event.aid == "sandbox":
        return f"{event.reason.removeprefix(f'{event.name}: ')} {event.action}".rstrip()
    what = "The skill" if event.aid == "skill" else "The MCP server"
    return f"{what} “{event.name}” is left out. {event.reason} {event.action}".rstrip()
