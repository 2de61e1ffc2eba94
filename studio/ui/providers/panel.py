"""The providers panel: reads which providers can be called, and carries keys to the vault door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.domain.errors import StudioError
from studio.domain.events import Delta, ProviderRemoved, ProviderSet, Recorded, SecretRemoved, SecretSaved
from studio.domain.providers import Declaration
from studio.domain.secrets import RestingPlace, key_of
from studio.ui.bridge import Bridge
from studio.ui.providers.declaring import ProviderDialog
from studio.ui.providers.key_dialog import KeyDialog
from studio.ui.providers.view import ProvidersView
from studio.ui.providers.words import Answer, listed, tested
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown
from studio.ui.widgets.questions import add_danger, question_box

if TYPE_CHECKING:
    from studio.app.providers import ProviderState
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
        self.form: ProviderDialog | None = None
        self.view.key_requested.connect(self.ask_for_key)
        self.view.test_requested.connect(self.test)
        self.view.removal_requested.connect(self._ask_to_remove)
        self.view.again_requested.connect(self.refresh)
        self.view.adding_requested.connect(self.add)
        self.view.change_requested.connect(self.change)

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def refresh(self) -> None:
        """Reads everything again."""
        self._bridge.call(lambda studio: studio.providers.list(), self.view.show_states, self._on_unread)
        self._bridge.call(lambda studio: studio.vault.place(), self._show_place, self._on_failed)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again after a key or a provider was saved or removed, here or elsewhere."""
        if any(isinstance(item, Recorded) and _matters(item) for item in events):
            self.refresh()

    def add(self) -> None:
        """Lets the person declare a provider."""
        dialog = ProviderDialog(None, self.view)
        dialog.declared.connect(lambda name, said, _keeps: self._declare(dialog, name, said))
        self._open(dialog)

    def change(self, provider: str) -> None:
        """Lets the person say how a provider is reached."""
        dialog = ProviderDialog(self.view.row(provider).state, self.view)
        dialog.declared.connect(lambda name, said, keeps: self._redeclare(dialog, name, said, keeps))
        dialog.removal_wanted.connect(lambda: self._ask_to_take_out(dialog, provider))
        self._open(dialog)

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
        self._ask(provider, lambda studio: studio.provider_tests.test(provider), tested)

    def look(self, provider: str) -> None:
        """Asks a provider which models it has now, which costs nothing."""
        self._ask(provider, lambda studio: studio.models.offered_by(provider), listed)

    def _ask(self, provider: str, make: Callable[[Studio], Awaitable[T]], in_words: Callable[[T], Answer]) -> None:
        row = self.view.row(provider)
        row.show_asking()

        def done(found: T) -> None:
            row.show_answer(in_words(found))

        def failed(error: StudioError) -> None:
            row.show_answer(Answer(f"{error.sentence} {error.action}".strip()))

        self._bridge.call(make, done, failed)

    def _open(self, form: ProviderDialog) -> None:
        form.finished.connect(lambda _result: self._forget_form())
        form.finished.connect(form.deleteLater)
        self.form = form
        form.open()

    def _declare(self, dialog: ProviderDialog, name: str, said: Declaration) -> None:
        def done(_done: None) -> None:
            dialog.accept()
            self._renewed(name)

        self._bridge.call(lambda studio: studio.providers.add(name, said), done, dialog.show_error)

    def _redeclare(self, dialog: ProviderDialog, name: str, said: Declaration, keep_key: bool) -> None:
        def done(_done: None) -> None:
            dialog.accept()
            self.refresh()

        self._bridge.call(
            lambda studio: studio.providers.change(name, said, keep_key=keep_key), done, dialog.show_error
        )

    def _ask_to_take_out(self, dialog: ProviderDialog, provider: str) -> None:
        state = self.view.row(provider).state
        label, declared = shown(state.provider.label), state.provider.declared
        what = f"Remove {label}?" if declared else f"Reach {label} as usual again?"
        box = question_box(dialog, "removeProvider", what)
        key = " The key that is kept for it is forgotten." if declared and state.key_kept else ""
        box.setInformativeText(f"What the file says of it is taken out.{key}")
        add_danger(box, "Remove" if declared else "As usual").clicked.connect(lambda: self._take_out(dialog, provider))
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.open()

    def _take_out(self, dialog: ProviderDialog, provider: str) -> None:
        def done(_gone: None) -> None:
            dialog.accept()
            self.refresh()

        self._bridge.call(lambda studio: studio.providers.remove(provider), done, dialog.show_error)

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
            self.view.row(provider).show_answer(Answer())
            self.refresh()

        self._bridge.call(lambda studio: studio.vault.remove(str(key_of(provider))), done, self._on_failed)

    def _renewed(self, provider: str) -> None:
        def done(states: tuple[ProviderState, ...]) -> None:
            self.view.show_states(states)
            if self.view.row(provider).usable:
                self.look(provider)

        self._bridge.call(lambda studio: studio.providers.list(), done, self._on_failed)

    def _show_place(self, place: RestingPlace) -> None:
        self._where = f"Keys rest {place.sentence}.{_WEAKER if place.weaker else ''}"
        self.view.show_place(self._where)

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _forget_form(self) -> None:
        self.form = None

    def _on_unread(self, error: StudioError) -> None:
        self.view.show_failure(f"{error.sentence} {error.action}".strip())
        if self.view.rows:
            self.view.error.show_error(error)

    def _on_failed(self, error: StudioError) -> None:
        self.view.error.show_error(error)


def _matters(recorded: Recorded) -> bool:
    event = recorded.event
    if isinstance(event, ProviderSet | ProviderRemoved):
        return True
    return isinstance(event, SecretSaved | SecretRemoved) and event.name.startswith(str(key_of("")))
