"""Frames survive however the stream between host and sandbox is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.sandbox.inside.frames import MAX_PAYLOAD, OUT, Splitter, frame

_FRAMES = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 2**32 - 1), st.binary(max_size=300)), max_size=20)


@given(frames=_FRAMES, cuts=st.lists(st.integers(1, 50), min_size=1))
def test_frames_come_out_as_they_went_in(frames: list[tuple[int, int, bytes]], cuts: list[int]) -> None:
    stream = b"".join(frame(*one) for one in frames)
    splitter, found, at = Splitter(), [], 0
    while at < len(stream):
        size = cuts[at % len(cuts)]
        found += splitter.feed(stream[at : at + size])
        at += size

    assert found == frames


def test_a_frame_that_is_not_whole_waits() -> None:
    splitter = Splitter()

    assert splitter.feed(frame(OUT, 1, b"hello")[:-1]) == []
    assert splitter.feed(b"o") == [(OUT, 1, b"hello")]


def test_a_length_beyond_all_measure_is_no_frame() -> None:
    with pytest.raises(ValueError, match="not a frame"):
        Splitter().feed(b"\x02\x00\x00\x00\x01" + (MAX_PAYLOAD + 1).to_bytes(4, "big"))
