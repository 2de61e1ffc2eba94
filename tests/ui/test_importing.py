"""Importing the window's modules costs no more than they are."""

import subprocess
import sys
from pathlib import Path

ASKED = """
import linecache
import studio.ui
import this_is_read
print(any(name.endswith("this_is_read.py") for name in linecache.cache))
"""


def test_pyside_reads_no_source_of_what_the_window_imports(tmp_path: Path) -> None:
    (tmp_path / "this_is_read.py").write_text("PRICE = 2\n")

    def told(program: str) -> str:
        done = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": f"{tmp_path}:."}, capture_output=True)
        return done.stdout.decode() + done.stderr.decode()

    assert told(ASKED) == "False\n"
    assert told(ASKED.replace("studio.ui", "PySide6.QtCore")) == "True\n", "PySide does not read sources any more"
