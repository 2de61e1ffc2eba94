"""Providers that a person declares: read from their file, or refused with the field and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.domain.errors import NotFound, UserError
from studio.domain.models import ModelRef
from studio.domain.providers import ProviderKind
from studio.router.current_providers import CurrentProviders
from studio.router.provider_file import load_providers
from studio.router.registry import Registry

DECLARED = """
[openrouter]
kind = "openai-compatible"
label = "OpenRouter"
base_url = "https://openrouter.ai/api/v1"
key = "OPENROUTER_API_KEY"
headers = { X-Title = "Studio" }
requests_per_minute = 20
context_tokens = 131072
prices = "openrouter"
proxy = "http://proxy.example.com:3128"
ca_file = "/etc/ssl/company.pem"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "providers.toml"
    path.write_text(text, "utf-8")
    return path


def test_an_absent_file_leaves_the_built_in_providers(tmp_path: Path) -> None:
    registry = Registry(load_providers(tmp_path / "providers.toml"))

    assert registry.names == ("ollama", "anthropic", "openai", "groq", "gemini")


def test_a_declared_provider_stands_beside_the_built_in_ones(tmp_path: Path) -> None:
    registry = Registry(load_providers(written(tmp_path, DECLARED)))
    found = registry.get("openrouter")

    assert registry.names[-1] == "openrouter"
    assert (found.kind, found.label, found.declared) == (ProviderKind.OPENAI_COMPATIBLE, "OpenRouter", True)
    assert (found.base_url, found.proxy) == ("https://openrouter.ai/api/v1", "http://proxy.example.com:3128")
    assert (found.ca_file, found.headers) == ("/etc/ssl/company.pem", {"X-Title": "Studio"})
    assert (found.requests_per_minute, found.context_tokens) == (20, 131_072)
    assert (found.key_variable, found.needs_key) == ("OPENROUTER_API_KEY", True)
    assert registry.price_list(ModelRef("openrouter", "a/b")) == "openrouter"


@pytest.mark.parametrize(
    ("url", "said", "local"),
    [
        ("http://127.0.0.1:1234/v1", "", True),
        ("http://localhost:1234/v1", "", True),
        ("http://127.0.0.1:1234/v1", "local = false", False),
        ("https://gpu.example.com/v1", "", False),
        ("https://gpu.example.com/v1", "local = true", True),
    ],
)
def test_a_server_of_this_machine_is_local_and_free_unless_something_else_is_said(
    tmp_path: Path, url: str, said: str, local: bool
) -> None:
    registry = Registry(load_providers(written(tmp_path, f'[lm-studio]\nbase_url = "{url}"\n{said}\n')))
    model = ModelRef("lm-studio", "qwen3")

    assert (registry.is_local(model), registry.is_free(model)) == (local, local)


def test_an_ollama_elsewhere_is_local_and_told_the_same_window_as_the_one_here(tmp_path: Path) -> None:
    text = '[attic]\nkind = "ollama"\nbase_url = "https://attic.example.com"\n'
    registry = Registry(load_providers(written(tmp_path, text)))
    model = ModelRef("attic", "qwen3")

    assert (registry.is_local(model), registry.is_free(model)) == (True, True)
    assert registry.window(model) == registry.window(ModelRef("ollama", "qwen3"))


def test_of_a_built_in_provider_the_file_says_how_it_is_reached_and_nothing_else(tmp_path: Path) -> None:
    registry = Registry(load_providers(written(tmp_path, "[groq]\nrequests_per_minute = 30\n")))
    groq = registry.get("groq")

    assert (groq.requests_per_minute, groq.label, groq.declared, groq.needs_key) == (30, "Groq", False, True)
    assert registry.names == Registry().names


def test_an_unknown_provider_is_told_with_the_nearest_name() -> None:
    with pytest.raises(NotFound) as caught:
        Registry().get("antropic")

    assert caught.value.sentence == "There is no provider “antropic”."
    assert caught.value.action == "Did you mean anthropic?"


