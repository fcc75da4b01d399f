"""How gunicorn serves Homeward: `gunicorn wsgi:app` in this folder reads this file by itself.

Its own time limit ends a worker that hangs; Homeward cuts a slow upload two seconds before, and keeps the worker. Every
request has an end of its own: 8 s for a statement of a page, 35 s for one of bulk work
while the database answers, 5 s for a connection and for a lock.

For numbers of all workers together set PROMETHEUS_MULTIPROC_DIR to an empty folder before the start.
"""

import os

import gunicorn.http.wsgi

from app.logs import logging_settings

bind = os.environ.get("BIND", "127.0.0.1:8080")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 30
graceful_timeout = 30
keepalive = 5

# A stranger need not know which server answers; gunicorn has no setting for that.
gunicorn.http.wsgi.SERVER = "web"

# One line a request comes from Homeward itself, by the rule of its address; gunicorn's would hold the address.
accesslog = None
logconfig_dict = logging_settings(os.environ.get("LOG_FORMAT", "json"), os.environ.get("LOG_LEVEL", "INFO"))


def child_exit(_server, worker):  # noqa: ANN001, ANN201 (gunicorn's types are its own)
    """Takes a worker that has ended out of the numbers of what is now."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
