"""The report of a month as a PDF: text and tables on white, made of plain text only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from PySide6.QtCore import QMarginsF, QSaveFile
from PySide6.QtGui import (
    QFont,
    QPageLayout,
    QPageSize,
    QPdfWriter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)

from studio.app.usage_report import UsageReport, UsageRow, cost_of, hit_rate
from studio.domain.errors import UserError
from studio.domain.money import show
from studio.domain.roles import title_of
from studio.ui.usage import lists, words
from studio.ui.widgets.names import shown

_POINTS, _HEADING, _TITLE = 9.0, 11.0, 18.0
_FIRST_COLUMN = 34.0  # per cent


def write(path: Path, report: UsageReport, month: date, whose: str, names: dict[str, str]) -> None:
    """Writes the report; a file that was there is replaced only when the new one is whole. Raises UserError."""
    file = QSaveFile(str(path))
    if not file.open(QSaveFile.OpenModeFlag.WriteOnly):
        raise UserError(f"{path} cannot be written: {file.errorString()}.", "Choose another place.")
    writer = QPdfWriter(file)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    # The document keeps two centimetres of its own round every page.
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    writer.setTitle(f"Usage of {month:%B %Y}")
    writer.setCreator("Studio")
    document(report, month, whose, names).print_(writer)
    del writer
    if not file.commit():
        raise UserError(f"{path} cannot be written: {file.errorString()}.", "Choose another place.")


def document(report: UsageReport, month: date, whose: str, names: dict[str, str]) -> QTextDocument:
    """The report as a document."""
    made = QTextDocument()
    font = QFont()
    font.setPointSizeF(_POINTS)
    made.setDefaultFont(font)
    pen = _Pen(QTextCursor(made))
    pen.line(f"Usage of {month:%B %Y}", _TITLE)
    pen.line(f"{whose}. Days are those of UTC; prices are in US dollars.")
    total = report.total
    if total is None:
        pen.line("Nothing was used in this month.")
        return made
    unpriced = f" ({total.unpriced:,} calls have no known price and are left out)" if total.unpriced else ""
    pen.line(
        f"{show(cost_of(total))}{unpriced} for {total.calls:,} calls: {total.input:,} input tokens, "
        f"{words.share(hit_rate(total))} of them from a cache, and {total.output:,} output tokens."
    )
    pen.line(lists.typical(report))
    if report.balances:
        pen.line("Budgets, as they stand now", _HEADING)
        rows = [
            (*words.of_balance(balance, {**names, **report.titles}), words.left_of(balance))
            for balance in report.balances
        ]
        pen.table(("Budget", "Stands at", "Left"), rows)
    pen.line("By model", _HEADING)
    pen.table(
        ("Model", "Calls", "Failed", "Turns passed", "Middle time", "From cache", "Cost"),
        [
            (
                view.model,
                f"{view.used.calls:,}",
                f"{view.failed:,}",
                words.passed(view.passed),
                words.took(view.median_ms),
                words.share(hit_rate(view.used)),
                words.money(view.used),
            )
            for view in report.models
        ],
    )
    _sums(pen, "By role", report.days["role"], lambda row: title_of(row.role or "none"))
    _sums(pen, "By project", report.days["project"], lambda row: names.get(row.project or "", row.project or "none"))
    _sums(pen, "By day", report.days["model"], lambda row: row.day or "", by_cost=False)
    pen.line("How to save", _HEADING)
    for text in lists.advice(report):
        pen.line(text)
    return made


def _sums(
    pen: _Pen, heading: str, rows: Sequence[UsageRow], name: Callable[[UsageRow], str], *, by_cost: bool = True
) -> None:
    found: dict[str, list[int]] = {}
    for row in rows:
        sums = found.setdefault(name(row), [0, 0, 0, 0])
        for at, value in enumerate((row.calls, row.input, row.output, cost_of(row))):
            sums[at] += value
    order = sorted(found.items(), key=lambda one: -one[1][3]) if by_cost else sorted(found.items())
    pen.line(heading, _HEADING)
    pen.table(
        (heading.removeprefix("By ").capitalize(), "Calls", "Input", "Output", "Cost"),
        [(key, *(f"{value:,}" for value in sums[:3]), f"${words.dollars(sums[3]):,.2f}") for key, sums in order],
    )


class _Pen:
    """Writes lines and tables one under another; nothing that it is given is taken for markup."""

    def __init__(self, cursor: QTextCursor) -> None:
        self._cursor = cursor

    def line(self, text: str, points: float = _POINTS) -> None:
        block, letters = QTextBlockFormat(), QTextCharFormat()
        block.setTopMargin(points if points > _POINTS else 2)
        block.setBottomMargin(4)
        letters.setFontPointSize(points)
        letters.setFontWeight(QFont.Weight.DemiBold if points > _POINTS else QFont.Weight.Normal)
        self._cursor.insertBlock(block, letters)
        self._cursor.insertText(shown(text), letters)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        shape = QTextTableFormat()
        shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        shape.setBorder(0.5)
        shape.setBorderCollapse(True)
        shape.setCellPadding(3)
        shape.setCellSpacing(0)
        shape.setHeaderRowCount(1)
        percent = QTextLength.Type.PercentageLength
        shape.setWidth(QTextLength(percent, 100))
        rest = (100 - _FIRST_COLUMN) / (len(head) - 1)
        shape.setColumnWidthConstraints(
            [QTextLength(percent, _FIRST_COLUMN), *[QTextLength(percent, rest)] * (len(head) - 1)]
        )
        table = self._cursor.insertTable(len(rows) + 1, len(head), shape)
        bold = QTextCharFormat()
        bold.setFontWeight(QFont.Weight.DemiBold)
        for at, text in enumerate(head):
            table.cellAt(0, at).firstCursorPosition().insertText(text, bold)
        for row, cells in enumerate(rows, start=1):
            for at, text in enumerate(cells):
                table.cellAt(row, at).firstCursorPosition().insertText(shown(text))
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
