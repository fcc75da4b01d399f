"""The two builds that `--beside` compares: copies in a temporary folder, each an installed checkout of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config import ROOT

UV = ROOT / ".venv" / "bin" / "uv"
STYLES = Path("app", "static", "govuk")


@dataclass(frozen=True, slots=True)
class Build:
    """A checkout with everything installed that its locks name."""

    name: str
    folder: Path

    @property
    def python(self) -> Path:
        """The Python of its own environment."""
        return self.folder / ".venv" / "bin" / "python"


@contextmanager
def builds(revision: str) -> Iterator[tuple[Build, Build]]:
    """The present build, as its files are now, and that of an older revision; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="homeward-beside-"))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own
    present, older = Build("present", folder / "present"), Build(revision, folder / "older")
    try:
        _copy_files(present.folder)
        _git("worktree", "add", "--quiet", "--detach", str(older.folder), revision)
        for build in (present, older):
            print(f"Installing what the {build.name} build needs …", flush=True)
            _install(build)
        yield present, older
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _git("worktree", "prune")


def _copy_files(target: Path) -> None:
    """What git knows or would add, changed or not."""
    names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in names:
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def _install(build: Build) -> None:
    """An environment from the build's own locks, hashes checked; make finds it installed."""
    environment = build.folder / ".venv"
    locks = [build.folder / "requirements" / name for name in ("core.txt", "dev.txt")]
    _run(build.folder, str(UV), "venv", "--quiet", "--python", sys.executable, str(environment))
    wanted = [argument for lock in locks for argument in ("-r", str(lock))]
    _run(build.folder, str(UV), "pip", "install", "--quiet", "--python", str(build.python), "--require-hashes", *wanted)
    shutil.copy2(UV, environment / "bin" / "uv")
    _build_styles(build)
    (environment / "stamps").mkdir()
    for name in ("uv", "core", "dev"):
        (environment / "stamps" / name).touch()
    (build.folder / STYLES / ".built").touch()


def _build_styles(build: Build) -> None:
    """The style sheets of here serve where the same version of GOV.UK Frontend is locked."""
    if (build.folder / "package-lock.json").read_bytes() == (ROOT / "package-lock.json").read_bytes():
        shutil.copytree(ROOT / STYLES, build.folder / STYLES, dirs_exist_ok=True)
    else:
        _run(build.folder, str(build.python), "-m", "frontend.build")


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True)


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout
