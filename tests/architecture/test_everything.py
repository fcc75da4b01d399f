"""`make test` and `make check` run every part, whatever one of them says."""

import subprocess
from types import SimpleNamespace

import pytest

from tests import everything


@pytest.fixture
def made(monkeypatch):
    """The targets that were made; of `sqlite` two tests fail, and `types` fails without a test."""
    names = []

    def make(command, **_):
        names.append(command[1])
        said = {
            "sqlite": "FAILED tests/x.py::test_y\n= 2 failed, 5 passed in 3.20s =\n",
            "rules": "3 passed in 1.00s\n",
            "types": "Found 1 error in 1 file\n",
        }
        return SimpleNamespace(returncode=command[1] in {"sqlite", "types"}, stdout=said.get(command[1], ""))

    monkeypatch.setattr(subprocess, "run", make)
    return names


def ended(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["everything", *arguments])
    with pytest.raises(SystemExit) as end:
        everything.main()
    return end.value.code


def test_every_part_runs_also_after_one_that_failed_and_the_end_says_how_to_run_that_alone(made, monkeypatch, capsys):
    assert ended(monkeypatch) == 1
    assert set(made) == {*everything.QUICK, *everything.LONG}
    said = capsys.readouterr().out
    assert said.endswith(
        "\nFailed: types. To run it alone: make types\nFailed: sqlite. To run it alone: make sqlite\n8 passed, 3 failed\n"
    )
    assert "FAILED tests/x.py::test_y" in said


def test_the_quick_check_leaves_out_what_needs_a_database_or_a_browser(made, monkeypatch):
    assert ended(monkeypatch, "--quick") == 1
    assert set(made) == set(everything.QUICK)


def test_nothing_failed_ends_well(monkeypatch, capsys):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=0, stdout="4 passed in 0.10s\n"))
    assert ended(monkeypatch, "--quick") == 0
    assert capsys.readouterr().out.endswith("\n20 passed, 0 failed\n")
