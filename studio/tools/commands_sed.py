"""sed's scripts: whether one only prints, deletes and replaces in what it shows."""

from __future__ import annotations

_LETTERS = frozenset("pdq=nNPDgGhHxlz")
_BLANK = frozenset(" \t\n;{}!,~+")


def only_shows(script: str) -> bool:
    """Whether a script surely neither writes a file nor runs a command; False when in doubt."""
    at = 0
    while at < len(script):
        letter = script[at]
        if letter in _BLANK or letter.isdigit() or letter == "$" or letter in _LETTERS:
            at += 1
        elif letter == "/":
            end = _past(script, at + 1, "/")
            if end is None:
                return False
            at = end
            while at < len(script) and script[at] in "IM":
                at += 1
        elif letter == "s":
            after = _replaced(script, at + 1)
            if after is None:
                return False
            at = after
        else:
            return False
    return True


def _replaced(script: str, at: int) -> int | None:
    """Where an `s` command ends, None when its flags do more than replace."""
    mark = script[at : at + 1]
    if not mark or mark.isalnum() or mark in "\\\n ;":
        return None
    middle = _past(script, at + 1, mark)
    end = _past(script, middle, mark) if middle is not None else None
    if end is None:
        return None
    while end < len(script) and script[end] in "gpiI0123456789":
        end += 1
    return end if end == len(script) or script[end] in " \t\n;}" else None


def _past(script: str, at: int, mark: str) -> int | None:
    """Where the text after the next unescaped mark begins; None within brackets, where readers differ."""
    bracket = False
    while at < len(script):
        letter = script[at]
        if letter == "\\":
            at += 1
        elif letter == mark:
            return None if bracket else at + 1
        elif letter == "[":
            if bracket or script[at + 1 : at + 2] == "]" or script[at + 1 : at + 3] == "^]":
                return None
            bracket = True
        elif letter == "]":
            bracket = False
        elif letter == "\n":
            return None
        at += 1
    return None
