"""What the page of sandboxes says of one, and of the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.base.text import sized
from studio.domain.services import told_of

if TYPE_CHECKING:
    from studio.domain.sandboxes import DiskMeter, SandboxView


def state_words(view: SandboxView) -> str:
    """How a sandbox stands, and since when nobody used it."""
    if view.trouble:
        return f"{view.state.value}: {view.trouble}"
    unused = f"unused for {view.unused / 60:,.0f} min" if view.unused >= 60 else "in use"
    return f"{view.state.value} · {unused}"


def use_words(view: SandboxView) -> str:
    """What it uses, as far as that is known."""
    use = view.use
    parts = []
    if use is not None:
        parts.append(f"{sized(use.memory_bytes)} of {sized(view.memory_limit)} memory")
        parts.append(f"{use.cpu_percent:.0f} % of a core")
        parts.append(f"{use.pids} process{'' if use.pids == 1 else 'es'}")
    if view.disk_bytes is not None:
        parts.append(f"{sized(view.disk_bytes)} of files")
    parts += [told_of(service).removesuffix(".") for service in view.services]
    return " · ".join(parts)


def disk_words(meter: DiskMeter) -> str:
    """What sandboxes take on disk."""
    parts = ", ".join(f"{part.name} {sized(part.bytes)}" for part in meter.parts if part.bytes)
    return f"On disk: {parts or 'nothing'}. {sized(meter.free)} are free."


def litter_words(meter: DiskMeter) -> str:
    """What is left over, a line each."""
    return "\n".join(
        f"Left over: {one.kind.value} {one.name}, {sized(one.bytes)}: {one.reason}." for one in meter.litter
    )
