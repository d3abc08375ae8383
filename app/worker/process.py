"""A worker process that another process starts, watches and stops."""

import os
import subprocess
import sys
import threading

COMMAND = (sys.executable, "-m", "flask", "--app", "app")


class WorkerProcess:
    """The command `worker` with these options, restarted when it ends, and ending with the process that started it."""

    def __init__(self, *options: str) -> None:
        self._command = [*COMMAND, "worker", *options, "--parent", str(os.getpid())]
        self._stopping = threading.Event()
        self._process = self._start()
        self._watch = threading.Thread(target=self._keep_alive, daemon=True)
        self._watch.start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=os.environ)  # noqa: S603 -- our own command, no input in it

    def _keep_alive(self) -> None:
        while not self._stopping.is_set():
            self._process.wait()
            if not self._stopping.wait(1.0):
                self._process = self._start()

    def terminate(self) -> None:
        """Ask it to stop. `wait` comes next."""
        self._stopping.set()
        self._process.terminate()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has stopped. What takes longer is killed: its unfinished job is run again."""
        self._watch.join(seconds)
        if self._watch.is_alive():
            self._process.kill()
            self._watch.join()
