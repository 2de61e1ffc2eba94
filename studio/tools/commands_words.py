"""Words of a command line, as bash resolves them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node

WORDS = frozenset(
    {
        "word", "number", "raw_string", "ansi_c_string", "string", "concatenation", "simple_expansion", "expansion",
        "command_substitution", "process_substitution", "arithmetic_expansion", "brace_expression", "extglob_pattern",
        "regex", "translated_string", "special_variable_name", "variable_name",
    }
)  # fmt: skip
"""Kinds of nodes that stand for a word, or for a part of one."""

_SPECIAL = frozenset("|&;()<> \t\n'\"`$")
_GLOB = frozenset("*?[")
_ESCAPES = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_NUMBERS = {"x": (16, 2), "u": (16, 4), "U": (16, 8)}
_STARTS_EXPANSION = frozenset("({_@*#?$!-") | frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command.

    `text` is what the program is given, None when only running the line tells. `start` is the beginning that
    is known in any case. `option` says that the word is an option or may turn out to be one, `splits` that it may
    become several words, or none.
    """

    text: str | None
    option: bool
    start: str = ""
    splits: bool = False


UNTOLD = Word(None, option=True, splits=True)


def literal(text: str) -> Word:
    """A word that is known."""
    return Word(text, text.startswith("-") and text != "-", text)


def resolve(node: Node) -> Word:
    """The word a node stands for."""
    parts = node.children if node.type == "concatenation" else [node]
    if any(before.end_byte != after.start_byte for before, after in pairwise(parts)):
        return UNTOLD
    start, whole, splits = "", True, False
    for part in parts:
        known, rest_is_known, may_split = _part(part)
        if whole:
            start += known
        whole = whole and rest_is_known
        splits = splits or may_split
    braced = (
        node.type == "concatenation"
        and any(part.text == b"{" for part in parts)
        and _braces((node.text or b"").decode())
    )
    tilde = parts[0].type == "word" and start.startswith("~")
    if whole and not splits and not braced and not tilde:
        return literal(start)
    if tilde:
        start = "/~"  # a home folder: an absolute path, wherever it is
    start = "" if braced else start
    return Word(None, splits or not start or start.startswith("-"), start, splits)


def _part(node: Node) -> tuple[str, bool, bool]:
    """What of a part is known, whether that is all of it, and whether it may become several words."""
    text = (node.text or b"").decode()
    match node.type:
        case "word" | "number":
            return _bare(text)
        case "raw_string":
            return text[1:-1], True, False
        case "ansi_c_string":
            decoded = _ansi(text[2:-1])
            return (decoded, True, False) if decoded is not None else ("", False, False)
        case "string":
            return _quoted(node)
        case _:
            return "", False, True


def _bare(text: str) -> tuple[str, bool, bool]:
    """An unquoted piece. What may name several files is not split when its beginning is known."""
    known: list[str] = []
    letters = iter(text)
    for letter in letters:
        if letter == "\\":
            escaped = next(letters, None)
            if escaped is None:
                return "", False, True
            known.append("" if escaped == "\n" else escaped)
        elif letter in _GLOB or (letter == "{" and _braces(text)):
            return "".join(known), False, False
        elif letter in _SPECIAL:
            return "", False, True
        else:
            known.append(letter)
    return "".join(known), True, False


def _braces(text: str) -> bool:
    return "," in text or ".." in text


def _quoted(node: Node) -> tuple[str, bool, bool]:
    """A double-quoted piece: known up to what is expanded in it."""
    raw = node.text or b""
    first = next((child for child in node.children if child.type not in ('"', "string_content")), None)
    end = first.start_byte - node.start_byte if first else len(raw) - 1
    text = raw[1:end].decode()
    if hides_expansion(text):
        return "", False, True
    known: list[str] = []
    letters = iter(text)
    for letter in letters:
        if letter != "\\":
            known.append(letter)
            continue
        escaped = next(letters, "")
        known.append("" if escaped == "\n" else escaped if escaped in ("$", "`", '"', "\\") else "\\" + escaped)
    # "$@" is as many words as there are arguments.
    splits = any(child.text in (b"$@", b"${@}") or b"[@]" in (child.text or b"") for child in node.children)
    return "".join(known), first is None, splits


def hides_expansion(text: str) -> bool:
    """Whether text between double quotes, or in a here-document, expands something the grammar did not see."""
    letters = iter([*text, ""])
    for letter in letters:
        if letter == "\\":
            next(letters, "")
        elif letter == "`":
            return True
        elif letter == "$":
            follower = next(letters, "")
            if follower and (follower in _STARTS_EXPANSION or follower.isalpha()):
                return True
            if follower in ("`", "\\"):
                return True
    return False


def _ansi(text: str) -> str | None:
    """What stands between `$'` and `'`, None when that depends on more than the text."""
    known: list[str] = []
    at = 0
    while at < len(text):
        if text[at] != "\\":
            known.append(text[at])
            at += 1
            continue
        letter = text[at + 1 : at + 2]
        if letter in _ESCAPES:
            known.append(_ESCAPES[letter])
            at += 2
            continue
        base, most = _NUMBERS.get(letter, (8, 3))
        begin = at + 2 if letter in _NUMBERS else at + 1
        end = begin
        digits = "0123456789abcdefABCDEF" if base == 16 else "01234567"
        while end < len(text) and end - begin < most and text[end] in digits:
            end += 1
        code = int(text[begin:end], base) if end > begin else 0
        # A NUL ends the word early, what is not ASCII depends on the locale, \c and others on the version.
        if not 0 < code < 0x80:
            return None
        known.append(chr(code))
        at = end
    return "".join(known)
