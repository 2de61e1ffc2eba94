"""studio doctor: can agents run here?"""

from __future__ import annotations

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.domain import exits


def doctor(json: Json = False) -> None:
    """Check everything agents need; each failing line names the next action."""

    async def verb(studio: Studio) -> int:
        checks = []
        async for check in studio.doctor.checks():
            checks.append(check)
            if not json:
                mark = "✓" if check.ok else "✗" if check.needed else "–"
                output.say(f"{mark} {check.name}: {check.sentence} {check.action}".rstrip())
        if json:
            fields = ("name", "ok", "needed", "sentence", "action")
            output.document([{name: getattr(check, name) for name in fields} for check in checks])
        return exits.OK if all(check.ok for check in checks if check.needed) else exits.MISSING

    session.run(verb, Access.READ)
