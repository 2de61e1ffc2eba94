"""Typed: whether a page holds text that would be lost when it is loaded again; what the person typed counts."""

from __future__ import annotations

from studio.base.resources import resource

IS_TYPED = "globalThis.studioTyped && globalThis.studioTyped() ? 'yes' : 'no'"
"""Ends with `yes` when the person typed something in the page and did not send it."""

IS_TYPED_OR_FOCUSED = """(() => {
    if (globalThis.studioTyped && globalThis.studioTyped()) return 'yes';
    const at = document.activeElement;
    const field = at && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
    return field && (at.value || at.textContent) ? 'yes' : 'no';
})()"""
"""The same, and where the focus is in a field that holds something."""


def noting() -> str:
    """The script that notes it, to be put into a page before its own, in a world apart."""
    return resource("preview", "typed.js").read_text("utf-8")
