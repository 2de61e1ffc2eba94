"""A batch: what crosses to the window in one signal."""

from __future__ import annotations

from dataclasses import replace

from studio.domain.events import Delta, Recorded
from studio.domain.ids import RunId


class Batch:
    """Items in the order they came; pieces of one stream that follow each other are joined to one."""

    def __init__(self) -> None:
        self._items: list[Recorded | Delta] = []
        self._texts: dict[int, list[str]] = {}
        self._open: dict[tuple[RunId, str, str], int] = {}

    def __bool__(self) -> bool:
        return bool(self._items)

    def add(self, item: Recorded | Delta) -> None:
        """Takes one item in; a recorded event ends the streams of its run, so that order stays true."""
        if isinstance(item, Delta):
            self._add_delta(item)
        else:
            self._open = {key: index for key, index in self._open.items() if key[0] != item.run}
            self._items.append(item)

    def take(self) -> list[Recorded | Delta]:
        """Everything so far; the batch is empty afterwards."""
        items = self._items
        for index, texts in self._texts.items():
            delta = items[index]
            assert isinstance(delta, Delta)
            items[index] = replace(delta, text="".join(texts))
        self._items, self._texts, self._open = [], {}, {}
        return items

    def _add_delta(self, delta: Delta) -> None:
        key = (delta.run, delta.kind, delta.call)
        index = self._open.get(key)
        if index is None:
            index = self._open[key] = len(self._items)
            self._items.append(delta)
            self._texts[index] = []
        self._texts[index].append(delta.text)
