"""Names and texts that others chose, made safe to show."""

from __future__ import annotations

import html

from studio.base.text import shown, shown_lines

__all__ = ["shown", "shown_lines", "tooltip"]


def tooltip_lines(text: str) -> str:
    """As `tooltip`, for a text of several lines."""
    return f"<qt>{html.escape(shown_lines(text)).replace(chr(10), '<br>')}</qt>" if text else ""


def tooltip(text: str) -> str:
    """`text` for a tooltip, which would otherwise take markup in it for its own."""
    return f"<qt>{html.escape(shown(text))}</qt>" if text else ""
