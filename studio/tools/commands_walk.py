"""The walk over a command line's tree; only what is known to be harmless counts as such."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from studio.domain.tools import CommandClass
from studio.tools.commands_clear import (
    calculates_with_numbers,
    comment_is_clear,
    gaps_are_clear,
    index_is_known,
    leaf_is_clear,
    string_is_clear,
)
from studio.tools.commands_findings import Findings, Unclear
from studio.tools.commands_heredoc import heredoc_is_clear
from studio.tools.commands_line import judge_command
from studio.tools.commands_words import WORDS, Word, resolve

LEVELS = 60
CALCULATES = "it calculates with variables, which may run commands"
TOO_DEEP = "it is nested too deep"
UNREADABLE = "bash may read it in another way than Studio does"

_BLOCKS = frozenset(
    {
        "program", "list", "pipeline", "subshell", "if_statement", "elif_clause", "else_clause", "while_statement",
        "for_statement", "do_group", "case_statement", "case_item", "negated_command", "redirected_statement",
        "command_substitution", "process_substitution", "array", "comment", "concatenation", "compound_statement",
    }
)  # fmt: skip
_MARKS = frozenset(
    {
        ";", ";;", "&", "&&", "||", "|", "|&", "\n", "(", ")", "{", "}", "$(", "<(", ">(", "`", "!", "if", "then",
        "elif", "else", "fi", "while", "until", "for", "in", "do", "done", "case", "esac", "=",
    }
)  # fmt: skip
_EXPANSION_MARKS = frozenset(
    {
        "${", "}", "$", "#", "##", "%", "%%", ":-", "-", ":+", "+", ":?", "?", "/", "//", "^", "^^", ",", ",,", "[",
        "]", "@", "*",
    }
)  # fmt: skip
_TEST_MARKS = frozenset({"[", "]", "[[", "]]", "!", "&&", "||", "=", "==", "!=", "=~", "<", ">", "(", ")"})
_TESTS = frozenset({"unary_expression", "binary_expression", "parenthesized_expression"})
_FILE_TESTS = frozenset({"-e", "-f", "-d", "-s", "-r", "-w", "-x", "-L", "-h", "-n", "-z", "-nt", "-ot", "-ef"})


class Walk:
    """Visits each node once and says what it finds."""

    def __init__(self, source: bytes, findings: Findings, script: Callable[[str], None]) -> None:
        self._source = source
        self._found = findings
        self._script = script

    def unclear(self, reason: str = UNREADABLE) -> None:
        """Notes that a part cannot be told."""
        self._found.add(CommandClass.UNKNOWN, reason)

    def visit(self, node: Node, level: int) -> None:
        """Visits a node and everything below it."""
        if level > LEVELS:
            raise Unclear(TOO_DEEP)
        match node.type:
            case "command":
                self._command(node, level)
            case "variable_assignment" | "variable_assignments":
                self._assignment(node, level)
            case "declaration_command" | "unset_command":
                self._declaration(node, level)
            case "file_redirect" | "herestring_redirect" | "heredoc_redirect":
                self._redirect(node, level)
            case "test_command":
                self._test(node, level, double=node.children[0].type == "[[")
            case "function_definition":
                self.unclear("it gives commands a new meaning")
                self._below(node, level)
            case kind if kind in _BLOCKS:
                self._block(node, level)
            case kind if kind in WORDS:
                self._inside_word(node, level)
            case kind if not node.is_named and kind in _MARKS:
                pass
            case _:
                self.unclear()
                self._below(node, level)

    def _below(self, node: Node, level: int) -> None:
        for child in node.children:
            self.visit(child, level + 1)

    def _block(self, node: Node, level: int) -> None:
        text = node.text or b""
        if node.type == "comment":
            self._require(comment_is_clear(node, self._source))
            return
        if text.startswith(b"`") and b"\\" in text:  # what is escaped in backquotes is read twice
            self.unclear()
        if text.startswith(b"(("):
            self.unclear(CALCULATES)
        if sum(child.type == "heredoc_redirect" for child in node.children) > 1:
            self.unclear()
        if node.type == "for_statement" and (name := node.child_by_field_name("variable")) is not None:
            self._found.assign((name.text or b"").decode())
        self._require(gaps_are_clear(node, self._source, b" \t\n"))
        self._below(node, level)

    def _require(self, clear: bool, reason: str = UNREADABLE) -> None:
        if not clear:
            self.unclear(reason)

    def _command(self, node: Node, level: int) -> None:
        self._require(gaps_are_clear(node, self._source, b" \t"))
        words: list[Word] = []
        last = -1
        for child in node.children:
            parted = self._source[last : child.start_byte].replace(b"\\\n", b"")
            if words and last >= 0 and not parted and child.type not in ("file_redirect", "herestring_redirect"):
                self.unclear()  # bash reads the two as one word
            last = child.end_byte
            if child.type == "command_name":
                words.append(
                    self._word(child.children[0], level) if child.child_count == 1 else self._odd(child, level)
                )
            elif child.type in WORDS:
                words.append(self._word(child, level))
            elif child.type in ("variable_assignment", "file_redirect", "herestring_redirect"):
                self.visit(child, level + 1)
            else:
                words.append(self._odd(child, level))
        judge_command(words, self._found, self._script)

    def _odd(self, node: Node, level: int) -> Word:
        self.unclear()
        self._below(node, level)
        return resolve(node)

    def _word(self, node: Node, level: int) -> Word:
        self.visit(node, level + 1)
        return resolve(node)

    def _inside_word(self, node: Node, level: int) -> None:
        match node.type:
            case "raw_string" | "ansi_c_string":
                quotes = (node.text or b"")[2 if node.type == "ansi_c_string" else 1 : -1]
                if node.type == "raw_string" and b"'" in quotes:
                    self.unclear()
            case "string":
                self._require(string_is_clear(node, self._source))
                for child in node.children:
                    if child.type not in ("string_content", '"'):
                        self.visit(child, level + 1)
            case "simple_expansion" | "expansion":
                self._expansion(node, level)
            case "arithmetic_expansion":
                self._require(calculates_with_numbers(node), CALCULATES)
                self._below_named(node, level)
            case "brace_expression":
                pass
            case "command_substitution" | "process_substitution" | "concatenation":
                self._block(node, level)
            case _ if node.child_count:
                self._below(node, level)
            case _:
                self._require(leaf_is_clear(node))

    def _expansion(self, node: Node, level: int) -> None:
        for child in node.children:
            if child.type == "subscript":
                self._require(index_is_known(child), CALCULATES)
                self._below_named(child, level)
            elif child.type in WORDS:
                self.visit(child, level + 1)
            elif child.type not in _EXPANSION_MARKS or _transforms(child):
                self.unclear("it takes a variable apart")
                self._below(child, level)

    def _below_named(self, node: Node, level: int) -> None:
        """What is substituted somewhere in a calculation or a pattern."""
        if level > LEVELS:
            raise Unclear(TOO_DEEP)
        for child in node.children:
            if child.type == "command_substitution":
                self.visit(child, level + 1)
            else:
                self._below_named(child, level + 1)

    def _assignment(self, node: Node, level: int) -> None:
        self._require(gaps_are_clear(node, self._source, b""))
        for child in node.children:
            if child.type == "variable_name":
                self._found.assign((child.text or b"").decode())
            elif child.type not in ("=", "+="):
                self.visit(child, level + 1)

    def _declaration(self, node: Node, level: int) -> None:
        self._require(gaps_are_clear(node, self._source, b" \t"))
        for child in node.children[1:]:
            if child.type == "variable_name":
                self._found.assign((child.text or b"").decode())
            elif child.type == "variable_assignment":
                self._assignment(child, level)
            else:
                self.unclear("it declares variables in a way that may run code")
                self.visit(child, level + 1)

    def _redirect(self, node: Node, level: int) -> None:
        marks = [child.type for child in node.children if not child.is_named]
        targets = [child for child in node.children if child.is_named and child.type != "file_descriptor"]
        if node.type == "heredoc_redirect":
            if not heredoc_is_clear(node, self._source):
                self.unclear()
            targets = [
                child for child in targets if child.type not in ("heredoc_start", "heredoc_end", "heredoc_content")
            ]
        elif len(targets) != 1 and not (marks and marks[-1].endswith("-")):
            self.unclear()
        for target in targets:
            if target.type == "heredoc_body":
                for child in target.children:
                    if child.type != "heredoc_content":
                        self.visit(child, level + 1)
            elif node.type == "heredoc_redirect" and target.type in WORDS:
                self._odd(target, level)
            else:
                self.visit(target, level + 1)
            if node.type == "file_redirect":
                self._found.redirect(marks[0] if marks else "", resolve(target))

    def _test(self, node: Node, level: int, double: bool) -> None:
        operands_calculate = False
        for child in node.children:
            if child.type in _TESTS:
                self._test(child, level + 1, double)
            elif child.type == "test_operator":
                operator = (child.text or b"").decode()
                operands_calculate = operands_calculate or operator not in _FILE_TESTS
            elif child.type in WORDS:
                self.visit(child, level + 1)
                known = resolve(child)
                if not double and known.text is None and child.type != "string":
                    self.unclear("what it compares is known only when it runs")
            elif child.is_named or child.type not in _TEST_MARKS:
                self.unclear()
                self._below(child, level)
        if operands_calculate and any(
            child.type in WORDS and not (child.text or b"").isdigit() for child in node.children
        ):
            self.unclear(CALCULATES)
        if level > LEVELS:
            raise Unclear(TOO_DEEP)


def _transforms(mark: Node) -> bool:
    """Whether an @ asks for what a variable's text expands to, as in `${x@P}`."""
    return mark.type == "@" and mark.prev_sibling is not None and mark.prev_sibling.type != "${"
