"""The window: panels that show what the core tells, and ask it for what the person wants."""

from studio.ui.importing import read_no_sources

# Before any other module of the window is imported.
read_no_sources()
