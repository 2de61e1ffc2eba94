"""Tries: whether a model calls a tool as it is told, and gives JSON back as it was."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any

from studio.contracts.chat_model import ModelReply
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.fitness import ToolForm, Tries
from studio.domain.tools import Risk, ToolSpec
from studio.router.meter import Heard, Meter

CALLS: tuple[dict[str, Any], ...] = (
    {"path": "src/till.py", "lines": 120, "urgent": True, "tags": ["core", "slow"]},
    {"path": "docs/read me.md", "lines": 7, "urgent": False, "tags": []},
    {"path": "tests/test_sum.py", "lines": 0, "urgent": True, "tags": ["flaky"]},
    {"path": "web/größe.css", "lines": 2048, "urgent": False, "tags": ["style", "old", "a b"]},
    {"path": 'data/"quoted".json', "lines": 15, "urgent": True, "tags": ["it's"]},
)
"""The arguments of each try."""

DOCUMENTS: tuple[Any, ...] = (
    {"said": "She wrote \"no\", then 'maybe', in C:\\new\\table.", "by": "Ada"},
    {"code": "def add(a, b):\n\treturn a + b\n\n\nprint(add(1, 2))\n"},
    {"name": "Žluťoučký kůň", "signs": "→ ✓ 漢字 🙂", "empty": ""},
    {"files": [{"path": "a/b.py", "lines": [1, 2.5, -3], "done": False, "note": None}], "deep": {"er": [[], {}, [{}]]}},
)
"""What is hard to give back: quotes and backslashes, line breaks, letters of the world, things within things."""

_COUNTING = "Write the numbers from 1 to 60, each on a line of its own."
_COUNTED = 256

_TOOL = ToolSpec(
    "report_file",
    "Reports one file to the person.",
    {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "The file's path."},
            "lines": {"type": "integer", "description": "How many lines it has."},
            "urgent": {"type": "boolean", "description": "Whether it is urgent."},
            "tags": {"type": "array", "items": {"type": "string"}, "description": "Its tags, in order."},
        },
        "required": ["path", "lines", "urgent", "tags"],
    },
    Risk.READ,
)
_OTHER = ToolSpec(
    "close_report",
    "Closes the report once all files are reported.",
    {"type": "object", "properties": {"reason": {"type": "string"}}, "required": ["reason"]},
    Risk.READ,
)


class Called(StrEnum):
    """What came of asking for one call of a tool."""

    RIGHT = "right"  # to the letter
    WRONG = "wrong"  # another tool, other values, or more than one
    NOT = "not"  # no call at all


_FENCED = re.compile(r"\A```(?:json)?[ \t]*\n(.*)\n```\Z", re.DOTALL)


async def try_calls(meter: Meter, form: ToolForm) -> Tries:
    """Asks for one call after the other in this form; a provider that refuses tools altogether counts as no call."""
    outcomes: list[Called] = []
    for wanted in CALLS:
        try:
            outcomes.append(await try_call(meter, wanted, form))
        except ProviderError as error:
            if error.fault is not ProviderFault.BAD_REQUEST or outcomes:
                raise
            return Tries(none=len(CALLS))
    return Tries(*(outcomes.count(each) for each in (Called.RIGHT, Called.WRONG, Called.NOT)))


async def try_call(meter: Meter, wanted: dict[str, Any], form: ToolForm | None = None, most: int = 1024) -> Called:
    """Asks for one call with these arguments. Raises ProviderError."""
    heard = await meter.ask(_order(wanted), (_TOOL, _OTHER), form, most)
    return _called(heard.reply, wanted)


async def try_pace(meter: Meter, most: int = _COUNTED) -> Heard:
    """Asks for text that is easy to write, so that it comes as fast as the model can. Raises ProviderError."""
    return await meter.ask(_COUNTING, most=most)


async def try_document(meter: Meter, document: Any) -> bool:
    """Whether the document comes back the same in every character that counts."""
    written = json.dumps(document, ensure_ascii=False, indent=1)
    heard = await meter.ask(f"Answer with exactly this JSON document and nothing else:\n{written}")
    return same_document(heard.reply.text, document)


def same_document(text: str, document: Any) -> bool:
    """Whether `text` is the document; a fence round it, which a reader takes away anyway, does not count."""
    text = text.strip()
    if fenced := _FENCED.match(text):
        text = fenced[1]
    try:
        return _same(json.loads(text), document)
    except (ValueError, RecursionError):
        return False


def _order(wanted: dict[str, Any]) -> str:
    tags = ", ".join(json.dumps(tag, ensure_ascii=False) for tag in wanted["tags"])
    return (
        f"Call the tool {_TOOL.name} once for the file {wanted['path']} with {wanted['lines']} lines. "
        f"It is {'urgent' if wanted['urgent'] else 'not urgent'}. "
        f"{f'Its tags are {tags}.' if tags else 'It has no tags.'} Call no other tool."
    )


def _called(reply: ModelReply, wanted: dict[str, Any]) -> Called:
    if not reply.calls:
        return Called.NOT
    only = reply.calls[0]
    right = len(reply.calls) == 1 and only.name == _TOOL.name and _same(only.arguments, wanted)
    return Called.RIGHT if right else Called.WRONG


def _same(one: Any, other: Any) -> bool:
    # As text, since True equals 1 otherwise, and 1 equals 1.0.
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
