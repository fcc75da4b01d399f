"""The scanner: a command of the council's own that looks at every uploaded file before anything reads it."""

from __future__ import annotations

import logging
import shlex
import subprocess
from typing import IO

from flask import current_app

from app.tasks.kinds import Refused

INFECTED = 1
log = logging.getLogger(__name__)


def refuse_infected(file: IO[bytes]) -> None:
    """Gives the file to SCAN_COMMAND on its standard input; raises Refused unless the command ends with 0.

    Without a command nothing is scanned. A scanner that fails or does not end in time is no reason to let a file in.
    """
    config = current_app.extensions["config"]
    if not config.scan_command:
        return
    code = _answer(shlex.split(config.scan_command), file, config.scan_seconds)
    if code == INFECTED:
        raise Refused("The scanner found harmful content in this file, so nothing of it was read. Tell your IT team.")
    if code != 0:
        log.error("the scanner did not answer", extra={"code": code})
        raise Refused("The file could not be scanned, so nothing of it was read. Try again later.")


def _answer(command: list[str], file: IO[bytes], seconds: int) -> int | None:
    """How the command ended; None when it did not."""
    file.seek(0)
    try:
        done = subprocess.run(  # noqa: S603 (the command is a setting of whoever runs Homeward)
            command, stdin=file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    finally:
        file.seek(0)
    return done.returncode
