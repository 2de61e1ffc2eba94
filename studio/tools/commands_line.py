"""One simple command: which program runs in the end, and what the tables say of it."""

from __future__ import annotations

from collections.abc import Callable

from studio.domain.tools import CommandClass
from studio.tools.commands_builtins import BUILTINS
from studio.tools.commands_findings import Findings
from studio.tools.commands_keys import TRANSPARENT, is_local, part_of
from studio.tools.commands_options import Use, apply
from studio.tools.commands_special import SPECIAL
from studio.tools.commands_table import PROGRAMS, SHELLS, WRAPPERS, Wrapper
from studio.tools.commands_words import UNTOLD, Word, literal

_WRAPPED_DEEP = 10
NO_PROGRAM = "the program it runs is known only when it runs"
NO_ARGUMENTS = "the arguments are known only when it runs"


def judge_command(words: list[Word], found: Findings, script: Callable[[str], None]) -> None:
    """Notes what a command with these words does; `script` sorts text that a shell is to read."""
    use = Use(found, script, lambda inner: judge_command(inner, found, script))
    for _ in range(_WRAPPED_DEEP):
        if not words:
            return
        name = _name(words[0], found)
        if name is None:
            return
        if name in WRAPPERS:
            if name not in TRANSPARENT:
                found.loosen(f"{name} changes how a command is run")
            unwrapped = _unwrap(name, words[1:], use)
            if unwrapped is None:
                return
            words = unwrapped
            continue
        with found.part(part_of(words[0], name, words[1:])):
            if is_local(words[0]):
                found.add(CommandClass.RUN)
            _judge(name, words[1:], use)
        return
    found.add(CommandClass.UNKNOWN, "it is nested too deep")


def _name(word: Word, found: Findings) -> str | None:
    """The program's name, or None when all there is to say has been said."""
    if not word.text:
        found.add(CommandClass.UNKNOWN, NO_PROGRAM)
        return None
    name = word.text.rpartition("/")[2]
    if not is_local(word):
        return name
    if found.is_outside(word):
        found.add(CommandClass.UNKNOWN, "it runs a program from outside the project's folder")
        return None
    if name in PROGRAMS:
        return name
    with found.part(part_of(word, name, [])):
        found.add(CommandClass.RUN)
    return None


def _judge(name: str, args: list[Word], use: Use) -> None:
    if name in BUILTINS:
        BUILTINS[name](args, use)
    elif name in SHELLS:
        _shell(name, args, use)
    elif name in SPECIAL:
        SPECIAL[name](args, use)
    elif name in PROGRAMS:
        apply(PROGRAMS[name], args, use)
    else:
        use.unknown(f"the program {_shown(name)} is not known")


def _shown(name: str) -> str:
    plain = name.isascii() and name.replace("-", "").replace("_", "").replace(".", "").isalnum() and len(name) <= 40
    return name if plain else "it runs"


def _unwrap(name: str, args: list[Word], use: Use) -> list[Word] | None:
    """The command that a wrapper runs, or None when there is none or it cannot be told."""
    if name == "command" and args and args[0].text in ("-v", "-V"):
        return None
    wrapper = WRAPPERS[name]
    rest, replaced = _own_arguments(wrapper, args, use)
    if rest is None:
        return None
    if name in ("env", "sudo"):
        while rest and "=" in rest[0].start:
            if rest[0].splits:  # what comes after the first piece would be the command
                use.unknown(NO_PROGRAM)
                return None
            use.found.assign(rest[0].start.partition("=")[0])
            rest = rest[1:]
    if name != "xargs":
        return rest
    command = [UNTOLD if word.text and replaced and replaced in word.text else word for word in rest]
    return [*(command or [literal("echo")]), UNTOLD]


def _own_arguments(wrapper: Wrapper, args: list[Word], use: Use) -> tuple[list[Word] | None, str]:
    """What follows a wrapper's own arguments, and the text that xargs replaces by what it reads."""
    replaced, at = "", 0
    while at < len(args):
        word = args[at]
        if word.text is None and word.option:
            use.unknown(NO_PROGRAM)
            return None, ""
        if not word.option and word.text != "-":
            break
        text = word.text or word.start
        at += 1
        if text == "--":
            break
        given, attached = _option(wrapper, text)
        if given is None:
            use.unknown("an option of the command before it is not known")
            return None, ""
        value = attached
        if given in wrapper.valued and attached is None:
            if at == len(args) or args[at].text is None:
                use.unknown(NO_PROGRAM)
                return None, ""
            value = args[at].text
            at += 1
        if given in ("-I", "--replace"):
            replaced = value or "{}"
    if any(word.text is None and word.option for word in args[at : at + wrapper.arguments]):
        use.unknown(NO_PROGRAM)
        return None, ""
    return args[at + wrapper.arguments :], replaced


def _option(wrapper: Wrapper, text: str) -> tuple[str | None, str | None]:
    """The option a word is and the value written with it; None for one that is not known."""
    if text in wrapper.plain or text in wrapper.valued:
        return text, None
    if text.startswith("--"):
        name, equals, value = text.partition("=")
        return (name, value) if equals and name in wrapper.valued else (None, None)
    if text[:2] in wrapper.valued:
        return text[:2], text[2:]
    known = all(f"-{letter}" in wrapper.plain for letter in text[1:])
    return (text, None) if known else (None, None)


def _shell(name: str, args: list[Word], use: Use) -> None:
    if len(args) == 1 and args[0].text == "--version":
        return
    at = 0
    while at < len(args) and args[at].option:
        text = args[at].text
        if text is None or (text.startswith("--") and text not in ("--norc", "--noprofile", "--login")):
            use.unknown(NO_ARGUMENTS)
            return
        at += 1
        if text.startswith("--"):
            continue
        if set(text[1:]) - set("celuxovn"):
            use.unknown("an option of the shell is not known")
            return
        if "o" in text:
            at += 1
        if "c" in text:
            _text(args[at] if at < len(args) else UNTOLD, use)
            return
    if at >= len(args):
        use.unknown(f"{name} runs whatever it is fed")
    elif args[at].text is None or use.found.is_outside(args[at]):
        use.unknown("the script it runs cannot be told")
    else:
        use.found.add(CommandClass.RUN)


def _text(word: Word, use: Use) -> None:
    if word.text is None:
        use.unknown("the text a shell is to read is known only when it runs")
    else:
        use.script(word.text)
