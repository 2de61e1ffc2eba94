"""The explicit table of every tool there is."""

from __future__ import annotations

from studio.domain.tools import Risk
from studio.tools.apply import apply_patch
from studio.tools.arrange import delete, move
from studio.tools.ask import ask
from studio.tools.board import board_read, comment_task, create_task
from studio.tools.change import edit, edit_many, write
from studio.tools.history import git_blame, git_diff, git_log, git_show
from studio.tools.look import list_, read, search
from studio.tools.notes import note
from studio.tools.outputs import read_output
from studio.tools.page import page_click, page_go, page_look, page_type
from studio.tools.plan import plan
from studio.tools.preview import console, preview_screenshot, preview_start
from studio.tools.processes import process_output, process_start, process_stop
from studio.tools.shell import shell
from studio.tools.tell import tell
from studio.tools.tool import Tool, tool

TOOLS: dict[str, Tool] = {
    entry.spec.name: entry
    for entry in (
        tool(read, risk=Risk.READ, target="path", repeatable=True),
        tool(list_, risk=Risk.READ, target="path", repeatable=True),
        tool(search, risk=Risk.READ, target="pattern", repeatable=True),
        tool(git_log, risk=Risk.READ, target="commit", repeatable=True),
        tool(git_show, risk=Risk.READ, target="commit", repeatable=True),
        tool(git_blame, risk=Risk.READ, target="path", repeatable=True),
        tool(git_diff, risk=Risk.READ, target="base", repeatable=True),
        tool(read_output, risk=Risk.READ, target="output", repeatable=True),
        tool(plan, risk=Risk.READ, target="plan", repeatable=True),
        tool(write, risk=Risk.WRITE, target="path", repeatable=True),
        tool(edit, risk=Risk.WRITE, target="path", repeatable=True),
        tool(edit_many, risk=Risk.WRITE, target="path", repeatable=True),
        tool(apply_patch, risk=Risk.WRITE, target="patch", repeatable=True),
        tool(move, risk=Risk.WRITE, target="path", repeatable=True),
        tool(delete, risk=Risk.WRITE, target="path", repeatable=True),
        tool(note, risk=Risk.WRITE, target="name", repeatable=True),
        tool(shell, risk=Risk.EXECUTE, target="command", repeatable=False),
        tool(process_start, risk=Risk.EXECUTE, target="command", repeatable=False),
        tool(process_output, risk=Risk.READ, target="process", repeatable=True),
        # It ends only what the run itself has started.
        tool(process_stop, risk=Risk.WRITE, target="process", repeatable=True),
        tool(preview_start, risk=Risk.EXECUTE, target="command", repeatable=False),
        tool(preview_screenshot, risk=Risk.READ, target="looking_for", repeatable=True),
        tool(page_look, risk=Risk.READ, target="within", repeatable=True),
        # It takes the page away that the developer is looking at, and asks the app for another.
        tool(page_go, risk=Risk.WRITE, target="path", repeatable=False),
        tool(page_click, risk=Risk.WRITE, target="ref", repeatable=False),
        tool(page_type, risk=Risk.WRITE, target="ref", repeatable=False),
        tool(console, risk=Risk.READ, target="level", repeatable=True),
        tool(board_read, risk=Risk.READ, target="task", repeatable=True),
        tool(create_task, risk=Risk.WRITE, target="title", repeatable=False),
        tool(comment_task, risk=Risk.WRITE, target="task", repeatable=False),
        tool(tell, risk=Risk.WRITE, target="to", repeatable=False),
        tool(ask, risk=Risk.ASK, target="question", repeatable=True),
    )
}
"""Tools by the name the model calls them by."""

EVERYBODYS = ("read_output", "plan")
"""What every role has without naming it: neither reaches beyond what the run itself said and did."""