LAN = "http://192.168.1.5:8000/v1"
HERE = 'base_url = "http://127.0.0.1:1/v1"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n", "x: it is no table."),
        ("[x]\n", "x.base_url: it is missing."),
        ("[x]\nbase_url = 3\n", "x.base_url: 3 does not fit. Write a text in quotes."),
        (f'[x]\nbase_url = "{LAN}"\n', f"x.base_url: The base URL {LAN} is plain http to another machine"),
        ('[x]\nbase_url = "https://me:pw@host/v1"\n', "x.base_url: The base URL holds a user's name or a password."),
        ('[x]\nbase_url = "ftp://host"\n', "x.base_url: “ftp://host” is no base URL."),
        ('[x]\nbase_url = "https://host:99999"\n', "x.base_url: “https://host:99999” is no base URL."),
        ('[x]\nbase_url = "https://host/v1?key=1"\n', "holds more than a path."),
        ('[x]\nbase_url = "https://host/v1/chat/completions"\n', "names one call of the server."),
        (f'[x]\n{HERE}kind = "openai"\n', "x.kind: 'openai' is none. Write one of: ollama, anthropic, openai-c"),
        (f'[x]\n{HERE}keys = "A"\n', "x.keys: there is no such field. Did you mean key?"),
        (f'[x]\n{HERE}key = "sk-or-v1-abc"\n', "x.key: The field key takes the name of an environment variable"),
        (f'[x]\n{HERE}proxy = "proxy:3128"\n', "x.proxy: “proxy:3128” is no proxy."),
        (f'[x]\n{HERE}proxy = "socks5://proxy:1080"\n', "x.proxy: “socks5://proxy:1080” is no proxy."),
        (f'[x]\n{HERE}proxy = "http://u:p@proxy:3128"\n', "x.proxy: The proxy holds a user's name or a password."),
        (f'[x]\n{HERE}ca_file = "company.pem"\n', "x.ca_file: company.pem is no whole path"),
        (f'[x]\n{HERE}headers = {{ Authorization = "Bearer abc" }}\n', "x.headers: The header Authorization looks as"),
        (
            f'[x]\n{HERE}headers = {{ X-Api-Key = "abc" }}\n',
            "x.headers: The header X-Api-Key looks as",
        ),
        (f'[x]\n{HERE}headers = {{ X-Title = "sk-abc" }}\n', "x.headers: The header X-Title looks as if it held a key"),
        (f'[x]\n{HERE}headers = {{ Host = "other" }}\n', "x.headers: The header Host is set by Studio itself."),
        (f'[x]\n{HERE}headers = {{ "a b" = "c" }}\n', "x.headers: “a b” is no name of a header."),
        (
            f'[x]\n{HERE}headers = {{ X-A = "a\\r\\nX-B: c" }}\n',
            "The value of the header X-A cannot be sent.",
        ),
        (f"[x]\n{HERE}headers = {{ X-A = 1 }}\n", "x.headers: a value is no text."),
        (f"[x]\n{HERE}requests_per_minute = 0\n", "x.requests_per_minute: requests_per_minute cannot be 0."),
        (f"[x]\n{HERE}context_tokens = true\n", "x.context_tokens: True does not fit. Write a whole number."),
        (f"[X]\n{HERE}", "X: “X” is no name for a provider."),
        (f"[auto]\n{HERE}", "auto: The name auto is taken"),
        (f"[scripted]\n{HERE}", "scripted: the provider that replays files has nothing to set."),
        ('[openai]\nkind = "ollama"\n', "openai.kind: OpenAI is built in, and this of it is fixed."),
        (f"[x]\n{HERE}[x]\n{HERE}", "cannot be read"),
        ("[x\n", "cannot be read"),
    ],
)
def test_a_mistake_is_told_with_its_field_and_what_to_write_instead(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UserError) as caught:
        load_providers(path)

    assert str(path) in caught.value.sentence
    assert said in str(caught.value)


@pytest.mark.parametrize("field", ["base_url", "proxy"])
def test_a_password_in_an_address_is_never_repeated(tmp_path: Path, field: str) -> None:
    text = f'[x]\n{HERE if field == "proxy" else ""}{field} = "https://me:hunter2@host:99999"\n'
    with pytest.raises(UserError) as caught:
        load_providers(written(tmp_path, text))

    assert "hunter2" not in str(caught.value)


def test_what_is_given_as_a_key_in_the_wrong_place_is_never_repeated(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load_providers(written(tmp_path, f'[x]\n{HERE}key = "sk-or-v1-abcdef"\n'))

    assert "abcdef" not in str(caught.value)


async def test_a_file_that_is_wrong_from_the_beginning_leaves_no_provider_until_it_is_put_right(tmp_path: Path) -> None:
    path = written(tmp_path, "[lab]\nbase_url = ")
    current = CurrentProviders(path)
    assert current.registry.names == ()
    with pytest.raises(UserError, match="cannot be read"):
        current.registry.get("openai")
    assert current.registry.get("scripted").name == "scripted"

    path.write_text(f"[lab]\n{HERE}", encoding="utf-8")
    await current.look()
    assert (current.mistake, current.registry.mistake) == (None, None)
    assert {"openai", "lab"} < set(current.registry.names)
