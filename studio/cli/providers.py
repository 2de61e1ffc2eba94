"""studio providers: who serves the models, and whether they do."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, provider_list, session
from studio.cli.options import Json
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.money import show
from studio.domain.provider_tests import ProviderTest, some_of

app = typer.Typer(cls=Verbs, help="Providers: who serves the models, and whether they do.", invoke_without_command=True)

app.command("add")(provider_list.add)
app.command("change")(provider_list.change)
app.command("remove")(provider_list.remove)


@app.callback()
def overview(context: typer.Context, json: Json = False) -> None:
    """List who serves models, how they are reached and where their keys come from."""
    if context.invoked_subcommand is None:
        provider_list.show(json)


@app.command("list")
def list_(json: Json = False) -> None:
    """List who serves models, how they are reached and where their keys come from."""
    provider_list.show(json)


@app.command("test")
def try_out(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The provider, as anthropic or ollama.")],
    model: Annotated[str, typer.Option(help="The model to ask; else one that you use, else the cheapest.")] = "",
    json: Json = False,
) -> None:
    """Ask a provider for its models, for one call of a tool and for some text. Two short calls, paid like any other."""

    async def verb(studio: Studio) -> int:
        found = await studio.provider_tests.test(name, model)
        if json:
            output.document(_of(found))
        else:
            _tell(found)
        return exits.OK if found.passed else exits.MISSING

    session.run(verb, Access.WRITE)


def _tell(test: ProviderTest) -> None:
    lines = [("models", f"{len(test.models)}: {some_of(test.models)}" if test.models else "none listed")]
    if test.model:
        lines.append(("asked", f"{test.provider}/{test.model}"))
        lines.append(("tool call", "right" if test.called else "failed"))
    if test.tokens_per_second is not None and test.first_token_ms is not None:
        lines.append(("speed", f"{test.tokens_per_second:.0f} tokens/s, the first after {test.first_token_ms:.0f} ms"))
    if test.input or test.output:
        lines.append(("cost", f"{show(test.cost_nusd)} for {test.input:,} tokens in and {test.output:,} out"))
    for what, value in lines:
        output.say(f"{what:10}  {output.below(value, 12)}")
    if test.fault:
        output.note(test.fault)


def _of(test: ProviderTest) -> dict[str, Any]:
    return {
        "provider": test.provider,
        "passed": test.passed,
        "models": list(test.models),
        "model": f"{test.provider}/{test.model}" if test.model else None,
        "tool_call": test.called,
        "fault": test.fault or None,
        "first_token_ms": test.first_token_ms,
        "tokens_per_second": test.tokens_per_second,
        "input": test.input,
        "output": test.output,
        "cost_usd": output.usd(test.cost_nusd),
    }
