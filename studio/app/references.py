"""The references door: what a message refers to is offered while it is typed, and looked up when it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from studio.app.consoles import Consoles
from studio.app.files import Files
from studio.app.given import Given, read_given
from studio.app.review import Review
from studio.app.symbols import Symbol, definition, find_symbols
from studio.base.aio import in_thread
from studio.base.text import shorten
from studio.domain.changes import Diff
from studio.domain.console_words import line_of
from studio.domain.errors import NotFound, UserError
from studio.domain.events import MessagePosted
from studio.domain.files import Place
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.references import Reference, ReferenceKind, references_in
from studio.store import event_log, projects, runs
from studio.store.database import Database

OFFERED = 10
MOST = 12
"""How many references one message may have."""

CHARACTERS = 16_000
"""How much of one is given to the model; of all together three times as much."""

_ABOUT = {
    ReferenceKind.FILE: "a file's text",
    ReferenceKind.SYMBOL: "a function, class or type",
    ReferenceKind.DIFF: "what this run's branch changes",
    ReferenceKind.RUN: "what another run came to",
    ReferenceKind.CONSOLE: "what the previewed page wrote to its console",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that what was typed may mean: the text that takes its place, and a few words about it.

    One that is not `whole` goes on with a name.
    """

    typed: str
    about: str
    whole: bool = True


