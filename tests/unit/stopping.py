"""Commands that run on several processes, stopped as in a terminal, where Ctrl-C reaches every one of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

PATIENCE_SECONDS = 120
COMMAND = (sys.executable, "-c", "from pooltwin.scenarios.commands.main import main; main()")


class Stopped(NamedTuple):
    """A command that was stopped."""

    status: int
    printed: str
    told: list[str]
    """The lines of its errors."""
    group: int
    """The group that its processes were in."""


def stopped_by_ctrl_c(arguments: Sequence[str], *, when: Callable[[], bool], cwd: Path | None = None) -> Stopped:
    """Run a command in a group of its own, send the group SIGINT when something is so, and wait for its end.

    Raises TimeoutExpired where it does not end, and AssertionError where what was awaited did not come.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=cwd, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as running:
        until = time.monotonic() + PATIENCE_SECONDS
        while not (came := when()) and running.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGINT)
        printed, told = running.communicate(timeout=PATIENCE_SECONDS)
    assert came, f"the command ended before it was stopped, or nothing came: {told}"
    return Stopped(running.returncode, printed, told.splitlines(), running.pid)


def nobody_is_left(group: int) -> bool:
    """Does no process of a group go on? Those that have ended may be listed for a moment, until somebody is told."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
