"""Tables: the metadata they share, and column types for values that SQL has no word for."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect, MetaData
from sqlalchemy.types import TypeDecorator

from studio.domain.clock import from_text, to_text
from studio.store.text import Text

metadata = MetaData()
"""Every table of this room registers here; each file writes its own table only."""


class Moment(TypeDecorator[datetime]):
    """A time in UTC as text whose order is the order of time."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To text."""
        return None if value is None else to_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """From text."""
        return None if value is None else from_text(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """A few texts as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:
        """To JSON."""
        return json.dumps(list(value or ()))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[str, ...]:
        """From JSON."""
        return tuple(json.loads(value or "[]"))


class Written(TypeDecorator[str]):
    """Text from outside; halves of surrogate pairs, which no file can hold, become question marks."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Without them."""
        return None if value is None else value.encode("utf-8", "replace").decode("utf-8")


class FilePath(TypeDecorator[Path]):
    """A path of this machine; bytes that are not UTF-8 are kept by the escape that os.fsdecode gives them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Path | None, dialect: Dialect) -> str | None:
        """To JSON's escapes, without the quotes: a text that any file can hold."""
        if value is None:
            return None
        text = str(value)
        return text if text.isprintable() else json.dumps(text)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Path | None:
        """From what was written; a real path is absolute and so never begins with a quote."""
        if value is None:
            return None
        return Path(json.loads(value) if value.startswith('"') else value)
