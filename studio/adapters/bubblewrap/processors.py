"""The processors that a sandbox works on, where nobody counts its time: some of the machine's, and no others."""

from __future__ import annotations

import math
import os
import random


def bind(process: int, cpus: float) -> None:
    """Keeps a process, and all that it starts from now on, on as many processors as `cpus` rounds up to.

    Which ones is chance, so that sandboxes do not all share the same. Raises OSError.
    """
    # Of a process that was started on a few of them, a sandbox gets some of those.
    ours = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(process, random.sample(ours, min(len(ours), math.ceil(cpus))))
