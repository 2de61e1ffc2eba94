"""How the states of a sandbox are drawn, wherever one is shown."""

from __future__ import annotations

from studio.domain.sandboxes import SandboxState

SANDBOX_SHAPES = {
    SandboxState.RUNNING: ("ok", False),
    SandboxState.ASLEEP: ("info", True),
    SandboxState.STARTING: ("warn", True),
    SandboxState.LOST: ("error", False),
    SandboxState.NONE: ("text_faint", True),
}
"""Colour and whether the dot is hollow: what is not running is a ring, so that colour alone never tells."""
