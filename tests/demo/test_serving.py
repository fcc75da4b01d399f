"""A demo that another version made is put aside; one of today's is left alone."""

from __future__ import annotations

import pytest

from demo import serve


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("DATABASE", "OLD", "MADE_FOR"):
        monkeypatch.setattr(serve, name, tmp_path / getattr(serve, name).name)
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
