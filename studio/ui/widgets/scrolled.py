"""A page of cards that scrolls when there is no room for all of them."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


def scrolled() -> tuple[QScrollArea, QVBoxLayout]:
    """The area, and the column in it that takes the cards."""
    ground = QWidget()
    ground.setObjectName("panelSurface")
    column = QVBoxLayout(ground)
    column.setContentsMargins(0, 0, 8, 0)
    column.setSpacing(8)
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(ground)
    return area, column
