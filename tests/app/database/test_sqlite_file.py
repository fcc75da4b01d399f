"""The file of an SQLite database is its owner's alone."""

from __future__ import annotations

import os
import stat

import wsgi
from app.database import db
from config import Config
from tests.people import KEY


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_nobody_but_its_owner_reads_the_file_nor_what_lies_beside_it(tmp_path):
    path = tmp_path / "care.sqlite"
    path.touch(mode=0o644)
    before = os.umask(0)
    try:
        house = wsgi.build(Config(database_url=f"sqlite:///{path}", secret_key=KEY, testing=True))
        with house.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE one (two INTEGER)")
            assert modes(tmp_path) == dict.fromkeys(("care.sqlite", "care.sqlite-wal", "care.sqlite-shm"), 0o600)
            connection.rollback()
        with house.app_context():
            db.engine.dispose()
    finally:
        os.umask(before)
