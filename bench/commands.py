"""What a person waits for: `make demo` until its first page answers, `make check` and `make test`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress

from bench.builds import Build
from bench.serving import free_port

SERVED_WITHIN = 900.0


def demo_served(build: Build) -> float:
    """Seconds from `make demo` in an installed checkout without data to the first page."""
    shutil.rmtree(build.folder / "instance", ignore_errors=True)
    port = free_port()
    environment = _environment() | {"HOST": "127.0.0.1", "PORT": str(port)}
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(
            ["make", "demo"], cwd=build.folder, env=environment, stdout=told, stderr=told, start_new_session=True
        )
        try:
            while not _answers(port):
                if process.poll() is not None or time.perf_counter() - started > SERVED_WITHIN:
                    told.seek(0)
                    raise RuntimeError(f"The demo of the {build.name} build was not served:\n{told.read()[-3000:]}")
                time.sleep(0.05)
            return time.perf_counter() - started
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def make_done(build: Build, target: str) -> float:
    """Seconds of a target of make that must pass."""
    started = time.perf_counter()
    done = subprocess.run(["make", target], cwd=build.folder, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"`make {target}` of the {build.name} build fails:\n{(done.stdout + done.stderr)[-3000:]}")
    return time.perf_counter() - started


def _environment() -> dict[str, str]:
    """This process's own, without what only the make that started it has to know."""
    return {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}


def _answers(port: int) -> bool:
    page = f"http://127.0.0.1:{port}/"
    with (
        suppress(urllib.error.URLError, ConnectionError, TimeoutError),
        urllib.request.urlopen(page, timeout=30) as got,
    ):
        return bool(got.status == 200)
    return False
