"""What the adapters load when they are first used."""

from __future__ import annotations

import subprocess
import sys

_LOADED = """
import sys
import studio.adapters.providers.openai
print(hasattr(sys.modules.get("httpx"), "Timeout"))
"""


def test_a_library_that_another_adapter_loads_later_is_whole_before_openais_sdk_looks_for_it() -> None:
    # Calls over OpenAI's protocol broke while Ollama's adapter was loaded in another thread.
    told = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert told.stdout == "True\n"
