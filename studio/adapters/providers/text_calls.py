"""Calls that a model writes as text: read out of its reply while that streams in.

    I look at the test first.
    ```call-kzqhtwmn read
    {"path": "test_sum.py"}
    ```

A call is a line that begins with the fence and the reply's own mark, below it one JSON object, and a line of three
backticks. JSON has no line break within a string, so no such line can be part of valid arguments. Everything else is
text: an indented fence, one with another mark or none, as it stands in files that a model quotes.
"""

from __future__ import annotations

import re
from dataclasses import replace

from studio.adapters.providers.calls import read_call
from studio.contracts.chat_model import OnDelta
from studio.domain.messages import ToolCall

MOST_CALLS = 32
"""Calls that are read of one reply; what follows is not."""

_CLOSE = "```"
_LONGEST_HEAD = 300
"""Characters of a line that may still become the first one of a call."""


def fence(mark: str) -> str:
    """What the first line of a call begins with."""
    return f"{_CLOSE}call-{mark}"


class CallReader:
    """Takes a reply's text piece by piece and hands on what of it is text, never a call.

    A reply ends with its calls. What a model writes behind them it wrote without their answers, most often invented
    ones: it is handed on as thinking, which people see and no model is sent again.
    """

    def __init__(self, mark: str, on_delta: OnDelta) -> None:
        self.calls: list[ToolCall] = []
        self._fence = fence(mark)
        self._head = re.compile(re.escape(self._fence) + r"(?:[ \t]+(\S+))?[ \t]*")
        self._on_delta = on_delta
        self._text: list[str] = []
        self._behind: list[str] = []
        self._line: list[str] = []
        self._line_length = 0
        self._within_line = False
        self._name = ""
        self._block: list[str] | None = None

    @property
    def text(self) -> str:
        """What was handed on as text."""
        return "".join(self._text)

    @property
    def behind(self) -> str:
        """What was handed on as thinking."""
        return "".join(self._behind)

    def feed(self, piece: str) -> None:
        """Takes the next piece."""
        *lines, rest = piece.split("\n")
        for line in lines:
            self._add(line)
            self._end_line("\n")
        if rest:
            self._add(rest)
            self._hand_on_early()

    def end(self) -> None:
        """Takes the reply's end, which also ends a call that was not closed."""
        self._end_line("")
        self._close()

    def _add(self, part: str) -> None:
        self._line.append(part)
        self._line_length += len(part)

    def _take_line(self) -> str:
        line, self._line, self._line_length = "".join(self._line), [], 0
        return line

    def _hand_on_early(self) -> None:
        """Hands on the beginning of a line as soon as no call can come of it."""
        if self._block is not None:
            return
        if self._within_line or self._behind or self._line_length > _LONGEST_HEAD or not self._may_become_call():
            self._say(self._take_line())
            self._within_line = True

    def _may_become_call(self) -> bool:
        begun = "".join(self._line)
        if self.calls and not begun.strip():
            return True
        return self._fence.startswith(begun) or begun.startswith(self._fence)

    def _end_line(self, end: str) -> None:
        line, within, self._within_line = self._take_line(), self._within_line, False
        head = None if within or self._behind or len(line) > _LONGEST_HEAD else self._head.fullmatch(line.rstrip("\r"))
        if head is not None and len(self.calls) + (self._block is not None) < MOST_CALLS:
            self._close()
            self._name, self._block = head[1] or "", []
        elif self._block is not None:
            if line.rstrip() == _CLOSE:
                self._close()
            else:
                self._block.append(line + end)
        elif within or self._behind or not self.calls or line.strip():
            self._say(line + end)

    def _close(self) -> None:
        if self._block is None:
            return
        written, self._block = "".join(self._block).strip(), None
        call = read_call(self._name, written or "null")
        # On a provider's wire nothing means no arguments; here it cannot be told from arguments that were forgotten.
        self.calls.append(call if written else replace(call, raw=""))

    def _say(self, text: str) -> None:
        if not text:
            return
        (self._behind if self.calls else self._text).append(text)
        self._on_delta("thinking" if self.calls else "text", text)
