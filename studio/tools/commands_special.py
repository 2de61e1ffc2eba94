"""Programs whose arguments are a language of their own: git, find, sed, awk, tar, python."""

from __future__ import annotations

from collections.abc import Callable

from studio.domain.tools import CommandClass
from studio.tools.commands_git import GIT, ONLY_LISTING, READING_WITH_ARGUMENTS
from studio.tools.commands_options import NO_OPTION, Use, apply, matches, split_verb
from studio.tools.commands_sed import only_shows
from studio.tools.commands_table import PROGRAMS
from studio.tools.commands_words import UNTOLD, Word

_EXECUTES = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_PRINTS = frozenset({"-fprint", "-fprint0", "-fprintf", "-fls"})
_AWK_ACTS = ("system", "getline", "|", ">", "@", "close", "include", "load")
_LISTS_ARCHIVE = frozenset("tfvzjJ")
_TAR_LONG = frozenset(
    {
        "--list",
        "--file",
        "--verbose",
        "--gzip",
        "--extract",
        "--create",
        "--exclude",
        "--directory",
        "--strip-components",
    }
)


def _git(args: list[Word], use: Use) -> None:
    verb, rest = split_verb(GIT, args)
    name = (verb.text if verb else None) or ""
    texts = [word.text for word in rest]
    if name in ONLY_LISTING and all(text in ONLY_LISTING[name] for text in texts):
        if texts or name in ("branch", "tag", "remote"):
            return
    elif texts and texts[0] in READING_WITH_ARGUMENTS.get(name, ()):
        if any(word.text is None and word.option for word in rest):
            use.unknown(NO_OPTION)
        elif not any(text and matches(option, text) for text in texts[1:] for option in ("-d", "-D", "-f", "-m", "-M")):
            return
    if name == "reset" and (not rest or (rest[0].text == "HEAD" and not any(word.option for word in rest))):
        use.found.add(CommandClass.WRITE)
        return
    if name == "push" and any(word.start[:1] in ("+", ":") for word in rest):
        use.found.add(CommandClass.PUBLISHED)
    if name == "rebase" and any(text and (matches("-x", text) or matches("--exec", text)) for text in texts):
        use.unknown("it runs a command between commits")
    apply(GIT, args, use)


def _find(args: list[Word], use: Use) -> None:
    at = 0
    while at < len(args):
        word = args[at]
        at += 1
        if word.text is None and word.option:
            use.unknown(NO_OPTION)
        elif word.text == "-delete":
            use.found.add(CommandClass.DELETE)
        elif word.text in _PRINTS:
            use.found.redirect(">", args[at] if at < len(args) else UNTOLD)
        elif word.text in _EXECUTES:
            use.found.loosen("find names the files that a command is run on")
            end = next((i for i in range(at, len(args)) if _ends_command(args, i)), len(args))
            inner = [UNTOLD if one.text and "{}" in one.text else one for one in args[at:end]]
            use.command(inner or [UNTOLD])
            at = end + 1


def _ends_command(args: list[Word], at: int) -> bool:
    return args[at].text == ";" or (args[at].text == "+" and args[at - 1].text == "{}")


def _sed(args: list[Word], use: Use) -> None:
    scripts: list[Word] = []
    files: list[Word] = []
    waits = False
    for word in args:
        text = word.text
        if waits:
            scripts.append(word)
            waits = False
        elif not word.option or text == "--":
            files.append(word)
        elif text is None:
            use.unknown(NO_OPTION)
        elif text in ("--version", "--help", "--quiet", "--silent", "--regexp-extended"):
            continue
        elif text == "-i" or text.startswith(("-i", "--in-place")) or text in ("-ni", "-Ei", "-ri", "-nEi"):
            use.found.add(CommandClass.WRITE)
        elif not set(text[1:-1]) - set("nErsuz") and text[-1] in "nErsuze":
            waits = text.endswith("e")
        else:
            use.unknown("an option of sed may write files or run commands")
    if not scripts:
        scripts, files = files[:1], files[1:]
    if any(script.text is None or not only_shows(script.text) for script in scripts):
        use.unknown("its sed script may write files or run commands")


def _awk(args: list[Word], use: Use) -> None:
    at = 0
    while at < len(args) and args[at].option:
        text = args[at].text or args[at].start
        if args[at].splits or not text.startswith(("-F", "-v")):
            use.unknown("its awk program may write files or run commands")
            return
        at += 2 if text in ("-F", "-v") else 1
        if text in ("-F", "-v") and (at > len(args) or args[at - 1].splits):
            use.unknown(NO_OPTION)
            return
    program = args[at].text if at < len(args) else None
    if program is None or any(act in program for act in _AWK_ACTS):
        use.unknown("its awk program may write files or run commands")


def _tar(args: list[Word], use: Use) -> None:
    mode = args[0].text if args else None
    if mode is None or any(word.text is None and word.option for word in args):
        use.unknown(NO_OPTION)
        return
    for word in args[1:]:
        text = word.text or ""
        if (text.startswith("--") and text.partition("=")[0] not in _TAR_LONG) or (
            text.startswith("-") and not text.startswith("--") and set(text[1:]) & set("IFg")
        ):
            use.unknown("an option of tar may run another program")
    letters = set(mode.lstrip("-"))
    if "t" in letters and letters <= _LISTS_ARCHIVE and not any(word.option for word in args[1:]):
        return
    if mode.startswith("--") or letters - set("cxtrufvzjJkpmaOCh"):
        use.unknown("an option of tar may run another program")
    if use.found.is_outside(args[-1]):
        use.unknown("it changes files outside the project's folder, or may do so")
    use.found.add(CommandClass.WRITE)


def _python(args: list[Word], use: Use) -> None:
    texts = [word.text for word in args]
    if texts in (["--version"], ["-V"]):
        return
    if texts[:2] == ["-m", "pip"]:
        apply(PROGRAMS["pip"], args[2:], use)
        return
    use.found.add(CommandClass.RUN)


def _uniq(args: list[Word], use: Use) -> None:
    if any(word.splits or word.text == "--" for word in args):
        use.unknown(NO_OPTION)
    elif len([word for word in args if not word.option or word.text is None]) > 1:
        use.found.redirect(">", args[-1])


SPECIAL: dict[str, Callable[[list[Word], Use], None]] = {
    "git": _git,
    "find": _find,
    "sed": _sed,
    "tar": _tar,
    "uniq": _uniq,
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    **dict.fromkeys((name for name in PROGRAMS if name.startswith("python")), _python),
}
