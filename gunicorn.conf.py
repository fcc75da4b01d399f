"""How gunicorn serves Homeward: `gunicorn wsgi:app` in this folder reads this file by itself.

Its own time limit ends a worker that hangs; Homeward cuts a slow upload two seconds before, and keeps the worker.
"""

bind = "127.0.0.1:8080"
workers = 2
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 30
