"""Encoded: a drawn picture as the bytes of a file."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage

from studio.domain.images import IMAGE_BYTES


def encoded(image: QImage, width: int, height: int) -> bytes | None:
    """PNG, or JPEG when that is too large for a model, scaled down to fit; None when it can be neither. Blocks."""
    if image.width() > width or image.height() > height:
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(width, height, Qt.AspectRatioMode.KeepAspectRatio, smooth)
    for kind in ("PNG", "JPEG"):
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        if image.save(buffer, kind) and buffer.size() <= IMAGE_BYTES:  # type: ignore[call-overload]
            return bytes(buffer.data().data())
    return None
