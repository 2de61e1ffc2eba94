"""Here-documents: whether the grammar ends one where bash does."""

from __future__ import annotations

from tree_sitter import Node

from studio.tools.commands_words import hides_expansion


def heredoc_is_clear(node: Node, source: bytes) -> bool:
    """Whether bash reads this here-document as the grammar does: the same end, and no more expansions in it."""
    kinds = {child.type: child for child in node.children}
    if not {"heredoc_start", "heredoc_body", "heredoc_end"} <= kinds.keys():
        return False
    given = (kinds["heredoc_start"].text or b"").decode()
    quoted = given[:1] in ("'", '"', "\\")
    name = given.strip("'\"\\")
    if not name.replace("_", "").isalnum() or given not in (name, f"'{name}'", f'"{name}"', f"\\{name}"):
        return False
    body, end = kinds["heredoc_body"], kinds["heredoc_end"]
    text = source[body.start_byte : end.start_byte].decode()
    line_end = source.find(b"\n", kinds["heredoc_start"].end_byte)
    # The body begins on the next line; two here-documents begun on one line follow each other.
    if body.start_byte != line_end + 1 or b"<<" in source[kinds["heredoc_start"].end_byte : line_end]:
        return False
    if (end.text or b"").decode().strip() != name:
        return False
    if any(line.lstrip("\t ").startswith(name) for line in text.split("\n")[:-1]):
        return False
    return quoted or not _hidden(body, end, source)


def _hidden(body: Node, end: Node, source: bytes) -> bool:
    """Whether an unquoted body expands something between the expansions that the grammar saw."""
    at = body.start_byte
    for child in body.children:
        if child.type != "heredoc_content":
            if hides_expansion(source[at : child.start_byte].decode()):
                return True
            at = child.end_byte
    return hides_expansion(source[at : end.start_byte].decode())
