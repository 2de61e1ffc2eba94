from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LEAKS = {
    "thread": """
import threading
done = threading.Event()
def test_story():
    threading.Thread(target=done.wait, args=(20,), name="left-alone", daemon=True).start()
""",
    "process": """
import subprocess
kept = []
def test_story():
    kept.append(subprocess.Popen(["sleep", "20"]))
""",
    "asyncio task": """
import asyncio
async def test_story():
    test_story.kept = asyncio.create_task(asyncio.sleep(20))
""",
    "temporary folder": """
import tempfile
def test_story():
    tempfile.mkdtemp(prefix="studio-")
""",
}


def outcome_of(story: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "temp").mkdir()
    (folder / "test_story.py").write_text(story)
    program = (
        "import sys, pytest\nfrom tests.fixtures import leaks\nleaks.GRACE_SECONDS = 0.2\n"
        "sys.exit(pytest.main(sys.argv[1:], plugins=[leaks]))"
    )
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), "--confcutdir", str(folder), "-q"]
    return subprocess.run(
        [sys.executable, "-c", program, *options, str(folder)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(folder / "temp"), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("kind", LEAKS)
def test_what_a_test_leaves_behind_fails_it(kind: str, tmp_path: Path) -> None:
    outcome = outcome_of(LEAKS[kind], tmp_path)

    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    assert f"left {kind}" in outcome.stdout or f"left behind: {kind}" in outcome.stdout


def test_a_tidy_test_passes(tmp_path: Path) -> None:
    outcome = outcome_of("def test_story():\n    assert True\n", tmp_path)

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
