"""The retrying door: a person's newest message once more, with another model."""

from __future__ import annotations

from studio.app.chats import Chats, Sent
from studio.app.choices import Choices
from studio.app.restoring import Restoring
from studio.domain.errors import UserError
from studio.domain.events import MessagePosted, Recorded
from studio.domain.ids import RunId
from studio.domain.messages import Speaker
from studio.domain.models import ModelRef
from studio.domain.points import left_out
from studio.domain.restores import What


class Retries:
    """What the failed try left in the log stays there; the model of the new one does not see it."""

    def __init__(self, chats: Chats, restoring: Restoring, choices: Choices) -> None:
        self._chats = chats
        self._restoring = restoring
        self._choices = choices

    async def retry(self, run: RunId, model: str, *, files: bool = False) -> Sent:
        """Takes the chat back to before the newest message and sends that again to `model`; `files` go back too.

        Raises UserError, with nothing changed, when the model cannot be used, nothing was said yet, or the run works
        or was discarded; OutsideError when its files cannot go back.
        """
        self._choices.require_usable(ModelRef.parse(model))
        found = await self._chats.run(run)
        said = _newest(await self._chats.log(found.id))
        if said is None:
            raise UserError(f"Nothing was said in run {found.id} yet.", f"Say it: studio run MESSAGE --run {found.id}")
        images = tuple([await self._chats.picture(found.project, image) for image in said.images])
        what = What.BOTH if files else What.CHAT
        await self._restoring.restore(found.id, said.turn, what, before=True)
        return await self._chats.send(found.project, said.text, found.id, found.role, model, images=images)


def _newest(log: tuple[Recorded, ...]) -> MessagePosted | None:
    """What a person said last that is still in the chat."""
    gone = left_out(log)
    for recorded in reversed(log):
        event = recorded.event
        if isinstance(event, MessagePosted) and event.speaker is Speaker.HUMAN and recorded.seq not in gone:
            return event
    return None
