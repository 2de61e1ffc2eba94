"""What runs inside as one packed program: its modules travel with it, so that any image with Python will do."""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.util import MAGIC_NUMBER
from typing import Any

SUPERVISOR = (
    *("frames", "loop", "keeper", "waiting", "watch", "shell", "program", "relay", "listen", "behind"),
    "supervisor",
)
CARRIER = ("watch", "signs", "pages", "carry")
_BOOT = """
import os, zlib
packed = b""
while len(packed) < {length}:
    packed += os.read(0, {length} - len(packed))
exec(zlib.decompress(packed))
"""
_UNPACK = """
import marshal, sys, types
from _frozen_importlib_external import MAGIC_NUMBER
modules = {{name: types.ModuleType(name) for name in {sources!r}}}
sys.modules.update(modules)
for name, source in {sources!r}.items():
    made = marshal.loads({made!r}[name]) if MAGIC_NUMBER == {magic!r} else compile(source, name, "exec")
    exec(made, modules[name].__dict__)
modules[name].serve({options!r})
"""


def packed(modules: tuple[str, ...], options: Mapping[str, Any], magic: bytes = MAGIC_NUMBER) -> tuple[str, bytes]:
    """What a Python inside is started with, and what it then reads: these modules, of which the last one serves.

    It brings its code made ready for a Python of the kind `magic`, and its source for any other: to make it ready
    takes a tenth of the time in which a sandbox starts.
    """
    program = _packed(modules, tuple(options.items()), magic)
    return _BOOT.format(length=len(program)), program


@lru_cache(maxsize=8)
def _packed(modules: tuple[str, ...], options: tuple[tuple[str, Any], ...], magic: bytes) -> bytes:
    folder = files("studio.sandbox.inside")
    sources = {f"studio.sandbox.inside.{name}": folder.joinpath(f"{name}.py").read_text("utf-8") for name in modules}
    made = {name: marshal.dumps(compile(source, name, "exec")) for name, source in sources.items()}
    text = _UNPACK.format(sources=sources, made=made, magic=magic, options=dict(options))
    return zlib.compress(text.encode())
