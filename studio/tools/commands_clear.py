"""Parts of a command line that bash surely reads as the grammar does."""

from __future__ import annotations

from itertools import pairwise

from tree_sitter import Node

from studio.tools.commands_words import hides_expansion

_BEFORE_COMMENT = (b"", b" ", b"\t", b"\n", b";", b"&", b"|", b"(", b")")
_PARTS_WORDS = frozenset("$`'\"&;()<> \t\n|")
_IN_PATTERN = frozenset("()|& $'\"")
_EXPANDS = ("`", "$(", "${", "<(", ">(")


def comment_is_clear(node: Node, source: bytes) -> bool:
    """Whether a comment begins where bash begins one."""
    return b"\n" not in (node.text or b"") and source[: node.start_byte][-1:] in _BEFORE_COMMENT


def gaps_are_clear(node: Node, source: bytes, blank: bytes) -> bool:
    """Whether nothing stands between a node's parts that the grammar skipped and bash would not."""
    for before, after in pairwise(node.children):
        if before.type == "heredoc_redirect" or after.type == "heredoc_body":
            continue
        gap = source[before.end_byte : after.start_byte].replace(b"\\\n", b"").strip(blank)
        # The grammar leaves out the dash of `python - <<EOF`, which names the input.
        if gap and not (gap == b"-" and after.type == "heredoc_redirect"):
            return False
    return True


def leaf_is_clear(node: Node) -> bool:
    """Whether a word without parts holds nothing that bash would expand or end it at."""
    text = (node.text or b"").decode()
    pattern = node.type in ("regex", "extglob_pattern")
    if pattern and any(mark in text for mark in _EXPANDS):
        return False
    letters = iter(text)
    for letter in letters:
        if letter == "\\":
            next(letters, "")
        elif letter in _PARTS_WORDS and not (pattern and letter in _IN_PATTERN):
            return False
    return True


def string_is_clear(node: Node, source: bytes) -> bool:
    """Whether between double quotes bash expands only what the grammar saw."""
    at = node.start_byte + 1
    for child in node.children[1:]:
        if child.type not in ("string_content", '"'):
            if hides_expansion(source[at : child.start_byte].decode()):
                return False
            at = child.end_byte
    return not hides_expansion(source[at : node.end_byte - 1].decode())


def index_is_known(node: Node) -> bool:
    """Whether the index of an array is a number or all of it; anything else is calculated."""
    index = [part for part in node.children if part.type not in ("variable_name", "[", "]")]
    return all(part.type == "number" or part.text in (b"@", b"*") for part in index)


def calculates_with_numbers(node: Node) -> bool:
    """Whether a calculation names no variable: the text of one may hold a command, which bash then runs."""
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        waiting += inner.children
        if inner.is_named and inner.child_count == 0 and inner.type != "number":
            return False
    return True
