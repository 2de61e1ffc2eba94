"""Calls that no provider should have sent are kept small and can be sent back."""

from __future__ import annotations

import json

import pytest

from studio.adapters.providers.calls import LONGEST_ARGUMENTS, name_to_send, read_call
from studio.domain.errors import UserError
from studio.tools.runner import arguments


def test_arguments_that_are_too_long_are_not_read_and_told_with_their_length() -> None:
    call = read_call("write", json.dumps({"content": "x" * LONGEST_ARGUMENTS}))

    assert call.arguments is None
    assert len(call.raw) < 10_000
    with pytest.raises(UserError, match=r"too long by far.*4,000,015 characters"):
        arguments(call)


@pytest.mark.parametrize(
    ("name", "sent"), [("read", "read"), ("", "_"), ("rm -rf /", "rm_-rf__"), ("t" * 500, "t" * 64)]
)
def test_a_name_that_no_provider_takes_back_is_sent_as_one_it_does(name: str, sent: str) -> None:
    assert name_to_send(read_call(name, "{}")) == sent
