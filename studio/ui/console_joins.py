"""Console joins: what the console asks of other panels, and its count of errors on its tab."""

from __future__ import annotations

from studio.domain.errors import StudioError
from studio.domain.files import Place
from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.frame import Frame
from studio.ui.offered import offer_words
from studio.ui.panels import Panels
from studio.ui.status.panel import StatusPanel


def join_console(panels: Panels, frame: Frame, status: StatusPanel, bridge: Bridge) -> None:
    """Lets a place be opened, and an error be told to the agent or fixed by it; the logs beside it hear and say."""
    console = panels.console

    def open_source(run: RunId, path: str, line: int) -> None:
        bridge.call(lambda studio: studio.chats.run(run), lambda found: show(found.project, run, path, line))

    def show(project: ProjectId, run: RunId, path: str, line: int) -> None:
        frame.show_panel("editor")
        panels.editor.open_file(Place(project, run), path, False, line)

    def asked(_run: RunId) -> None:
        frame.show_panel("chat")
        status.say("The agent was asked to fix it.")

    def failed(error: StudioError) -> None:
        frame.error.show_error(error)

    console.source_requested.connect(open_source)
    console.words_offered.connect(lambda run, text: offer_words(panels, frame, run, text))
    console.asked.connect(asked)
    console.failed.connect(failed)
    console.said.connect(status.say)
    console.errors_changed.connect(
        lambda count: frame.docks.name("console", f"Console \N{MIDDLE DOT} {count}" if count else "Console")
    )
    bridge.events_arrived.connect(console.apply)
    panels.logs.said.connect(status.say)
    bridge.events_arrived.connect(panels.logs.apply)
