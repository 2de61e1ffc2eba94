"""What holds for every test: no paid call, no real data folder or keyring, no display, nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more of the machine than of the rule that is tested.
settings.register_profile("studio", deadline=None)
settings.load_profile("studio")

pytest.register_assert_rewrite("tests.fixtures")

_FIXTURES = (
    "aimock",
    "bubblewrap",
    "command_line",
    "docker",
    "garbage",
    "hostile_provider",
    "leaks",
    "local_guest",
    "private_engine",
    "far_machine",
    "patient_bot",
    "real_apps",
    "repositories",
    "temporary",
)
pytest_plugins = [
    f"tests.fixtures.{name}" for name in _FIXTURES if (Path(__file__).parent / "fixtures" / f"{name}.py").exists()
]

_PROVIDERS = ("ANTHROPIC", "OPENAI", "GROQ", "GEMINI", "GOOGLE", "OLLAMA")
_ENGINE = pytest.StashKey[str]()
_NOT_RUN = "needs a container engine"


def pytest_configure(config: pytest.Config) -> None:
    for name in list(os.environ):
        if name.startswith(_PROVIDERS) or name.startswith(("GIT_", "STUDIO_")):
            del os.environ[name]
    # A container that waits for a run nobody starts is work for nothing; the tests of the pool ask for one.
    os.environ["STUDIO_SANDBOX_POOL"] = "0"
    # No test writes into the keyring of whoever runs it.
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_API"] = "pyside6"
    if sys.platform == "linux" and os.geteuid() == 0:
        os.environ.setdefault("QTWEBENGINE_CHROMIUM_FLAGS", "--no-sandbox --disable-gpu")


@pytest.fixture(autouse=True)
def _no_real_data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that forgets to name its data folder gets one of its own, never the person's."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path_factory.getbasetemp() / "studio-home-of-a-careless-test"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("docker") is None:
        return
    missing = _what_the_engine_lacks(item.config)
    if not missing:
        return
    if _engine_can_run_here():
        pytest.fail(f"{missing} This machine can run one: scripts/test starts it.", pytrace=False)
    # Travels with the report, as the test may be run by another process than the one that sums up.
    item.user_properties.append((_NOT_RUN, missing))
    pytest.skip(missing)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("skipped", [])
    reasons = [reason for report in reports for name, reason in report.user_properties if name == _NOT_RUN]
    if reasons:
        terminalreporter.section("NOT RUN: no container engine", red=True)
        terminalreporter.line(f"{len(reasons)} tests need containers and were skipped. {reasons[0]}")


def _engine_can_run_here() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("dockerd") is not None


def _what_the_engine_lacks(config: pytest.Config) -> str:
    """Empty when a container engine answers; asked once."""
    if _ENGINE not in config.stash:
        config.stash[_ENGINE] = _ask_the_engine()
    return config.stash[_ENGINE]


def _ask_the_engine() -> str:
    if shutil.which("docker") is None:
        return "No container engine is installed."
    try:
        answer = subprocess.run(["docker", "version", "--format", "x"], capture_output=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return "The container engine does not answer within 20 seconds."
    return "" if answer.returncode == 0 else "No container engine answers."
