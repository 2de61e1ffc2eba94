"""Names and texts that others chose, made safe to show."""

from __future__ import annotations

import html

from studio.base.text import shown, shown_lines

__all__ = ["shown", "shown_lines", "tooltip"]


def tooltip(text: str) -> str:
    """`text` for a tooltip, which would otherwise take markup in it for its own."""
    return f"<qt>{html.escape(shown(text))}</qt>" if text else ""
