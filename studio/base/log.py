"""Log: what the program says about itself, for whoever looks for a fault."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from studio.base.redact import Redactor

ROOT = "studio"
FILE_BYTES = 5 * 1024 * 1024
FILES_KEPT = 3

_SHARED: tuple[Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def logger(topic: str) -> structlog.stdlib.BoundLogger:
    """The logger of one topic: `log.info("snapshot_taken", run=…)`, past tense first, facts as keywords."""
    bound: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(f"{ROOT}.{topic}"),
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return bound


def setup(
    redactor: Redactor,
    *,
    level: str = "warning",
    stream: TextIO | None = None,
    folder: Path | None = None,
) -> None:
    """Sends every topic, and warnings of libraries, to `stream` (standard error) and to a file in `folder`.

    Lines on the stream are for people and start at `level`; the file takes JSON lines from `info` on,
    is capped in size, and is readable by its owner only. Values known to `redactor` never get through.
    """
    handlers: list[logging.Handler] = [_to_stream(stream or sys.stderr, level, redactor)]
    if folder is not None:
        handlers.append(_to_file(folder / "studio.log", redactor))
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        if handler.get_name() == ROOT:
            root.removeHandler(handler)
            handler.close()
    for handler in handlers:
        handler.set_name(ROOT)
        root.addHandler(handler)
    logging.getLogger(ROOT).setLevel(min(logging.INFO, _number(level)))


def _to_stream(stream: TextIO, level: str, redactor: Redactor) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    handler.setLevel(_number(level))
    # A plain traceback: one that shows local variables would wrap a secret over two lines, past the redactor.
    render = structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    handler.setFormatter(_formatter(redactor, render, lines=False))
    return handler


def _to_file(path: Path, redactor: Redactor) -> logging.Handler:
    path.touch(mode=0o600)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", errors="backslashreplace"
    )
    handler.setLevel(logging.INFO)
    handler.setFormatter(_formatter(redactor, structlog.processors.JSONRenderer(ensure_ascii=False), lines=True))
    return handler


def _formatter(redactor: Redactor, render: Processor, *, lines: bool) -> logging.Formatter:
    def redact(_: WrappedLogger, __: str, text: str) -> str:
        return redactor.text(text)

    exceptions: tuple[Processor, ...] = (structlog.processors.format_exc_info,) if lines else ()
    return structlog.stdlib.ProcessorFormatter(
        processors=[_without_record, *exceptions, render, redact],  # type: ignore[list-item]  # redact takes text
        foreign_pre_chain=list(_SHARED),
    )


def _without_record(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, name, event)


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]
