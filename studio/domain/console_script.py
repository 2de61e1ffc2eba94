"""The console script: what a page in a browser that is not Studio's loads to be heard, told apart from every other."""

from __future__ import annotations

SCRIPT_NAME = "studio-console-"
"""How its name begins; what follows is known to nobody who was not told."""
SCRIPT_LINE = rf"(127\.0\.0\.1|localhost):[0-9]+/{SCRIPT_NAME}"
"""A pattern, as `grep -E` reads it, of a line that loads it."""
