"""A demo that another version made is put aside; one of today's is left alone, and so is one that is being served."""

from __future__ import annotations

import socket
import sqlite3
import sys
from contextlib import closing

import pytest
from sqlalchemy import text

from app.database import db
from demo import serve


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("DATABASE", "OLD", "MADE_FOR"):
        monkeypatch.setattr(serve, name, tmp_path / getattr(serve, name).name)
    monkeypatch.setattr(serve, "FOLDER", tmp_path)
    serve.DATABASE.write_bytes(b"a demo")
    return tmp_path


def test_a_demo_of_todays_tables_is_left_alone(folder):
    serve.MADE_FOR.write_text(serve.tables_digest(), encoding="ascii")
    serve.put_aside_what_is_old()
    assert serve.DATABASE.read_bytes() == b"a demo"
    assert not serve.OLD.exists()


@pytest.mark.parametrize("mark", [None, "0" * 64])
def test_a_demo_of_other_tables_is_kept_beside_and_said(folder, mark, capsys):
    if mark:
        serve.MADE_FOR.write_text(mark, encoding="ascii")
    serve.OLD.write_bytes(b"an older one")
    serve.put_aside_what_is_old()
    assert not serve.DATABASE.exists()
    assert serve.OLD.read_bytes() == b"a demo"
    assert "another version of Homeward" in capsys.readouterr().out


def test_where_there_is_no_demo_nothing_is_said(folder, capsys):
    serve.DATABASE.unlink()
    serve.put_aside_what_is_old()
    assert capsys.readouterr().out == ""


def test_what_was_not_yet_written_into_the_database_moves_along(folder):
    for ending in ("-wal", "-shm"):
        (folder / f"demo.sqlite{ending}").write_text(f"today's{ending}", "ascii")
        (folder / f"demo.old.sqlite{ending}").write_text("an older one", "ascii")
    serve.put_aside_what_is_old()
    for ending in ("-wal", "-shm"):
        assert not (folder / f"demo.sqlite{ending}").exists()
        assert (folder / f"demo.old.sqlite{ending}").read_text("ascii") == f"today's{ending}"


def one_row(say):
    db.session.execute(text("CREATE TABLE sown (said TEXT)"))
    db.session.execute(text("INSERT INTO sown VALUES ('a demo')"))
    db.session.commit()


def test_a_demo_that_was_set_up_says_for_which_tables_and_is_not_put_aside(folder, monkeypatch):
    serve.DATABASE.unlink()
    monkeypatch.setattr(serve, "seed", one_row)
    serve.set_up()
    with closing(sqlite3.connect(serve.DATABASE)) as seen:
        assert seen.execute("SELECT said FROM sown").fetchall() == [("a demo",)]
    assert serve.MADE_FOR.read_text("ascii") == serve.tables_digest()
    made = serve.DATABASE.read_bytes()
    serve.put_aside_what_is_old()
    assert serve.DATABASE.read_bytes() == made != b""
    assert not serve.OLD.exists()


@pytest.mark.parametrize("asked", [[], ["--reset"]])
def test_a_second_demo_at_the_same_address_touches_nothing_and_says_why(folder, monkeypatch, asked):
    with socket.socket() as first:
        first.bind(("127.0.0.1", 0))
        first.listen()
        monkeypatch.setenv("HOST", "127.0.0.1")
        monkeypatch.setenv("PORT", str(first.getsockname()[1]))
        monkeypatch.setattr(sys, "argv", ["serve", *asked])
        with pytest.raises(SystemExit, match="If a demo runs there already"):
            serve.main()
    assert serve.DATABASE.read_bytes() == b"a demo"
    assert [one.name for one in folder.iterdir()] == ["demo.sqlite"]
