"""The dialog that asks where a new project goes and what it starts from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label


class NewProjectDialog(QDialog):
    """Name, place and template of a project to be made.

    Signals: `accepted_with(Path, str)` the folder to make and the template's name.
    """

    accepted_with = Signal(object, str)

    def __init__(self, templates: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New project")
        self.setModal(True)
        self.setMinimumWidth(460)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name")
        self.parent_folder = QLineEdit(str(Path.home()))
        self.parent_folder.setAccessibleName("Folder that it goes into")
        self.template = QComboBox()
        self.template.setAccessibleName("Template")
        self.template.addItems(templates)
        self.result_path = label("", "small", wrap=True)
        self.make = button("Create", self._on_create, "primary")
        self._lay_out()
        self.name.textChanged.connect(self._refresh)
        self.parent_folder.textChanged.connect(self._refresh)
        self._refresh()

    def _lay_out(self) -> None:
        folder = QHBoxLayout()
        folder.addWidget(self.parent_folder, 1)
        folder.addWidget(button("Choose…", self._choose))
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow("Name", self.name)
        form.addRow("Folder", folder)
        form.addRow("Template", self.template)
        form.addRow("", self.result_path)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(button("Cancel", self.reject))
        buttons.addWidget(self.make)
        self.make.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(form)
        column.addLayout(buttons)

    def _path(self) -> Path:
        return Path(self.parent_folder.text()).expanduser() / self.name.text().strip()

    def _refresh(self) -> None:
        named = bool(self.name.text().strip()) and bool(self.parent_folder.text().strip())
        self.make.setEnabled(named)
        self.result_path.setText(str(self._path()) if named else "Give it a name.")

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Folder that the project goes into", self.parent_folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.parent_folder.setText)
        dialog.open()

    def _on_create(self) -> None:
        self.accepted_with.emit(self._path(), self.template.currentText())
        self.accept()
