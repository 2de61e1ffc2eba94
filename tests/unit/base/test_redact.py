from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.redact import MARK, SHORTEST, Redactor

secrets = st.text(st.characters(exclude_categories=["Cs"]), min_size=12).filter(lambda text: len(text.strip()) >= 12)
around = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "hexadecimal": lambda text: text.encode().hex(),
    "capital hexadecimal": lambda text: text.encode().hex().upper(),
    "URL": lambda text: quote(text, safe=""),
    "URL with slashes": quote,
    "URL with small letters": lambda text: quote("ß", safe="").lower() + quote(text, safe=""),
    "form": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with its letters": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON within JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
}


@pytest.mark.parametrize("form", FORMS)
@given(secret=secrets, before=around, after=around)
def test_a_secret_does_not_get_through_in_any_form(form: str, secret: str, before: str, after: str) -> None:
    written = FORMS[form](secret)
    shown = Redactor([secret]).text(f"{before}{written}{after}")
    assert written not in shown
    assert MARK in shown


@given(secret=secrets, before=st.binary(max_size=8), after=st.binary(max_size=8), url=st.booleans())
def test_a_secret_within_base64_does_not_get_through(secret: str, before: bytes, after: bytes, url: bool) -> None:
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    whole = encode(before + secret.encode() + after).decode()
    shown = Redactor([secret]).text(whole)
    assert MARK in shown
    # What is left over at the borders of the secret are at most four characters on each side.
    assert len(shown) - len(MARK) <= (len(before) + len(after)) * 4 // 3 + 8


def test_all_strings_of_a_document_are_redacted() -> None:
    redactor = Redactor(["hunter2hunter2"])
    found = redactor.data({"a": ["x hunter2hunter2", 1, None], "hunter2hunter2": {"b": True}})
    assert found == {"a": [f"x {MARK}", 1, None], MARK: {"b": True}}


def test_a_secret_that_contains_another_goes_as_a_whole() -> None:
    assert Redactor(["secret", "secret-and-more"]).text("secret-and-more, secret") == f"{MARK}, {MARK}"


def test_a_value_can_be_added_later() -> None:
    redactor = Redactor()
    redactor.add("late-secret")
    assert redactor.text("late-secret") == MARK


@given(st.text(max_size=SHORTEST - 1), st.text())
def test_very_short_values_blank_out_nothing(short: str, text: str) -> None:
    assert Redactor([short]).text(text) == text
