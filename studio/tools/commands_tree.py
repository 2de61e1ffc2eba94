"""A command line becomes a tree and the tree a class, within bounds."""

from __future__ import annotations

import time

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from studio.domain.tools import CommandClass, Sorted
from studio.tools.commands_findings import Findings, Unclear
from studio.tools.commands_walk import UNREADABLE, Walk

CHARACTERS = 20_000
NODES = 4_000
SCRIPTS_DEEP = 4
HERE_DOCUMENTS = 20
PARSE_SECONDS = 0.04

TOO_LONG = "it is too long"

# The grammar itself (5 MB) is loaded with this file, which is imported by the first command that is sorted.
_LANGUAGE = Language(tree_sitter_bash.language())


def sort_line(line: str) -> Sorted:
    """The class of a command line; never raises, and takes a bounded time whatever the line is."""
    findings = Findings()
    try:
        _sort(line, findings, 0)
    except Unclear as unclear:
        findings.add(CommandClass.UNKNOWN, str(unclear))
    return findings.result()


def _sort(line: str, findings: Findings, deep: int) -> None:
    if len(line) > CHARACTERS or deep > SCRIPTS_DEEP or line.count("<<") > HERE_DOCUMENTS:
        raise Unclear(TOO_LONG)
    # An unseen character parts words for one reader and not for another.
    if not line.replace("\n", "").replace("\t", "").isprintable():
        raise Unclear("it holds characters that cannot be seen")
    source = line.encode()
    root = _parse(source)
    findings.nodes += root.descendant_count
    if findings.nodes > NODES:
        raise Unclear(TOO_LONG)
    if root.has_error:
        raise Unclear("bash may not accept it as it stands")
    if source[: root.start_byte].strip() or source[root.end_byte :].strip():
        raise Unclear(UNREADABLE)
    Walk(source, findings, lambda text: _sort(text, findings, deep + 1)).visit(root, 0)


def _parse(source: bytes) -> Node:
    deadline = time.thread_time() + PARSE_SECONDS

    def read(offset: int, _point: object) -> bytes:
        return source[offset : offset + 4096]

    try:
        tree = Parser(_LANGUAGE).parse(read, progress_callback=lambda _offset, _error: time.thread_time() > deadline)
    except ValueError as error:
        raise Unclear(TOO_LONG) from error
    return tree.root_node
