"""The providers panel: reads which providers can be called, and carries keys to the vault door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.domain.errors import StudioError
from studio.domain.events import Delta, Recorded, SecretRemoved, SecretSaved
from studio.domain.models import ModelCard
from studio.domain.provider_tests import ProviderTest
from studio.domain.secrets import RestingPlace, key_of
from studio.ui.bridge import Bridge
from studio.ui.providers.key_dialog import KeyDialog
from studio.ui.providers.view import ProvidersView
from studio.ui.providers.words import listed, tested
from studio.ui.theme import Theme
from studio.ui.widgets.questions import add_danger, question_box

if TYPE_CHECKING:
    from studio.app.key_states import KeyState
    from studio.app.studio import Studio

T = TypeVar("T")

_WEAKER = " That is weaker than a keyring of the system, which was not found: whoever reads the folder can read them."


class ProvidersPanel(QObject):
    """The page of providers."""

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._where = ""
        self.view = ProvidersView(theme)
        self.dialog: KeyDialog | None = None
        self.view.key_requested.connect(self.ask_for_key)
        self.view.test_requested.connect(self.test)
        self.view.removal_requested.connect(self._ask_to_remove)
        self.view.again_requested.connect(self.refresh)

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def refresh(self) -> None:
        """Reads everything again."""
        self._bridge.call(lambda studio: studio.key_states.list(), self.view.show_states, self._on_unread)
        self._bridge.call(lambda studio: studio.vault.place(), self._show_place, self._on_failed)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again after a key was saved or removed."""
        if any(isinstance(item, Recorded) and _of_a_key(item) for item in events):
            self.refresh()

    def ask_for_key(self, provider: str) -> None:
        """Lets the person paste the key of a provider."""
        row = self.view.row(provider)
        dialog = KeyDialog(row.name.text(), self._where, self.view)
        dialog.key_given.connect(lambda key: self._save(dialog, provider, key))
        dialog.finished.connect(lambda _result: self._forget_dialog())
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def test(self, provider: str) -> None:
        """Tries a provider out: its models, one call of a tool, its pace; that costs a little where calls cost."""
        self._ask(provider, lambda studio: studio.provider_tests.test(provider), tested, _failed)

    def look(self, provider: str) -> None:
        """Asks a provider which models it has now, which costs nothing."""
        self._ask(provider, lambda studio: studio.models.offered_by(provider), listed, _is_empty)

    def _ask(
        self,
        provider: str,
        make: Callable[[Studio], Awaitable[T]],
        in_words: Callable[[T], str],
        is_bad: Callable[[T], bool],
    ) -> None:
        row = self.view.row(provider)
        row.test.setEnabled(False)
        row.show_found("Asking\N{HORIZONTAL ELLIPSIS}")

        def done(found: T) -> None:
            row.test.setEnabled(row.usable)
            row.show_found(in_words(found), bad=is_bad(found))

        def failed(error: StudioError) -> None:
            row.test.setEnabled(row.usable)
            row.show_found(f"{error.sentence} {error.action}".strip(), bad=True)

        self._bridge.call(make, done, failed)

    def _save(self, dialog: KeyDialog, provider: str, key: str) -> None:
        def done(_place: RestingPlace) -> None:
            dialog.accept()
            self._renewed(provider)

        self._bridge.call(lambda studio: studio.vault.set(str(key_of(provider)), key), done, dialog.show_error)

    def _ask_to_remove(self, provider: str) -> None:
        name = self.view.row(provider).name.text()
        box = question_box(self.view, "removeKey", f"Remove the key for {name}?")
        box.setInformativeText("It is forgotten here; nobody can bring it back but who has it elsewhere.")
        add_danger(box, "Remove").clicked.connect(lambda: self._remove(provider))
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.open()

    def _remove(self, provider: str) -> None:
        def done(_gone: None) -> None:
            self.view.row(provider).show_found("")
            self.refresh()

        self._bridge.call(lambda studio: studio.vault.remove(str(key_of(provider))), done, self._on_failed)

    def _renewed(self, provider: str) -> None:
        def done(states: tuple[KeyState, ...]) -> None:
            self.view.show_states(states)
            self.look(provider)

        self._bridge.call(lambda studio: studio.key_states.list(), done, self._on_failed)

    def _show_place(self, place: RestingPlace) -> None:
        self._where = f"Keys rest {place.sentence}.{_WEAKER if place.weaker else ''}"
        self.view.show_place(self._where)

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _on_unread(self, error: StudioError) -> None:
        self.view.show_failure(f"{error.sentence} {error.action}".strip())

    def _on_failed(self, error: StudioError) -> None:
        self.view.error.show_error(error)


def _failed(test: ProviderTest) -> bool:
    return not test.passed


def _is_empty(cards: tuple[ModelCard, ...]) -> bool:
    return not cards


def _of_a_key(recorded: Recorded) -> bool:
    event = recorded.event
    return isinstance(event, SecretSaved | SecretRemoved) and event.name.startswith(str(key_of("")))
