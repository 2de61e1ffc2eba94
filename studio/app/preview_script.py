"""The preview's script: what is put into a page before its own scripts, so that what it says is heard."""

from __future__ import annotations

import json

from studio.base.resources import resource

_TO_CONSOLE = """
  const mark = {mark}, native = console.info.bind(console);
  const deliver = (batch) => native(mark + batch);
"""
_TO_SOCKET = """
  const deliver = makeSocket({address});
"""


def hooks(mark: str) -> str:
    """For the page's own world: its console, its errors and its requests, told through the console behind `mark`."""
    deliver = _TO_CONSOLE.format(mark=json.dumps(mark))
    start = "hook(makeOutbox(deliver), makeDescriber(), false);"
    return _joined("outbox", "values", "hooks", then=deliver + start)


def watch(mark: str) -> str:
    """For a world apart, which the page cannot reach: what was not loaded, and what its policy stopped."""
    deliver = _TO_CONSOLE.format(mark=json.dumps(mark))
    return _joined("outbox", "watch", then=f"{deliver}watch(makeOutbox(deliver));")


def for_other_browser(address: str) -> str:
    """The same for a browser that is not Studio's: its page tells it over a WebSocket at `address`."""
    deliver = _TO_SOCKET.format(address=json.dumps(address))
    start = "const outbox = makeOutbox(deliver);\n  hook(outbox, makeDescriber(), true);\n  watch(outbox);"
    return _joined("outbox", "values", "hooks", "watch", "socket", then=deliver + start)


def _joined(*names: str, then: str) -> str:
    parts = [resource("preview", f"{name}.js").read_text("utf-8") for name in names]
    body = "\n".join((*parts, then))
    return f"(() => {{\n'use strict';\n{body}\n}})();\n"
