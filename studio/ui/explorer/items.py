"""The explorer's items: a tree of folders that is read as it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from studio.domain.files import Entry
from studio.ui.explorer.nodes import Node, Reading, rest_note
from studio.ui.widgets.names import shown, tooltip

Index = QModelIndex | QPersistentModelIndex
NODE_ROLE = int(Qt.ItemDataRole.UserRole)


class ExplorerItems(QAbstractItemModel):
    """Folders and files of one place; what is read is kept while folders are closed and opened again.

    Signals: `listing_wanted(str)` when the entries of a folder are needed; they are given to `show_listing`;
    `more_wanted(str, int)` when those after the first so many are; they are given to `add_listing`.
    """

    listing_wanted = Signal(str)
    more_wanted = Signal(str, int)

    def __init__(self) -> None:
        super().__init__()
        self._root = Node(None, None)
        self._folders: dict[str, Node] = {"": self._root}

    @property
    def root_reading(self) -> Reading:
        """How far the top folder is known."""
        return self._root.reading

    def reset(self) -> None:
        """Forgets everything and asks for the top folder."""
        self.beginResetModel()
        self._root = Node(None, None)
        self._folders = {"": self._root}
        self.endResetModel()
        self._ask(self._root)

    def ask_again(self, paths: frozenset[str] | None = None) -> None:
        """Asks anew for these folders, or for all; only folders that were read before are asked for."""
        for path, node in list(self._folders.items()):
            if (paths is None or path in paths) and node.reading in (Reading.READ, Reading.FAILED):
                self.listing_wanted.emit(path)

    def show_listing(self, path: str, entries: tuple[Entry, ...], more: int = 0) -> None:
        """Shows the first entries of a folder in the order given; `more` others can be asked for.

        Rows that stay keep their place in selections, and what is open below them.
        """
        folder = self._folders.get(path)
        if folder is None:
            return
        folder.reading = Reading.READ
        self._set_note(folder, "")
        self._remove_lost(folder, frozenset((entry.name, entry.kind) for entry in entries))
        self._insert_new(folder, entries)
        self._set_more(folder, more)

    def add_listing(self, path: str, entries: tuple[Entry, ...], more: int) -> None:
        """Adds the next entries below those that a folder shows."""
        folder = self._folders.get(path)
        if folder is None:
            return
        self._set_note(folder, "")
        known = {child.entry.name for child in folder.children if child.entry}
        self._insert(folder, len(folder.children), tuple(entry for entry in entries if entry.name not in known))
        self._set_more(folder, more)

    def show_failure(self, path: str, sentence: str) -> None:
        """Says inside a folder why it cannot be read."""
        folder = self._folders.get(path)
        if folder is not None:
            folder.reading = Reading.FAILED
            self._set_note(folder, sentence)

    def ask_more(self, index: Index) -> bool:
        """Asks for a folder's next entries when `index` is the row that offers them."""
        node = self.node(index)
        folder = node.parent
        if node.entry is not None or folder is None or not folder.more:
            return False
        self.more_wanted.emit(folder.path, sum(1 for child in folder.children if child.entry))
        return True

    def node(self, index: Index) -> Node:
        """The node behind an index; the root behind an invalid one."""
        found = index.internalPointer() if index.isValid() else self._root
        assert isinstance(found, Node)
        return found

    def index_of(self, path: str) -> QModelIndex:
        """Where a folder or file that has been read stands; invalid when it has not."""
        parent = self._folders.get(path.rpartition("/")[0])
        node = (
            next((child for child in parent.children if child.entry and child.path == path), None) if parent else None
        )
        return self._index(node) if node else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Rows known below `parent`."""
        return len(self.node(parent).children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """One column."""
        return 1

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """The index of a row."""
        children = self.node(parent).children
        if column != 0 or not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, 0, children[row])

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        """The index of the folder a row is in."""
        parent = self.node(index).parent
        return self._index(parent) if parent else QModelIndex()

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        """A folder may have rows until it is read and found empty."""
        node = self.node(parent)
        return node.is_folder and (node.reading is not Reading.READ or bool(node.children))

    def canFetchMore(self, parent: Index) -> bool:
        """Whether the folder has not been asked for yet."""
        node = self.node(parent)
        return node.is_folder and node.reading is Reading.UNREAD

    def fetchMore(self, parent: Index) -> None:
        """Asks for the folder."""
        if self.canFetchMore(parent):
            self._ask(self.node(parent))

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be chosen; files have nothing below them."""
        flags = super().flags(index)
        return flags if self.node(index).is_folder else flags | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Name, tooltip and node of a row."""
        node = self.node(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return shown(node.entry.name) if node.entry else node.note
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(node.path or node.note)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{shown(node.entry.name)}, {node.entry.kind.value}" if node.entry else node.note
            case _ if role == NODE_ROLE:
                return node
            case _:
                return None

    def _ask(self, folder: Node) -> None:
        folder.reading = Reading.ASKED
        if folder.parent is not None:
            self._set_note(folder, "Loading\N{HORIZONTAL ELLIPSIS}")
        self.listing_wanted.emit(folder.path)

    def _index(self, node: Node) -> QModelIndex:
        return self.createIndex(node.row, 0, node) if node.parent else QModelIndex()

    def _set_note(self, folder: Node, note: str) -> None:
        last = folder.children[-1] if folder.children else None
        if last is not None and last.entry is None:
            self._remove(folder, len(folder.children) - 1)
        if note:
            place = len(folder.children)
            self.beginInsertRows(self._index(folder), place, place)
            folder.children.append(Node(None, folder, note))
            self.endInsertRows()

    def _set_more(self, folder: Node, more: int) -> None:
        folder.more = more
        if more:
            self._set_note(folder, rest_note(more))

    def _remove_lost(self, folder: Node, keep: frozenset[tuple[str, object]]) -> None:
        for row in range(len(folder.children) - 1, -1, -1):
            entry = folder.children[row].entry
            if entry is not None and (entry.name, entry.kind) not in keep:
                self._remove(folder, row)

    def _insert_new(self, folder: Node, wanted: tuple[Entry, ...]) -> None:
        for row, run in _missing_runs(folder, wanted):
            self._insert(folder, row, run)

    def _insert(self, folder: Node, row: int, entries: tuple[Entry, ...]) -> None:
        if not entries:
            return
        self.beginInsertRows(self._index(folder), row, row + len(entries) - 1)
        nodes = [Node(entry, folder) for entry in entries]
        folder.children[row:row] = nodes
        self._folders.update({node.path: node for node in nodes if node.is_folder})
        self.endInsertRows()

    def _remove(self, folder: Node, row: int) -> None:
        node = folder.children[row]
        self.beginRemoveRows(self._index(folder), row, row)
        del folder.children[row]
        for below in _with_descendants(node):
            if self._folders.get(below.path) is below:
                del self._folders[below.path]
        self.endRemoveRows()


def _missing_runs(folder: Node, wanted: tuple[Entry, ...]) -> list[tuple[int, tuple[Entry, ...]]]:
    """Rows of `wanted` that have no node yet, as (row, neighbours in one go), from the top."""
    known = {child.entry.name for child in folder.children if child.entry}
    runs: list[tuple[int, tuple[Entry, ...]]] = []
    start = 0
    for row, entry in enumerate([*wanted, None]):
        if entry is None or entry.name in known:
            if row > start:
                runs.append((start, wanted[start:row]))
            start = row + 1
    return runs


def _with_descendants(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _with_descendants(child)
