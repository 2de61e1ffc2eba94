"""Images, told by their bytes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.errors import UserError
from studio.domain.images import IMAGE_BYTES, IMAGE_SIDE, Image, ImageType, image_of
from studio.domain.models import ModelRef
from studio.domain.providers import Provider, ProviderKind
from studio.domain.sight import sight_of
from tests.fixtures.images import gif, jpeg, png, webp

MAKERS = {ImageType.PNG: png, ImageType.JPEG: jpeg, ImageType.GIF: gif, ImageType.WEBP: webp}
SIDES = st.integers(min_value=1, max_value=IMAGE_SIDE)
_BEGINNINGS = st.sampled_from([make()[:n] for make in MAKERS.values() for n in (3, 12, 20, 30)])


@pytest.mark.parametrize(("kind", "make"), MAKERS.items())
@given(width=SIDES, height=SIDES)
def test_an_images_kind_and_size_are_read_from_its_header(
    kind: ImageType, make: Callable[[int, int], bytes], width: int, height: int
) -> None:
    width, height = (width % 60 + 1, height % 60 + 1) if kind is ImageType.PNG else (width, height)
    image = image_of(make(width, height))
    assert (image.type, image.width, image.height) == (kind, width, height)


@given(beginning=_BEGINNINGS, rest=st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused_with_a_sentence(beginning: bytes, rest: bytes) -> None:
    with suppress(UserError):
        image = image_of(beginning + rest)
        assert 0 < max(image.width, image.height) <= IMAGE_SIDE


def test_a_jpeg_of_nothing_but_markers_ends() -> None:
    with pytest.raises(UserError, match="not a whole one"):
        image_of(b"\xff\xd8" + b"\xff\xd0" * 1_000_000)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg/>", "is no PNG, JPEG, GIF or WebP image"),
        (b"", "is no PNG"),
        (png()[:18], "is not a whole one"),
        (gif(9000, 20), "has 9000×20 pixels"),
        (png() + bytes(IMAGE_BYTES), "has more than 3,500,000 bytes"),
    ],
    ids=["another kind", "nothing", "cut", "too wide", "too large"],
)
def test_what_cannot_be_shown_is_named_with_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        image_of(data, "logo.png")
    assert caught.value.sentence.startswith("logo.png ")


def test_an_image_is_the_same_after_the_log_held_it() -> None:
    image = image_of(png())
    assert Image.parse(str(image)) == image


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not enough values"),
        ("x image/png 1 1x1", "names no content"),
        ("../../etc/passwd image/png 1 1x1", "names no content"),
        ("0" * 64 + " image/svg 1 1x1", "image/svg"),
    ],
)
def test_only_what_names_an_image_is_read_as_one(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Image.parse(text)


@pytest.mark.parametrize(
    ("model", "sees"),
    [
        ("anthropic/claude-sonnet-4-5", True),
        ("openai/gpt-5", True),
        ("openai/gpt-3.5-turbo", False),
        ("groq/llama-3.3-70b-versatile", False),
        ("groq/meta-llama/llama-4-scout", True),
        ("ollama/qwen3", False),
    ],
)
def test_what_a_model_can_look_at_is_known_by_its_name(model: str, sees: bool) -> None:
    assert (ImageType.PNG in sight_of(ModelRef.parse(model))) is sees


def test_a_model_of_a_declared_provider_is_thought_to_see_what_every_server_decodes() -> None:
    lab = Provider("lab", ProviderKind.OPENAI_COMPATIBLE, "Lab", "http://127.0.0.1:1/v1", declared=True)

    assert sight_of(ModelRef("lab", "small-1"), lab) == {ImageType.PNG, ImageType.JPEG}