class References:
    """Lists are read anew whenever somebody begins to type one, and kept until they end."""

    def __init__(self, database: Database, files: Files, review: Review, consoles: Consoles) -> None:
        self._database = database
        self._files = files
        self._review = review
        self._consoles = consoles
        self._listed: tuple[Place, tuple[str, ...]] | None = None
        self._known: tuple[Place, tuple[Symbol, ...]] | None = None
        self._look_up: dict[ReferenceKind, Callable[[Place, str], Awaitable[str]]] = {
            ReferenceKind.FILE: self._file,
            ReferenceKind.SYMBOL: self._symbol,
            ReferenceKind.RUN: self._run,
            ReferenceKind.DIFF: self._diff,
            ReferenceKind.CONSOLE: self._console,
        }

    async def offers(self, project: ProjectId, run: RunId | None, typed: str) -> tuple[Offer, ...]:
        """What the text after an @ may mean, best first."""
        place = Place(project, run)
        kind, colon, name = typed.partition(":")
        name = name.strip('"')
        if not colon:
            kinds = [
                Offer(f"@{each}:" if each.is_named else f"@{each}", _ABOUT[each], not each.is_named)
                for each in ReferenceKind
                if each.startswith(typed.lower())
            ]
            paths = await self._best_files(place, typed) if typed else []
            return (*kinds, *(_offer(ReferenceKind.FILE, path, "") for path in paths))[:OFFERED]
        if kind == ReferenceKind.FILE:
            return tuple(_offer(ReferenceKind.FILE, path, "") for path in await self._best_files(place, name))
        if kind == ReferenceKind.SYMBOL:
            return await self._best_symbols(place, name)
        return await self._best_runs(place, name) if kind == ReferenceKind.RUN else ()

    async def resolve(self, project: ProjectId, run: RunId | None, text: str) -> dict[str, str]:
        """What a message refers to, by the reference, as text of bounded length.

        Raises UserError that says which of them cannot be found.
        """
        wanted = references_in(text)
        if len(wanted) > MOST:
            raise UserError(f"{len(wanted)} references are too many for one message; {MOST} are the most.", "")
        found = {}
        for reference in wanted:
            try:
                told = await self._look_up[reference.kind](Place(project, run), reference.name)
            except NotFound as error:
                raise UserError(
                    f"{reference.typed} refers to nothing: {error.sentence}",
                    "Correct it, or write the @ apart from the word when you mean none.",
                ) from error
            found[str(reference)] = told
        room = max(CHARACTERS * 3 // max(len(found), 1), 1000)
        return {name: shorten(told, min(CHARACTERS, room)) for name, told in found.items()}

    async def given(self, project: ProjectId, paths: tuple[str, ...]) -> Given:
        """Files that a person dropped on a message, as what becomes of them in it."""
        async with self._database.reading() as connection:
            checkout = (await projects.get(connection, project)).path
        return await in_thread(read_given, checkout, paths)

    async def _best_files(self, place: Place, name: str) -> list[str]:
        if self._listed is None or self._listed[0] != place or len(name) < 2:
            self._listed = place, await self._files.all(place)
        return await in_thread(_best, name, self._listed[1])

    async def _symbols(self, place: Place) -> tuple[Symbol, ...]:
        paths = await self._files.all(place)
        return await in_thread(find_symbols, await self._files.folder(place), paths)

    async def _best_symbols(self, place: Place, name: str) -> tuple[Offer, ...]:
        if self._known is None or self._known[0] != place or len(name) < 2:
            self._known = place, await self._symbols(place)
        places = {symbol.name: f"{symbol.path}:{symbol.line}" for symbol in reversed(self._known[1])}
        best = await in_thread(_best, name, tuple(places))
        return tuple(_offer(ReferenceKind.SYMBOL, each, places[each]) for each in best)

    async def _best_runs(self, place: Place, name: str) -> tuple[Offer, ...]:
        async with self._database.reading() as connection:
            found = await runs.all_runs(connection, place.project)
        titles = {run.id: run.title for run in found if run.id != place.run}
        fitting = [id for id, title in titles.items() if name.lower() in f"{id} {title}".lower()]
        return tuple(_offer(ReferenceKind.RUN, id, titles[RunId(id)]) for id in fitting[:OFFERED])

    async def _file(self, place: Place, name: str) -> str:
        return (await self._files.read(place, name)).text

    async def _symbol(self, place: Place, name: str) -> str:
        found = [symbol for symbol in await self._symbols(place) if symbol.name == name][:3]
        if not found:
            raise NotFound(f"nothing called {name} is defined here.")
        told = []
        for symbol in found:
            text = (await self._files.read(place, symbol.path)).text
            told.append(f"{symbol.path}:{symbol.line}\n{definition(text, symbol.line)}")
        return "\n\n".join(told)

    async def _run(self, place: Place, name: str) -> str:
        async with self._database.reading() as connection:
            found = await runs.by_prefix(connection, name)
            if found.project != place.project:
                raise NotFound(f"run {found.id} belongs to another project.")
            log = await event_log.since(connection, 0, run=found.id, kinds=(MessagePosted.kind,))
        said = [item.event.text for item in log if isinstance(item.event, MessagePosted) and _is_words(item.event)]
        changes = await self._review.diff(found.id)
        files = "\n".join(f"{file.path} +{file.added} -{file.removed}" for file in changes.files) or "no file"
        return (
            f"Run {found.id}: {found.title}\nIt is {found.state}, on the branch {found.branch}.\n\n"
            f"Files it changed:\n{files}\n\nWhat its agent said last:\n{said[-1] if said else 'Nothing.'}"
        )

    async def _diff(self, place: Place, _name: str) -> str:
        if place.run is None:
            return "Nothing is changed yet: this message begins the run."
        return _told(await self._review.diff(place.run))

    async def _console(self, place: Place, _name: str) -> str:
        entries = await self._consoles.heard(place.run) if place.run is not None else ()
        return (
            "\n".join(map(line_of, entries))
            or "Nothing was heard: no preview of this run has been shown, or it wrote nothing."
        )


def _offer(kind: ReferenceKind, name: str, about: str) -> Offer:
    return Offer(Reference(kind, name).typed, about)


def _best(name: str, names: tuple[str, ...]) -> list[str]:
    """The names that a person may mean, best first; shorter ones first where they fit as well."""
    if not name:
        return sorted(names, key=lambda each: (_is_hidden(each), each.count("/"), each))[:OFFERED]
    found = process.extract(
        name, names, scorer=fuzz.partial_ratio, processor=str.lower, limit=OFFERED * 5, score_cutoff=75
    )
    by = {each: (_is_hidden(each), -score, _distance(name, each)) for each, score, _ in found}
    return sorted(by, key=lambda each: by[each])[:OFFERED]


def _is_hidden(path: str) -> bool:
    """Whether a path lies in what tools keep for themselves."""
    return any(part.startswith(".") for part in path.split("/")[:-1])


def _distance(name: str, other: str) -> float:
    """How far a name is from what was typed, by its last part."""
    return -fuzz.ratio(name.lower(), other.rsplit("/", 1)[-1].lower())


def _is_words(message: MessagePosted) -> bool:
    return message.speaker is Speaker.AGENT and bool(message.text.strip())


def _told(diff: Diff) -> str:
    parts = [f"{file.status} {file.path} +{file.added} -{file.removed}\n{file.patch}" for file in diff.files]
    more = [f"{diff.left_out} more files"] if diff.left_out else []
    return "\n".join([*parts, *more]) or "Nothing is changed yet."
