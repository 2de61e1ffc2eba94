"""A document: what an editor tab shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from studio.domain.files import FileText, Place
from studio.ui.editor.languages import Language

UNWRITTEN = None
"""The etag of a file that does not exist yet."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file of a place, or a text that lies nowhere (`place` is None, `path` its title).

    `etag` names the content that was last read or written, so that a save can tell whether somebody else
    wrote in between. `owner` is the name of the file's project where that is not the one on show.
    """

    place: Place | None
    path: str
    language: Language
    etag: str | None = UNWRITTEN
    encoding: str = ""
    newline: str = ""
    read_only: bool = False
    owner: str = ""

    @property
    def label(self) -> str:
        """What the tab says: the title, and whose file it is where that could be mistaken."""
        return f"{self.title} ({self.owner})" if self.owner else self.title

    @property
    def title(self) -> str:
        """The file's name, or what a text that lies nowhere is called."""
        return PurePosixPath(self.path).name if self.place else self.path

    @property
    def band(self) -> str:
        """The other project and the run whose workspace the file lies in, for people; empty for neither."""
        workspace = f"Workspace \N{MIDDLE DOT} {self.place.run}" if self.place and self.place.run else ""
        return " \N{MIDDLE DOT} ".join(part for part in (self.owner, workspace) if part)

    def read_as(self, file: FileText) -> Document:
        """The same document as it stands in `file`."""
        return replace(self, etag=file.etag, encoding=file.encoding, newline=file.newline, read_only=file.read_only)


def newline_name(newline: str) -> str:
    """`LF`, `CRLF` or `CR` for the characters or names by which a line end may be given."""
    names = {"\n": "LF", "\r\n": "CRLF", "\r": "CR", "": ""}
    return names.get(newline, newline.upper())
