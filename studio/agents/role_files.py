"""Role files: one role from its file, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from studio.agents.role_parts import NAME, PROMPT_CHARACTERS, Part, PartFault, expand
from studio.agents.role_sheet import Sheet, Table
from studio.base.text import plain, shorten, shown
from studio.domain.errors import UserError
from studio.domain.money import NanoUsd, from_usd, to_usd
from studio.domain.roles import HandOverAfter, Limits, ResultField, ResultType, Role, RoleProblem, Tier
from studio.domain.rules import CommandKind, banned_words
from studio.domain.thinking import LEAST_TOKENS, MOST_TOKENS, OFF
from studio.domain.tools import CommandClass
from studio.tools.mcp import MCP, names_server

NAME_CHARACTERS = 40
TITLE_CHARACTERS = 40
PURPOSE_CHARACTERS = 160
FIELDS_MAX = 12
"""How many fields a result may have."""

_TIERS = tuple(tier.value for tier in Tier)
_AFTER = tuple(after.value for after in HandOverAfter)
_TYPES = {
    ResultType.TEXT: "text",
    ResultType.TEXTS: "list",
    ResultType.NUMBER: "number",
    ResultType.YES_NO: "yes or no",
}


@dataclass(frozen=True, slots=True)
class RoleFile:
    """One file: what people know it by, the name of the role that it must describe, its bytes or why it has none."""

    file: str
    role: str
    data: bytes = b""
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a project's role stays within: no tool, limit or tier beyond those of `ceiling`, no title of another role.

    `known` is the role of the same name that Studio brings, whose fields count where the file says nothing.
    """

    ceiling: Role
    known: Role | None = None
    taken: frozenset[str] = frozenset()


def read_role(
    file: RoleFile, parts: Mapping[str, Part], tools: Collection[str], bounds: Bounds | None = None
) -> Role | tuple[RoleProblem, ...]:
    """The role of a file, or all that is wrong with it; nothing that a file holds raises."""
    sheet = Sheet(file.file, file.role, file.data if not file.unread else b"")
    if not NAME.fullmatch(file.role) or len(file.role) > NAME_CHARACTERS:
        hint = f"Call the file like data-analyst.toml, with at most {NAME_CHARACTERS} characters before the dot."
        sheet.wrong("The file's name is no name of a role: small letters, digits and single hyphens.", hint)
    elif file.unread:
        sheet.wrong(f"This file {file.unread}, and was not read.")
    # Of a file that cannot be parsed, every field would be missing.
    if sheet.problems:
        return tuple(sheet.problems)
    role = _role(sheet, file.role, parts, tools, bounds)
    if bounds is not None and not sheet.problems:
        role = replace(role, own=True)
        _hold(sheet, role, bounds)
    return tuple(sheet.problems) or role


def _role(sheet: Sheet, name: str, parts: Mapping[str, Part], tools: Collection[str], bounds: Bounds | None) -> Role:
    top, known = sheet.top, bounds.known if bounds else None
    if (said := top.text("name", longest=NAME_CHARACTERS)) and said != name:
        top.wrong("name", f"This is “{said}”, but the file is of the role “{name}”.", "Give both the same name.")
    title = top.text("title", known.title if known else None, TITLE_CHARACTERS)
    purpose = top.text("purpose", known.purpose if known else None, PURPOSE_CHARACTERS)
    tier = Tier(top.choice("tier", _TIERS, known.tier.value if known else None))
    allowed = top.texts("tools", known.tools if known else None, tools, "tool")
    limits = _limits(top.table("limits"), bounds.ceiling.limits if bounds else Limits())
    result = tuple(_field(table) for table in top.tables("result")) if "result" in top or not known else known.result
    _check_result(top, result)
    must = top.yes_no("must_hand_over", known.must_hand_over if known else False)
    after = HandOverAfter(
        top.choice("hand_over_after", _AFTER, known.hand_over_after.value if known else HandOverAfter.TOOLS.value)
    )
    deny = _deny(top.table("deny"), bounds.ceiling.deny if bounds else ())
    cached, cached_tools = _answer_cache(top, known)
    thinking = _thinking(top, known)
    wakes = top.yes_no("wakes_on_errors", known.wakes_on_errors if known else False)
    prompt, version = _prompt(sheet, parts, known)
    top.close()
    whole = f"{prompt}{handed_over(result)}"
    return Role(
        name,
        title,
        purpose,
        whole,
        allowed,
        limits,
        version,
        tier,
        result,
        must_hand_over=must,
        hand_over_after=after,
        deny=deny,
        answer_cache=cached,
        answer_cache_tools=cached_tools,
        thinking=thinking,
        wakes_on_errors=wakes,
    )


def _answer_cache(top: Table, known: Role | None) -> tuple[bool, bool]:
    cached = top.yes_no("answer_cache", known.answer_cache if known else False)
    tools = top.yes_no("answer_cache_tools", cached and known.answer_cache_tools if known else False)
    if tools and not cached:
        top.wrong("answer_cache_tools", "This counts only with answer_cache.", "Add answer_cache = true.")
    return cached, tools


def _thinking(top: Table, known: Role | None) -> int | None:
    """`off`, or so many tokens a step; a role that says nothing leaves it to the settings."""
    usual = known.thinking if known else None
    if top.is_text("thinking"):
        top.choice("thinking", ("off",))
        return OFF
    tokens = top.number("thinking", usual, MOST_TOKENS, whole=True)
    if tokens is not None and "thinking" in top and tokens < LEAST_TOKENS:
        top.wrong("thinking", f"With fewer than {LEAST_TOKENS} tokens no model thinks.", 'Write more, or "off".')
    return None if tokens is None else int(tokens)


