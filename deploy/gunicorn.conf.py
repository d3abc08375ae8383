"""Settings of gunicorn, for `gunicorn --config deploy/gunicorn.conf.py`. It stands behind a proxy, never alone."""

import os
from typing import Any

wsgi_app = "app:create_app()"
bind = os.environ.get("BIND", "127.0.0.1:8000")
# One for each core; each has threads for requests that wait for the database.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 8
# Above the time that a file may be read, below that of the proxy.
timeout = 80
# Requests that are being answered are finished when the service is stopped or reloaded.
graceful_timeout = 30
keepalive = 5
# A process is replaced now and then, not all at the same time.
max_requests = 20_000
max_requests_jitter = 2_000
# The site itself decides which proxies it believes: TRUSTED_PROXIES and PROXY_ADDRESSES.
forwarded_allow_ips = ""
# The site logs requests itself, without addresses: LOG_FORMAT=json.
accesslog = None


def child_exit(_server: Any, worker: Any) -> None:
    """Take the figures of a process that ended out of the shared folder, where there is one."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
