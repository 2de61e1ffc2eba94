"""studio providers add, change, remove: who serves models beside the built-in ones, and how each is reached."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.app.providers import ProviderState
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.domain import exits
from studio.domain.errors import UserError
from studio.domain.providers import Declaration, ProviderKind

_KINDS = ", ".join(kind.value for kind in ProviderKind if kind is not ProviderKind.SCRIPTED)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the provider is called in models' names.")]
Url = Annotated[str, typer.Option("--base-url", help="Its address, as http://127.0.0.1:1234/v1.")]
UrlOrNone = Annotated[str | None, typer.Option("--base-url", help="Its address, as http://127.0.0.1:1234/v1.")]
Kind = Annotated[str | None, typer.Option("--kind", help=f"The protocol that it speaks: {_KINDS}.")]
Label = Annotated[str | None, typer.Option("--label", help="Its name for people.")]
Key = Annotated[
    str | None,
    typer.Option("--key", metavar="VARIABLE", help="It needs a key: from this variable, or the secret provider:NAME."),
]
Proxy = Annotated[str | None, typer.Option("--proxy", help="The proxy that it is reached through.")]
CaFile = Annotated[str | None, typer.Option("--ca-file", help="The certificates (PEM) that alone are trusted for it.")]
Headers = Annotated[
    list[str] | None, typer.Option("--header", metavar="'NAME: VALUE'", help="Sent with each request; may be repeated.")
]
PerMinute = Annotated[int | None, typer.Option("--requests-per-minute", help="How often it may be asked.")]
Tokens = Annotated[int | None, typer.Option("--context-tokens", help="What each of its models takes at once.")]
Local = Annotated[bool | None, typer.Option("--local/--no-local", help="It runs on your own machines, and is free.")]
KeepKey = Annotated[bool, typer.Option("--keep-key", help="The key that is kept goes to its new address, too.")]
Prices = Annotated[str | None, typer.Option("--prices", help="The part of the price list that has its prices.")]


def add(
    name: Name,
    base_url: Url,
    kind: Kind = None,
    label: Label = None,
    key: Key = None,
    proxy: Proxy = None,
    ca_file: CaFile = None,
    header: Headers = None,
    requests_per_minute: PerMinute = None,
    context_tokens: Tokens = None,
    local: Local = None,
    prices: Prices = None,
    json: Json = False,
) -> None:
    """Declare a provider: any server that speaks like OpenAI, Anthropic or Ollama. It can be asked at once."""

    async def verb(studio: Studio) -> int:
        said = Declaration(
            *(_kind(kind), label, base_url, key, proxy, _whole(ca_file), _headers(header)),
            *(requests_per_minute, context_tokens, local, prices),
        )
        await studio.providers.add(name, said)
        state = await _state(studio, name)
        if json:
            output.document(_of(state))
            return exits.OK
        output.say(f"{name} is there: ask its models as {name}/MODEL.")
        if state.key_given_for and not state.key_from_environment:
            output.note(_withheld(state))
        elif not state.usable:
            output.note(f"It still needs its key: studio secret set provider:{name}, or {state.provider.key_variable}.")
        elif not state.provider.is_free and not state.provider.price_list:
            output.note("Its prices are not known: where a budget counts, give each model's in prices.toml.")
        output.note(f"Try it out: studio providers test {name}")
        return exits.OK

    session.run(verb, Access.WRITE)


def change(
    name: Name,
    base_url: UrlOrNone = None,
    kind: Kind = None,
    label: Label = None,
    key: Key = None,
    proxy: Proxy = None,
    ca_file: CaFile = None,
    header: Headers = None,
    requests_per_minute: PerMinute = None,
    context_tokens: Tokens = None,
    local: Local = None,
    prices: Prices = None,
    keep_key: KeepKey = False,
    json: Json = False,
) -> None:
    """Change what is said of a provider, or how a built-in one is reached. "" or 0 takes back what was said."""

    async def verb(studio: Studio) -> int:
        said = Declaration(
            *(_kind(kind), label, base_url, key, proxy, _whole(ca_file), _headers(header)),
            *(requests_per_minute, context_tokens, local, prices),
        )
        if said == Declaration() and not keep_key:
            raise UserError("Nothing was said to change.", "See what can be: studio providers change --help")
        await studio.providers.change(name, said, keep_key=keep_key)
        state = await _state(studio, name)
        if json:
            output.document(_of(state))
            return exits.OK
        output.say(f"{name} is changed, and counts from the next call.")
        if state.key_given_for and not state.key_from_environment:
            output.note(_withheld(state))
        return exits.OK

    session.run(verb, Access.WRITE)


def remove(name: Name, json: Json = False) -> None:
    """Take a declared provider out, and forget its key; a built-in one is reached as usual again."""

    async def verb(studio: Studio) -> int:
        kept = any(each.provider.name == name and each.key_kept for each in await studio.providers.list())
        await studio.providers.remove(name)
        left = any(each.provider.name == name for each in await studio.providers.list())
        if json:
            output.document({"name": name, "removed": True})
            return exits.OK
        output.say(f"{name} is reached as usual again." if left else f"{name} is taken out.")
        if kept and not left:
            output.note("The key that was kept for it is forgotten.")
        return exits.OK

    session.run(verb, Access.WRITE)


def show(json: bool) -> None:
    """Lists every provider."""

    async def verb(studio: Studio) -> int:
        states = await studio.providers.list()
        if json:
            output.document([_of(state) for state in states])
            return exits.OK
        rows = [
            (each.provider.name, each.provider.kind.value, each.provider.base_url, _key(each), _more(each))
            for each in states
        ]
        output.table(("PROVIDER", "SPEAKS", "ADDRESS", "KEY", "MORE"), rows, "There is none.")
        return exits.OK

    session.run(verb, Access.READ)


async def _state(studio: Studio, name: str) -> ProviderState:
    return next(each for each in await studio.providers.list() if each.provider.name == name)


def _kind(text: str | None) -> ProviderKind | None:
    if not text:
        return None
    if text not in _KINDS.split(", "):
        raise UserError(f"“{text}” is no protocol of a provider.", f"Write one of: {_KINDS}.")
    return ProviderKind(text)


def _whole(path: str | None) -> str | None:
    return str(Path(path).expanduser().absolute()) if path else path


def _headers(lines: list[str] | None) -> Mapping[str, str] | None:
    if not lines:
        return None
    found = {}
    for line in filter(None, lines):
        name, colon, value = line.partition(":")
        if not colon:
            # What was given may be a key, so that it is not repeated.
            raise UserError("A header is written with a colon.", "Write it like --header 'X-Title: Studio'.")
        found[name.strip()] = value.strip()
    return found


def _key(state: ProviderState) -> str:
    if state.key_from_environment:
        return state.provider.key_variable
    if state.key_given_for:
        return f"for {state.key_given_for}"
    return "kept" if state.key_kept else "missing" if not state.usable else "none needed"


def _withheld(state: ProviderState) -> str:
    name = state.provider.name
    return (
        f"The key that is kept was given for {state.key_given_for}, and is not sent to {state.provider.base_url}. "
        f"Give the new one's: studio secret set provider:{name}. Or, if the same key is for both: "
        f"studio providers change {name} --keep-key"
    )


def _more(state: ProviderState) -> str:
    provider = state.provider
    parts = (
        ("local", provider.is_local),
        (f"proxy {provider.proxy}", provider.proxy),
        (f"certificates {provider.ca_file}", provider.ca_file),
        (f"headers {', '.join(provider.headers)}", provider.headers),
        (f"{provider.requests_per_minute} requests a minute", provider.requests_per_minute),
        (f"prices of {provider.price_list}", provider.declared and provider.price_list),
    )
    return " · ".join(words for words, there in parts if there)


def _of(state: ProviderState) -> dict[str, Any]:
    provider = state.provider
    return {
        "name": provider.name,
        "label": provider.label,
        "kind": provider.kind.value,
        "base_url": provider.base_url,
        "declared": provider.declared,
        "changed": state.own and not provider.declared,
        "usable": state.usable,
        "key_variable": provider.key_variable,
        "key": "environment" if state.key_from_environment else "kept" if state.key_kept else None,
        "key_given_for": state.key_given_for or None,
        "local": provider.is_local,
        "proxy": provider.proxy or None,
        "ca_file": provider.ca_file or None,
        "headers": dict(provider.headers),
        "requests_per_minute": provider.requests_per_minute,
        "context_tokens": provider.context_tokens,
        "prices": provider.price_list or None,
    }
