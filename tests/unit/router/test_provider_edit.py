"""What a person says of a provider through a door is what the file says, whatever else stands in it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.base.toml_file import changed_toml
from studio.domain.providers import Declaration, Provider, ProviderKind
from studio.router.provider_edit import put_provider, take_out
from studio.router.provider_file import read_providers

OTHER = '# mine\n[other] # upstairs\nbase_url = "http://127.0.0.1:1/v1"\n\n# the end\n'

_words = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["C", "Z"]), max_size=40)
# Never one that looks like a key, which would be refused.
_values = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60).map(lambda text: f"v{text}")
_declarations = st.builds(
    Declaration,
    kind=st.none() | st.sampled_from([kind for kind in ProviderKind if kind is not ProviderKind.SCRIPTED]),
    label=st.none() | _words,
    base_url=st.sampled_from(["http://127.0.0.1:1/v1", "https://models.example.com/a%22b/v1"]),
    key=st.none() | st.sampled_from(["", "LAB_KEY"]),
    proxy=st.none() | st.sampled_from(["", "http://proxy.example.com:3128"]),
    ca_file=st.none() | st.sampled_from(["", '/etc/my "own"/ca.pem', "/tmp/größe\\x.pem"]),
    headers=st.none() | st.dictionaries(st.sampled_from(["X-Title", "HTTP-Referer"]), _values),
    requests_per_minute=st.none() | st.integers(0, 1000),
    context_tokens=st.none() | st.integers(0, 1_000_000),
    local=st.none() | st.booleans(),
    prices=st.none() | st.sampled_from(["", "openrouter"]),
)


def put(path: Path, said: Declaration) -> dict[str, Provider]:
    """The providers of the file once this was said of `lab`."""
    path.write_text(changed_toml(path, lambda document: put_provider(document, "lab", said)), "utf-8")
    return {each.name: each for each in read_providers(path.read_text("utf-8"), path)}


@settings(max_examples=150, deadline=None)
@given(_declarations, _declarations)
def test_what_was_said_last_counts_and_all_else_stays(first: Declaration, then: Declaration) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "providers.toml"
        path.write_text(OTHER, "utf-8")
        put(path, first)
        lab = put(path, then)["lab"]

        said = {field.name: getattr(then, field.name) for field in dataclasses.fields(then)}
        last = {name: getattr(first, name) if value is None else value for name, value in said.items()}
        assert (lab.base_url, lab.headers) == (last["base_url"], last["headers"] or {})
        assert (lab.proxy, lab.ca_file, lab.price_list) == tuple(
            last[each] or "" for each in ("proxy", "ca_file", "prices")
        )
        assert (lab.label, lab.needs_key) == (last["label"] or "lab", bool(last["key"]))
        assert lab.requests_per_minute == (last["requests_per_minute"] or None)
        assert last["local"] is None or lab.is_local is last["local"]

        for _again in range(2):
            path.write_text(changed_toml(path, lambda document: take_out(document, "lab")), "utf-8")
        assert path.read_text("utf-8").strip() == OTHER.strip()
