"""A program's arguments held against its line in the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.domain.tools import CommandClass
from studio.tools.commands import VERB_MISSING
from studio.tools.commands_findings import OUTSIDE, Findings
from studio.tools.commands_table import Program
from studio.tools.commands_words import Word

NO_OPTION = "an option of it is known only when it runs"


@dataclass(frozen=True, slots=True)
class Use:
    """What the reading of one command may call: note a finding, sort a text, judge a command within it."""

    found: Findings
    script: Callable[[str], None]
    command: Callable[[list[Word]], None]

    def unknown(self, reason: str) -> None:
        """Notes that this cannot be told."""
        self.found.add(CommandClass.UNKNOWN, reason)


def apply(program: Program, args: list[Word], use: Use) -> None:
    """Notes what a program does with these arguments."""
    if len(args) == 1 and args[0].text in ("--version", "--help"):
        return
    if program.verbs:
        verb, rest = split_verb(program, args)
        if verb is not None and verb.text is not None and verb.text in program.verbs:
            apply(program.verbs[verb.text], rest, use)
            return
        if verb is not None and (verb.text is None or verb.option):
            use.unknown(NO_OPTION if verb.text is None else "an option before what it is to do is not known")
            return
    use.found.add(program.kind)
    if program.kind is CommandClass.UNKNOWN:
        use.unknown(VERB_MISSING)
    _options(program, args, use)
    _targets(program, args, use)


def split_verb(program: Program, args: list[Word]) -> tuple[Word | None, list[Word]]:
    """The verb among the arguments and what follows it; an option that is not understood is given as the verb."""
    at = 0
    while at < len(args):
        word = args[at]
        if word.text in program.valued and at + 1 < len(args) and args[at + 1].text is not None:
            at += 2
        elif word.text in program.before:
            at += 1
        else:
            return word, args[at + 1 :]
    return None, []


def matches(option: str, text: str) -> bool:
    """Whether a word is, or may be read as, this option: shortened, with others in one word, or with its value."""
    if option == text:
        return True
    if option.startswith("--"):
        name = text.partition("=")[0]
        return len(name) > 2 and name.startswith("--") and option.startswith(name)
    return len(option) == 2 and text.startswith("-") and not text.startswith("--") and option[1] in text[1:]


def _options(program: Program, args: list[Word], use: Use) -> None:
    before: str | None = ""
    for word in args:
        is_value = before in program.valued and not word.splits
        before = word.text
        if word.text is None:
            if word.option and program.options and not is_value:
                use.unknown(NO_OPTION)
            continue
        for option, kind in program.options.items():
            if matches(option, word.text):
                use.found.add(kind, "it has an option that may run another program")
        # No word ends the options: “--” may be the value of the one before it.
        if program.leading and not word.option:
            return


def _targets(program: Program, args: list[Word], use: Use) -> None:
    paths = [word for word in args if not (word.option and word.text is not None)]
    if program.targets == "none" or not paths:
        return
    changed = paths if program.targets == "all" else paths[-1:]
    if any(use.found.is_outside(path) for path in changed):
        use.unknown(OUTSIDE)
