"""Attachments: the images that go out with the next message, each with a button that takes it away."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from studio.base.aio import in_thread
from studio.domain.errors import UserError
from studio.domain.images import image_of
from studio.ui.widgets.encoded import encoded

SIDE = 2000
"""Pasted pictures are made this small; models look at no more of them."""

THUMBNAIL = 36


class Attachments(QWidget):
    """A row of thumbnails; hidden while there is none.

    Signals:
        changed: one was added, or some were taken away
        emptied: the last image was taken away by its button, so that the keyboard goes back to the message
    """

    changed = Signal()
    emptied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[bytes] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.addStretch()
        self.buttons: list[QToolButton] = []
        self.hide()

    @property
    def images(self) -> tuple[bytes, ...]:
        """What goes out with the next message."""
        return tuple(self._images)

    def add(self, data: bytes, small: QImage | None = None) -> None:
        """Adds an image that a model can be shown; `small` is what `small_picture` made of it beforehand."""
        about = image_of(data).about
        button = QToolButton(self)
        button.setIcon(QIcon(QPixmap.fromImage(small if small is not None else small_picture(data))))
        button.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        button.setText("✕")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setToolTip(f"{about}. Click to take it away.")
        button.setAccessibleName(f"Take away the {about}")
        button.clicked.connect(partial(self._take, data))
        self._images.append(data)
        self.buttons.append(button)
        self._row.insertWidget(len(self.buttons) - 1, button)
        self.show()
        self.changed.emit()

    def remove(self, images: tuple[bytes, ...]) -> None:
        """Takes those away that went out."""
        for data in images:
            if data in self._images:
                at = self._images.index(data)
                del self._images[at]
                self.buttons.pop(at).deleteLater()
        self.setVisible(bool(self._images))
        self.changed.emit()

    def _take(self, data: bytes, _checked: bool = False) -> None:
        self.remove((data,))
        if not self._images:
            self.emptied.emit()


async def as_png(image: QImage) -> bytes:
    """A picture from the clipboard as a file. Raises UserError when it cannot be made one."""
    data = await in_thread(encoded, image, SIDE, SIDE)
    if data is None:
        raise UserError("The picture could not be read.", "Save it as a file and drop that.")
    return data


def small_picture(data: bytes) -> QImage:
    """The thumbnail of an image. Reading a large one takes a second, so this is called beside the window's thread."""
    smooth = Qt.TransformationMode.SmoothTransformation
    picture = QImage.fromData(data)
    if picture.isNull():
        return picture
    return picture.scaled(THUMBNAIL, THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio, smooth)
