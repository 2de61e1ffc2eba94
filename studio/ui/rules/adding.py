"""The dialog in which a person writes a rule and sees what it would do before it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QDialog, QHBoxLayout, QLabel, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from studio.base.text import shorten
from studio.domain.errors import StudioError
from studio.domain.rules import Effect
from studio.domain.tools import CommandClass
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.dialogs import fill_dialog
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.app.rule_drafts import Draft

COVERED_SHOWN = 6
SETTLE_MS = 150
_WIDTH = 560
_HEIGHT = 420
_REASON = 300

_ASKS_FOR = {
    Effect.ALLOW: ("A command as an agent would run it: npm install left-pad", "Let through"),
    Effect.DENY: ("The beginning of a command, or a class: git push", "Forbid"),
}
_EXPLAINS = {
    Effect.ALLOW: "For every role in {project}. Each part of the command becomes a rule: its like asks no question.",
    Effect.DENY: "For every role in {project}, in every mode. The classes are: {classes}.",
}


class AddRuleDialog(QDialog):
    """One text, what it would do, and a button that saves it.

    Signals: `draft_wanted(str, str)` effect and text, shortly after the last key; `save_wanted(str, str)` the same.
    """

    draft_wanted = Signal(str, str)
    save_wanted = Signal(str, str)

    def __init__(self, theme: Theme, project: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._project = shown(project)
        self.setWindowTitle(f"Add a rule to {shown(project)}")
        self.setModal(True)
        self.resize(_WIDTH, _HEIGHT)
        self.allow, self.deny = QRadioButton("Let through without a question"), QRadioButton("Forbid")
        self.allow.setChecked(True)
        group = QButtonGroup(self)
        for choice in (self.allow, self.deny):
            group.addButton(choice)
        self.explained = label("", "small", wrap=True)
        self.text = QLineEdit()
        self.text.setMaxLength(2000)
        self.refusal = label("", "ruleDenied", wrap=True)
        self.caution = label("", "ruleCaution", wrap=True)
        self.kinds = label("", "ruleKind", wrap=True)
        self.sentences = label("", "small", wrap=True)
        self.covered = label("", "muted", wrap=True)
        self._commands = QVBoxLayout()
        self._commands.setSpacing(2)
        self.save = button("", lambda: self.save_wanted.emit(self.effect.value, self.text.text()), "primary")
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(lambda: self.draft_wanted.emit(self.effect.value, self.text.text()))
        self._lay_out()
        self.text.textChanged.connect(self._on_changed)
        group.buttonToggled.connect(lambda _button, checked: self._on_changed() if checked else None)
        self._on_changed()

    @property
    def effect(self) -> Effect:
        """What the rule is to do."""
        return Effect.ALLOW if self.allow.isChecked() else Effect.DENY

    def show_draft(self, effect: str, text: str, draft: Draft) -> None:
        """Shows what this text would make, if it still stands there."""
        if (effect, text) != (self.effect.value, self.text.text()) or not text.strip():
            return
        self._say_wrong(f"{draft.refusal} {draft.action}")
        caution = f"{draft.caution} All of this is saved already." if draft.known and draft.kinds else draft.caution
        _say(self.caution, caution)
        _say(self.kinds, "\n".join(shown(kind.text) for kind in draft.kinds))
        _say(self.sentences, "\n".join(shown(kind.sentence) for kind in draft.kinds))
        self._show_covered(draft)
        self.save.setEnabled(bool(draft.kinds) and not draft.known)

    def show_error(self, error: StudioError) -> None:
        """Says why it was not saved, and lets one write something else."""
        self._say_wrong(f"{error.sentence} {error.action}")

    def _lay_out(self) -> None:
        choices = QHBoxLayout()
        choices.setSpacing(16)
        choices.addWidget(self.allow)
        choices.addWidget(self.deny)
        choices.addStretch(1)
        said = (self.refusal, self.caution, self.kinds, self.sentences, self.covered)
        fill_dialog(self, (choices, self.text, self.explained, *said, self._commands), self.save, spacing=8)
        self.text.setFocus()

    def _on_changed(self) -> None:
        placeholder, verb = _ASKS_FOR[self.effect]
        self.text.setPlaceholderText(placeholder)
        self.text.setAccessibleName("Command" if self.effect is Effect.ALLOW else "Class or beginning of a command")
        classes = ", ".join(CommandClass)
        self.explained.setText(_EXPLAINS[self.effect].format(project=self._project, classes=classes))
        self.save.setText(verb)
        self.save.setAccessibleName(verb)
        # What stands there was about another text: it must not be saved unseen.
        self.save.setEnabled(False)
        if self.text.text().strip():
            self._settle.start()
        else:
            self._settle.stop()
            for widget in (self.refusal, self.caution, self.kinds, self.sentences, self.covered):
                _say(widget, "")
            self._list(())

    def _say_wrong(self, words: str) -> None:
        _say(self.refusal, shown(shorten(words.strip(), _REASON)))

    def _show_covered(self, draft: Draft) -> None:
        verb = "have let through" if self.effect is Effect.ALLOW else "have forbidden"
        if not draft.kinds:
            _say(self.covered, "")
        elif not draft.looked_at:
            _say(self.covered, "No agent has run a command in this project yet to hold it against.")
        elif not draft.covered:
            _say(self.covered, f"It would {verb} none of the newest {draft.looked_at} commands here.")
        else:
            count, more = len(draft.covered), len(draft.covered) - COVERED_SHOWN
            end = f", {COVERED_SHOWN} of them:" if more > 0 else ":"
            _say(self.covered, f"It would {verb} {count} of the newest {draft.looked_at} commands here{end}")
        self._list(draft.covered[:COVERED_SHOWN] if draft.kinds else ())

    def _list(self, commands: tuple[str, ...]) -> None:
        while (item := self._commands.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for command in commands:
            made = ElidedLabel(" ".join(command.split()))
            made.setFont(self._theme.inline_code_font())
            self._commands.addWidget(made)


def _say(widget: QLabel, text: str) -> None:
    widget.setText(text)
    widget.setVisible(bool(text))