def _deny(table: Table, more: tuple[CommandKind, ...]) -> tuple[CommandKind, ...]:
    """What a role forbids: all that is forbidden to the one above it, and what it adds."""
    classes = table.texts("classes", (), tuple(CommandClass), "class of commands")
    found = [*more, *(CommandKind(CommandClass(name)) for name in classes if name in tuple(CommandClass))]
    for written in table.texts("commands", ()):
        try:
            found.append(banned_words(written))
        except UserError as error:
            table.wrong("commands", error.sentence, error.action, holding=written)
    table.close()
    return tuple(dict.fromkeys(found))


def _limits(table: Table, usual: Limits) -> Limits:
    steps = table.number("steps", usual.steps, 10_000, whole=True)
    seconds = table.number("seconds", usual.seconds, 7 * 24 * 3600)
    cost = table.number("cost_usd", None, 10_000)
    table.close()
    cost_nusd = usual.cost_nusd if cost is None else from_usd(Decimal(str(cost)))
    return Limits(None if steps is None else int(steps), seconds, cost_nusd)


def _field(table: Table) -> ResultField:
    name = table.text("name", longest=40)
    if name and not NAME.fullmatch(name.replace("_", "-")):
        table.wrong("name", "This must be small letters, digits and single underscores.")
    kind = ResultType(table.choice("type", [each.value for each in ResultType]))
    about = table.text("about", longest=200)
    options = table.texts("options", None if kind is ResultType.CHOICE else ())
    if kind is ResultType.CHOICE and len(options) == 1:
        table.wrong("options", "A choice has at least two options.")
    elif kind is not ResultType.CHOICE and options:
        table.wrong("options", "Only a choice has options.", 'Leave them out, or say type = "choice".')
    required = table.yes_no("required", True)
    table.close()
    return ResultField(name, kind, about, options, required)


def _check_result(top: Table, result: tuple[ResultField, ...]) -> None:
    if not result:
        top.wrong("result", "A role hands something over.", "Add a table [[result]] with name, type and about.")
    elif len(result) > FIELDS_MAX:
        top.wrong("result", f"This has more than {FIELDS_MAX} fields.")
    elif len({field.name for field in result}) < len(result):
        top.wrong("result", "Two fields have the same name.")


def _prompt(sheet: Sheet, parts: Mapping[str, Part], known: Role | None) -> tuple[str, int]:
    """The prompt with its parts but without what is handed over, and its version."""
    table = sheet.top.table("prompt")
    if known is not None and "prompt" not in sheet.top:
        return known.prompt.removesuffix(handed_over(known.result)), known.prompt_version
    version = int(table.number("version", None, 1_000_000, whole=True) or 0)
    if "version" not in table:
        table.wrong("version", "This is missing.", "Add version = 1, and count it up with every change of the text.")
    text = plain(table.text("text", longest=PROMPT_CHARACTERS, several_lines=True))
    table.close()
    try:
        return expand(text, parts), version
    except PartFault as fault:
        if fault.file:
            sheet.wrong(fault.sentence, fault.hint, line=fault.line, file=fault.file)
        else:
            line = text.split("\n")[fault.line - 1]
            sheet.wrong(fault.sentence, fault.hint, "prompt.text", holding=line)
    return "", version


def handed_over(result: tuple[ResultField, ...]) -> str:
    """The end of every prompt of a role: what is to be handed over."""
    rows = [f"- {field.name} ({_type(field)}): {field.about}" for field in result]
    return "\n\n".join(("", "When the work is done, call hand_off. Its result has these fields:\n" + "\n".join(rows)))


def _type(field: ResultField) -> str:
    what = f"one of: {', '.join(field.options)}" if field.type is ResultType.CHOICE else _TYPES[field.type]
    return what if field.required else f"{what}; may be left out"


def _hold(sheet: Sheet, role: Role, bounds: Bounds) -> None:
    """Notes where a project's role goes beyond what it may."""
    ceiling, top = bounds.ceiling, sheet.top
    whose = f"the role “{ceiling.name}” that Studio brings"
    for tool in role.tools:
        if tool not in ceiling.tools and not (names_server(tool) and MCP in ceiling.tools):
            hint = f"Leave it out. Allowed here: {', '.join(ceiling.tools)}."
            top.wrong("tools", f"A project's role may not have “{tool}”: {whose} has not.", hint, holding=tool)
    if role.title.casefold() in bounds.taken:
        top.wrong("title", f"Another role is called “{role.title}”.", "Choose a title of its own.")
    if _TIERS.index(role.tier) > _TIERS.index(ceiling.tier):
        top.wrong("tier", f"This is stronger than “{ceiling.tier}”, the tier of {whose}.")
    for key, wanted, most in _limit_pairs(role.limits, ceiling.limits):
        if most is not None and (wanted is None or wanted > most):
            top.wrong(f"limits.{key}", f"This is more than {most:g}, the limit of {whose}.")
    handed = {field.name: field for field in role.result}
    for field in bounds.known.result if bounds.known else ():
        new = handed.get(field.name)
        if field.required and (new is None or replace(new, about=field.about) != field):
            what = f"“{shown(shorten(field.name, 40))}” must be handed over as {whose} does: only its words may differ."
            top.wrong("result", what)


def _limit_pairs(wanted: Limits, most: Limits) -> tuple[tuple[str, float | None, float | None], ...]:
    return (
        ("steps", wanted.steps, most.steps),
        ("seconds", wanted.seconds, most.seconds),
        ("cost_usd", _usd(wanted.cost_nusd), _usd(most.cost_nusd)),
    )


def _usd(cost: int | None) -> float | None:
    return None if cost is None else float(to_usd(NanoUsd(cost)))
