"""One process as `make demo` runs it: waitress with eight threads, and the timetable ticking in it."""

from __future__ import annotations

import sys

import waitress

import wsgi
from app.scheduler import Timekeeper

THREADS = 8


def main() -> None:
    """Serves until killed."""
    house = wsgi.build()
    Timekeeper(house).start()
    waitress.serve(house, host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS, ident=None, _quiet=True)


if __name__ == "__main__":
    main()
