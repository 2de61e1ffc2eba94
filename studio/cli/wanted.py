"""Wanted: wishes of the command line that the entry point answers, as the faces know nothing of each other."""

from __future__ import annotations


class WindowWanted(Exception):
    """The person wants the window, on this project if one is named."""

    def __init__(self, path: str | None) -> None:
        super().__init__(path)
        self.path = path


class ServerWanted(Exception):
    """The person wants the local server."""

    def __init__(self, port: int, json: bool) -> None:
        super().__init__(port)
        self.port = port
        self.json = json
