"""Send buttons: stop the agent, send a message now, later, or in its place."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from studio.domain.runs import STOPPABLE, RunState


def words_to_send(text: str, pictures: int) -> str:
    """The words of a message; pictures alone go with a few that say so, which the person then sees in the chat."""
    if text.strip():
        return text
    return ("", "Look at this picture.")[pictures] if pictures < 2 else "Look at these pictures."


class SendButtons:
    """The three buttons of a composer, which say what each would do now."""

    def __init__(self, parent: QWidget) -> None:
        self.stop = QPushButton("Stop", parent)
        self.stop.setAccessibleName("Stop the agent")
        self.stop.setToolTip("Esc")
        self.send = QPushButton("Send ⏎", parent)
        self.send.setProperty("kind", "primary")
        self.interrupt = QPushButton("Interrupt and send  Ctrl+⏎", parent)
        self.interrupt.setAccessibleName("Stop the agent and send this now")
        self.interrupt.setToolTip("Stops the agent, also in the middle of a command, and sends this at once.")

    def show(self, state: RunState, text: str, *, usable: bool, pending: bool) -> None:
        """Follows the run, what is written, whether a model can be used and whether a message is on its way."""
        working, has_text = state is RunState.WORKING, bool(text)
        ready = "Queue ⏎" if working else "Send ⏎"
        self.stop.setVisible(state in STOPPABLE)
        self.send.setText("Sending…" if pending else ready if usable else "Set up a model")
        self.send.setAccessibleName(ready.split()[0] if usable else "Set up a model")
        self.send.setToolTip("Sends this once the agent has stopped." if working and usable else "")
        self.send.setEnabled(not pending and state is not RunState.DISCARDED)
        # While nothing is written there is only one thing to do about an agent at work.
        self.send.setVisible(not working or has_text)
        self.interrupt.setVisible(working and usable and has_text and not pending)
