"""Images from the log to the request of a step."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.agents.history import History
from studio.agents.pictures import SHOWN, with_pictures
from studio.contracts.chat_model import ModelRequest
from studio.domain.codec import from_payload
from studio.domain.events import Event, MessagePosted, Recorded, ToolAnswered, ToolCalled
from studio.domain.images import Image
from studio.domain.messages import ChatMessage, Speaker
from studio.workspace.pictures import Pictures
from tests.fixtures.images import png


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return Pictures(tmp_path / "pictures")


def history_of(*events: Event) -> History:
    history = History()
    for number, event in enumerate(events, 1):
        history.apply(Recorded(number, datetime(2026, 1, 1, tzinfo=UTC), None, None, event))
    return history


def request_of(*images: Image) -> ModelRequest:
    return ModelRequest("m", "", tuple(ChatMessage(Speaker.HUMAN, "See.", images=(image,)) for image in images))


async def test_a_step_shows_what_the_log_names(pictures: Pictures) -> None:
    logo, shot = pictures.keep(png()), pictures.keep(png(4, 4))
    messages = history_of(
        MessagePosted(Speaker.HUMAN, "Like this?", images=(str(logo),)),
        MessagePosted(Speaker.AGENT, ""),
        ToolCalled("t", 1, "c1", "read", {"path": "a.png"}),
        ToolAnswered("c1", "read", True, "An image.", images=(str(shot),)),
    ).messages()

    request = await with_pictures(ModelRequest("m", "", messages), pictures)

    assert request.images == (logo, shot)
    assert request.pictures == {logo.hash: png(), shot.hash: png(4, 4)}


def test_a_message_saved_before_there_were_images_holds_none() -> None:
    saved = from_payload("message_posted", {"speaker": "human", "text": "Hello."})
    assert history_of(saved).messages() == (ChatMessage(Speaker.HUMAN, "Hello."),)


async def test_the_newest_images_are_shown(pictures: Pictures) -> None:
    images = [pictures.keep(png(width)) for width in range(1, SHOWN + 4)]
    request = await with_pictures(request_of(*images), pictures)
    assert set(request.pictures) == {image.hash for image in images[-SHOWN:]}


async def test_an_image_that_is_gone_from_the_data_folder_stops_nothing(pictures: Pictures, tmp_path: Path) -> None:
    kept, gone = pictures.keep(png()), pictures.keep(png(4, 4))
    (tmp_path / "pictures" / gone.hash).unlink()
    assert set((await with_pictures(request_of(kept, gone), pictures)).pictures) == {kept.hash}
