"""Folders, small disks and processes of the proofs, all put away at the end, also after Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_undo: list[Callable[[], object]] = []
"""What is still to be put away, the latest last."""


@contextmanager
def cleared() -> Iterator[None]:
    """Puts away whatever is left, however this ends."""
    try:
        yield
    finally:
        with ExitStack() as stack:
            while _undo:
                stack.callback(_undo.pop(0))


def at_the_end(undo: Callable[[], object]) -> Callable[[], None]:
    """Notes something to be put away; returns what does it now instead."""
    _undo.append(undo)

    def now() -> None:
        with suppress(ValueError):
            _undo.remove(undo)
            undo()

    return now


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach too, gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="homeward-faults-"))
    made.chmod(0o755)
    forget = at_the_end(lambda: shutil.rmtree(made, ignore_errors=True))
    try:
        yield made
    finally:
        forget()


class NeedsRoot(Exception):
    """A small disk can only be mounted by root."""


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A disk of this size, in memory, gone afterwards. Raises NeedsRoot when this user may not mount one."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or not mount or not umount:
        raise NeedsRoot("To mount a small disk this proof needs root on Linux: sudo make faults")
    with folder() as place:
        options = f"size={megabytes}m,mode=0755"
        made = subprocess.run(
            [mount, "-t", "tmpfs", "-o", options, "homeward", str(place)], capture_output=True, check=False
        )
        if made.returncode:
            raise NeedsRoot(f"This machine refuses to mount a small disk: {made.stderr.decode().strip()}")
        forget = at_the_end(lambda: subprocess.run([umount, "-l", str(place)], check=False))
        try:
            yield place
        finally:
            forget()


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of a process and all its children, and waits until they are gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)
