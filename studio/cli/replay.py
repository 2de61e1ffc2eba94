"""studio runs replay: go through a recorded run again, without model, network and container."""

from __future__ import annotations

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json, RunArgument
from studio.domain import exits


def replay(run: RunArgument, json: Json = False) -> None:
    """Go through a recorded run again, without model, network and container, and compare what comes of it.

    Ends with 0 when it comes to the same events, with 1 when it does not.
    """

    async def verb(studio: Studio) -> int:
        found = await studio.chats.run(run)
        came = await studio.replays.replay(found.id)
        if json:
            output.document(
                {
                    "run": came.run,
                    "same": came.same,
                    "events": came.events,
                    "before": came.before,
                    "recorded_hash": came.recorded,
                    "replayed_hash": came.replayed,
                    "difference": came.difference or None,
                    "changed": came.changed or None,
                }
            )
        elif came.same:
            after = f" after the {came.before} that it was forked with" if came.before else ""
            output.say(f"The same: {came.events} events{after}, hash {came.replayed}")
        else:
            differs = f"recorded {came.recorded}, replayed {came.replayed}"
            output.say(f"Not the same: {differs if came.recorded != came.replayed else 'the record was changed'}")
            if came.changed:
                output.note(f"studio: {output.below(came.changed, 8)}")
                output.note("        The record is not what was made of the run; what follows from it may differ too.")
            if came.difference:
                output.note(f"studio: {output.below(came.difference, 8)}")
            if not came.changed:
                output.note("        This Studio does not do what the one did that recorded it.")
        return exits.OK if came.same else exits.MISSING

    session.run(verb, Access.READ)
