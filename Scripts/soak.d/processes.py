"""The processes of a soak: started, talked to by lines, looked at through /proc, and gone when the soak is."""

import ctypes
import json
import os
import re
import resource
import signal
import subprocess
import threading
import time

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_SET_PIPE_SIZE = 1031


class Failure(Exception):
    """What ends a soak with a sentence instead of a trace."""


def raise_descriptor_limit():
    """Raises the limit of open files to what this user may have; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _end_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """One process, whose output lines are handed to `take` on a thread of their own."""

    def __init__(self, name, command, take, errors=None):
        self.name = name
        self._ended = False
        self._process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            bufsize=0, preexec_fn=_end_with_parent,
            env={name: value for name, value in os.environ.items() if not name.startswith("SWERVE_")})
        self._enlarge(self._process.stdout)
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout, take), daemon=True)
        self._reader.start()

    @staticmethod
    def _enlarge(pipe):
        """A full pipe would hold the process up and look like a fault of it."""
        try:
            import fcntl
            fcntl.fcntl(pipe, _SET_PIPE_SIZE, 1 << 20)
        except OSError:
            pass

    @staticmethod
    def _read(pipe, take):
        rest = b""
        while data := os.read(pipe.fileno(), 1 << 18):
            lines = (rest + data).split(b"\n")
            rest = lines.pop()
            take(lines)
        pipe.close()

    @property
    def pid(self):
        return self._process.pid

    def say(self, line):
        try:
            self._process.stdin.write(line.encode() + b"\n")
        except (OSError, ValueError):
            # It has ended, and its input may be closed already.
            pass

    def status(self):
        return self._process.poll()

    def signal(self, number):
        if self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, limit):
        """The exit status, or `None` when the process is still there."""
        try:
            return self._process.wait(limit)
        except subprocess.TimeoutExpired:
            return None

    def end(self):
        """Kills the process if it is there, and waits until its output is read."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._reader.join(10)


def json_lines(take):
    """A reader of lines that hands each one, parsed, to `take`."""
    def read(lines):
        for line in lines:
            take(json.loads(line))
    return read


class Swerve:
    """The balancer under soak."""

    def __init__(self, binary, backends, flags, log_folder, workers=2, descriptors=None):
        self.log = []
        self._lock = threading.Lock()
        self._port = None
        self._ready = threading.Event()
        self.access_lines = 0
        self.malformed_line = None
        arguments = [word for backend in backends for word in ("--backend", backend)]
        command = [binary, *arguments, "--listen", "127.0.0.1:0", "--workers", workers, *flags]
        if descriptors:
            command = ["prlimit", f"--nofile={descriptors}:{descriptors}", *command]
        reading, writing = os.pipe()
        self._errors = threading.Thread(target=Child._read, args=(os.fdopen(reading, "rb"), self._take_errors),
                                        daemon=True)
        self._child = Child("swerve", command, self._take_access, errors=writing)
        os.close(writing)
        self._errors.start()
        if not self._ready.wait(20):
            self._child.end()
            raise Failure(f"swerve did not start: {self.last_words()}")

    def _take_access(self, lines):
        self.access_lines += len(lines)
        for line in lines:
            if not line.startswith(b"[INSPECT] Method: ") and self.malformed_line is None:
                self.malformed_line = line

    def _take_errors(self, lines):
        now = time.monotonic()
        for line in lines:
            text = line.decode("utf-8", "replace")
            with self._lock:
                self.log.append((now, text))
            found = re.search(r"listening on http://\S*:(\d+)", text)
            if found:
                self._port = int(found[1])
                self._ready.set()

    @property
    def port(self):
        return self._port

    @property
    def pid(self):
        return self._child.pid

    def last_words(self):
        with self._lock:
            return "\n".join(text for _, text in self.log[-8:])

    def lines(self):
        with self._lock:
            return list(self.log)

    def status(self):
        return self._child.status()

    def expect_alive(self):
        if self.status() is not None:
            raise Failure(f"swerve ended with {self.status()}:\n{self.last_words()}")

    def stop(self, limit):
        """Asks for a clean stop; returns the exit status, `None` when it does not come in time."""
        self._child.signal(signal.SIGTERM)
        status = self._child.wait(limit)
        self._child.end()
        return status

    # Measured

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident_kib(self, name="VmRSS"):
        with open(f"/proc/{self.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name + ":"))

    def cpu_seconds(self):
        """User and system time of all threads so far."""
        return time.clock_gettime((~self.pid << 3) | 2)
