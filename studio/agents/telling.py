"""Telling: what an agent is told by Studio itself, and what of a project every agent is told."""

from __future__ import annotations

from studio.tools.notes import NOTES_FOLDER

RULES_FILE = "AGENTS.md"
ALWAYS = (RULES_FILE, NOTES_FOLDER)
"""What every agent is told of a project: the rules at its root, and its notes."""

MACHINE = "this machine"
"""In place of a file: what an agent is told of the machine, where less can be done than anywhere else."""

UNSAVED = (
    "[A note from Studio, not from the developer.] The newest changes in your workspace could not be saved: {reason} "
    "Mend that first, for example by deleting large generated files: what is not saved cannot be reviewed or merged."
)
SAVED_AGAIN = "[A note from Studio, not from the developer.] Your changes are saved again."
