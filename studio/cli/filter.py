"""The filter: of what a program in a container sends to a terminal, only what draws."""

from __future__ import annotations

import codecs
import re

LONGEST = 256
"""Characters after which what begins like a short sequence is none."""

# C1 controls are sequences in one character; ENQ asks the terminal for an answer.
_CONTROL = re.compile("[\x1b\x05\x80-\x9f]")
_STRING = re.compile(r"\x1b[PX\]^_k]")
_STRING_END = re.compile("[\x07\x18\x1a\x1b\n\x80-\x9f]")
_SHORT = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[ -/]*[0-Z\\`-~])")
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[ -/]*)\Z")
_DRAWS = re.compile(
    r"\x1b(?:"
    r"\[[0-9;:]*[@-HIJKLMPSTXZ`abdefghlmrsu]"  # text, colours, cursor, scrolling, modes
    r"|\[\?[0-9;]*[hlJKrs]"  # private modes: other screen, cursor shown, mouse, bracketed paste
    r"|\[[<=>][0-9;:]*[mu]"  # which keys are told apart
    r"|\[[0-9]* q|\[!p"  # the cursor's shape; soft reset
    r"|[78=>DEHMc]|[()*+][0-9A-Za-z]|#[3-68]"  # cursor kept and put back, lines, reset, letters for drawing boxes
    r")"
)


class TerminalFilter:
    """Lets text, colours and cursor movements through, in however small pieces they come.

    Strings (titles, links, the clipboard, images), questions that a terminal answers with keys nobody typed, and
    sequences that resize windows, print, or change the encoding are taken out. A string that does not end on
    its line ends there.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._kept = ""
        self._in_string = False

    def passed(self, data: bytes) -> bytes:
        """What of `data`, and of what came before and was not complete, may be shown."""
        text, self._kept = self._kept + self._decoder.decode(data), ""
        out: list[str] = []
        at = 0
        while at < len(text):
            at = self._skip_string(text, at) if self._in_string else self._pass(text, at, out)
        return "".join(out).encode()

    def _skip_string(self, text: str, at: int) -> int:
        end = _STRING_END.search(text, at)
        if end is None:
            return len(text)
        self._in_string = False
        # A new sequence, or the end of the line, counts by itself.
        return end.start() if end[0] in "\x1b\n" else end.end()

    def _pass(self, text: str, at: int, out: list[str]) -> int:
        control = _CONTROL.search(text, at)
        if control is None:
            out.append(text[at:])
            return len(text)
        out.append(text[at : control.start()])
        at = control.start()
        if _STRING.match(text, at):
            self._in_string = True
            return at + 2
        if short := _SHORT.match(text, at, at + LONGEST):
            out.append(short[0] if _DRAWS.fullmatch(short[0]) else "")
            return short.end()
        if len(text) - at < LONGEST and _BEGUN.match(text, at):
            self._kept = text[at:]
            return len(text)
        return at + 1  # no sequence: what follows is text
