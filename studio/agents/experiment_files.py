"""Experiment files: one experiment from its file in the data folder, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from studio.agents.role_parts import NAME, PROMPT_CHARACTERS, Part, PartFault, expand
from studio.agents.role_sheet import Sheet, Table
from studio.base.text import plain
from studio.domain.errors import UserError
from studio.domain.experiments import Experiment, ExperimentProblem, Variant
from studio.domain.models import ModelRef

FILE_BYTES = 1_000_000


def read_experiment(path: Path, parts: Mapping[str, Part]) -> Experiment | tuple[ExperimentProblem, ...]:
    """The experiment of a file, or all that is wrong with it; nothing that a file holds raises."""
    sheet = Sheet(path.name, path.stem, b"")
    found: Experiment | None = None
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as error:
        sheet.wrong(f"This cannot be read: {error.strerror}.")
    else:
        sheet = Sheet(path.name, path.stem, data if len(data) <= FILE_BYTES else b"")
        if len(data) > FILE_BYTES:
            sheet.wrong(f"This is longer than {FILE_BYTES} bytes.")
        elif not NAME.fullmatch(path.stem):
            sheet.wrong("The file's name is no name: small letters, digits and single hyphens.")
        elif not sheet.problems:
            found = _experiment(sheet, path.stem, parts)
    problems = tuple(ExperimentProblem(path.stem, problem.text, problem.hint) for problem in sheet.problems)
    return problems if problems or found is None else found


def _experiment(sheet: Sheet, name: str, parts: Mapping[str, Part]) -> Experiment | None:
    top = sheet.top
    role = top.text("role", longest=40)
    share = top.number("share", 1.0, 1.0) or 1.0
    projects = top.texts("projects", ())
    about = top.text("about", "", longest=200)
    tables = top.tables("variant")
    variants = tuple(_variant(sheet, table, parts, f"variant[{at}]") for at, table in enumerate(tables, 1))
    top.close()
    if len(variants) != 2:
        top.wrong("variant", "An experiment has two variants.", "Write a table [[variant]] with a name for each.")
        return None
    one, other = variants
    if one.name == other.name:
        top.wrong("variant", "Both variants have the same name.")
    elif (one.model, one.prompt) == (other.model, other.prompt):
        top.wrong("variant", "Both variants are the same.", "Say another model or another prompt in one of them.")
    return Experiment(name, role, (one, other), share, projects, about)


def _variant(sheet: Sheet, table: Table, parts: Mapping[str, Part], field: str) -> Variant:
    name, model, prompt = table.text("name", longest=40), None, ""
    if written := table.text("model", "", longest=200):
        try:
            model = ModelRef.parse(written)
        except UserError as error:
            table.wrong("model", error.sentence, error.action)
    if text := table.text("prompt", "", longest=PROMPT_CHARACTERS, several_lines=True):
        prompt = _prompt(sheet, plain(text), parts, field)
    table.close()
    return Variant(name, model, prompt)


def _prompt(sheet: Sheet, text: str, parts: Mapping[str, Part], field: str) -> str:
    try:
        return expand(text, parts)
    except PartFault as fault:
        sheet.wrong(fault.sentence, fault.hint, f"{field}.prompt")
    return ""
