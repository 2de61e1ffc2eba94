"""What bash itself does under a name: eval, trap, read and their kin."""

from __future__ import annotations

from collections.abc import Callable

from studio.tools.commands_options import Use
from studio.tools.commands_words import Word, literal

_SET = frozenset(
    [
        "-e",
        "-u",
        "-x",
        "-eu",
        "-ex",
        "-ux",
        "-eux",
        "-o",
        "-euo",
        "-exo",
        "-euxo",
        "+e",
        "+u",
        "+x",
        "errexit",
        "nounset",
        "xtrace",
        "pipefail",
    ]
)
_UNARY = frozenset(["-e", "-f", "-d", "-s", "-r", "-w", "-x", "-L", "-h", "-n", "-z"])
_BINARY = frozenset(["=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"])
LATE = "the text it runs is known only when it runs"


def _eval(args: list[Word], use: Use) -> None:
    if any(word.text is None for word in args):
        use.unknown(LATE)
    else:
        use.script(" ".join(word.text or "" for word in args))


def _source(args: list[Word], use: Use) -> None:
    use.unknown("it runs the lines of a file in this shell")


def _trap(args: list[Word], use: Use) -> None:
    text = args[0].text if args else ""
    if text is None or (text.startswith("-") and text != "-"):
        use.unknown(LATE)
    elif text != "-":
        use.script(text)


def _cd(args: list[Word], use: Use) -> None:
    use.found.move(args[-1] if args else literal(""))


def _read(args: list[Word], use: Use) -> None:
    for word in args:
        # A name with an index is calculated, and a calculation may run commands.
        if word.text is None or "[" in word.text:
            use.unknown("what it sets is known only when it runs")
        elif not word.option:
            use.found.assign(word.text)


def _set(args: list[Word], use: Use) -> None:
    if any(word.text not in _SET for word in args):
        use.unknown("it changes how bash reads commands")


def _test(args: list[Word], use: Use) -> None:
    unary = len(args) == 2 and args[0].text in _UNARY
    binary = len(args) == 3 and args[1].text in _BINARY
    known = all(word.text is not None and word.text not in ("-v", "-R") and "[" not in word.text for word in args)
    # An unquoted word may become several, and so another test.
    single = not any(word.splits for word in args)
    if not known and not ((unary or binary) and single):
        use.unknown("what it compares is known only when it runs")


BUILTINS: dict[str, Callable[[list[Word], Use], None]] = {
    "eval": _eval,
    "source": _source,
    ".": _source,
    "trap": _trap,
    "cd": _cd,
    "pushd": _cd,
    "popd": _cd,
    "read": _read,
    "set": _set,
    "test": _test,
}
