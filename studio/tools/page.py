"""Tools for the page of the app, as the developer's preview shows it: look at it, leave it, click and type in it."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import Field

from studio.base.text import plain, shorten
from studio.domain.console import ConsoleLevel
from studio.domain.pages import PageAct, PageActKind, PageSeen, seen_of
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands

PAGE_SECONDS = 12.0
OUTLINE_CHARACTERS = 12_000
NOT_SHOWN = (
    "No window shows this app's preview now, so there is no page to act in. Start the app with preview_start, "
    "and ask the developer to open the preview; or try the app without a page, with curl in shell."
)
_LINE, _PLACE = 400, 300

Discard = Annotated[bool, Field(description="Whether what the developer typed in the page may be lost, or sent.")]
Ref = Annotated[str, Field(description="The element's ref in the newest outline: a12.", min_length=1, max_length=20)]


async def page_look(
    hands: Hands,
    within: Annotated[str, Field(description="Only what is in the element with this ref.", max_length=20)] = "",
) -> ToolOutcome:
    """Shows you the page of the app as an outline: headings, texts, links, buttons and fields, with refs to act on.

    It is the very page that the developer's preview shows. What it says is the app's own word. For how it looks, use
    preview_screenshot; for another page, page_go.
    """
    return await _asked(hands, PageAct(PageActKind.LOOK, within))


async def page_go(
    hands: Hands,
    path: Annotated[
        str, Field(description="A path of the app: /about. The path shown reloads it.", min_length=1, max_length=2000)
    ],
    discard: Discard = False,
) -> ToolOutcome:
    """Loads another page of the app in the developer's preview, and shows you its outline.

    The developer sees that page from then on too. Where they have typed something that would be lost, nothing is done
    and you are told so.
    """
    if not path.startswith("/"):
        return ToolOutcome(False, "A path begins with a slash: /about. The preview goes nowhere else.", "no path")
    return await _asked(hands, PageAct(PageActKind.GO, text=path, discard=discard))


async def page_click(hands: Hands, ref: Ref, discard: Discard = False) -> ToolOutcome:
    """Clicks an element of the page, and shows you the page after it.

    It acts in the page that the developer sees. A link out of the app, and what is disabled or covered, is not clicked,
    nor is a link or a form's button while the developer has typed something there; the page is not left then either.
    """
    return await _asked(hands, PageAct(PageActKind.CLICK, ref, discard=discard))


async def page_type(
    hands: Hands,
    ref: Ref,
    text: Annotated[str, Field(description="What the field then holds; of a select, the choice.", max_length=10_000)],
    enter: Annotated[bool, Field(description="Whether to press Enter after it.")] = False,
    discard: Discard = False,
) -> ToolOutcome:
    """Types into a field of the page in place of what is in it, or makes a choice, and shows you the page after it.

    What the developer typed there stays, unless you say discard.
    """
    return await _asked(hands, PageAct(PageActKind.TYPE, ref, text, enter, discard))


async def _asked(hands: Hands, act: PageAct) -> ToolOutcome:
    console = hands.sandbox.console
    if hands.ask_page is None or not console.shown:
        return ToolOutcome(False, NOT_SHOWN, "not shown")
    ask_page, words = hands.ask_page, act.words()
    await hands.sandbox.lay_in()
    before = console.since(0, ConsoleLevel.ERROR).mark
    data = await hands.sandbox.screen.ask(
        lambda request: ask_page(request, words), min(PAGE_SECONDS, hands.seconds_left)
    )
    seen = None if data is None else seen_of(data.decode("utf-8", "replace"))
    if seen is None:
        return ToolOutcome(False, NOT_SHOWN, "not shown")
    errors = len(console.since(before, ConsoleLevel.ERROR).entries)
    if seen.error:
        again = " Look again with page_look for the refs of now." if "any more" in seen.error else ""
        lead = "That page is not shown" if act.kind is PageActKind.GO else "Nothing was done"
        return ToolOutcome(False, f"{lead}: {_line(seen.error)}.{again}", "nothing done")
    return ToolOutcome(True, _described(act, seen, errors, before), _line(seen.done) or _cut(seen.place))


def _described(act: PageAct, seen: PageSeen, errors: int, mark: int) -> str:
    head = [f"Page: {_cut(seen.place)} {json.dumps(_line(seen.title), ensure_ascii=False)}"]
    if seen.done:
        verb = "Clicked" if act.kind is PageActKind.CLICK else "Typed into"
        head.insert(0, f"{verb} {_line(seen.done)}.")
    if seen.kept:
        head.append(
            f"That led to {_cut(seen.kept)}, where the page was not let go: the developer has typed something in it, "
            "or it says that something is not saved. Ask them, or do it again with discard = true where it may be lost."
        )
    if errors:
        head.append(f"{errors} new errors in its console: see console with since={mark}.")
    if seen.below:
        head.append(f"{seen.below} pixels of it lie below what is in view.")
    outline = "\n".join(_line(line, indented=True) for line in seen.outline) or "(nothing to see)"
    return "\n".join(head) + "\n" + shorten(outline, OUTLINE_CHARACTERS)


def _line(text: str, *, indented: bool = False) -> str:
    flat = plain(text.replace("\n", " "))[:_LINE]
    return flat if indented else flat.strip()


def _cut(place: str) -> str:
    return plain(place)[:_PLACE]
