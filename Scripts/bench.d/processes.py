"""Child processes: started on one core, watched for time and memory, and gone when the bench is."""

import ctypes
import os
import resource
import select
import signal
import subprocess
import time

from failure import Failure

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def raise_descriptor_limit(wanted=65536):
    """Raises the limit of open files as far as this user may, for every child to inherit; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard >= wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
        return wanted
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return hard


def _end_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """One program pinned to one core. Its standard output can be read by lines, its standard error is in a file."""

    def __init__(self, name, command, core, folder, cwd=None):
        self.name = name
        self._log_path = os.path.join(folder, f"{name}-{time.monotonic_ns()}.log")
        self._unread = b""
        with open(self._log_path, "wb") as log:
            # A session of its own keeps the terminal's Ctrl-C away: the bench stops its children itself, in order.
            self._process = subprocess.Popen(
                ["taskset", "-c", str(core), *map(str, command)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=0, cwd=cwd or folder,
                start_new_session=True, preexec_fn=_end_with_parent)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def log(self):
        with open(self._log_path, errors="replace") as log:
            return log.read()

    def alive(self):
        return self._process.poll() is None

    def fail(self, what):
        tail = "\n".join(f"    {line}" for line in self.log().splitlines()[-8:])
        raise Failure(f"{self.name}: {what}" + (f"\n{tail}" if tail else ""))

    def send_line(self, text):
        try:
            self._process.stdin.write(text.encode() + b"\n")
        except BrokenPipeError:
            self.fail("ended too early")

    def read_line(self, timeout):
        deadline = time.monotonic() + timeout
        while b"\n" not in self._unread:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                self.fail(f"said nothing for {timeout:.0f} s")
            part = os.read(self._process.stdout.fileno(), 65536)
            if not part:
                self._process.wait(5)
                self.fail("ended too early")
            self._unread += part
        line, self._unread = self._unread.split(b"\n", 1)
        return line.decode()

    def _family(self):
        """The process and those it started, parents first."""
        family, index = [self._process.pid], 0
        while index < len(family):
            pid = family[index]
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as children:
                    family += [int(child) for child in children.read().split()]
            except OSError:
                pass
            index += 1
        return family

    def _workers(self):
        """Those that do the work: the children of a process that has any."""
        family = self._family()
        return family[1:] or family

    def cpu_ns(self):
        """User and system time so far, of all threads, to the nanosecond: the CPU-time clocks of the processes."""
        if not self.alive():
            self.fail("ended too early")
        return sum(time.clock_gettime_ns((~pid << 3) | 2) for pid in self._workers())

    def rss_kib(self):
        total = 0
        for pid in self._workers():
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                total += next(int(line.split()[1]) for line in rollup if line.startswith("Rss:"))
        return total

    def stop(self):
        family = self._family() if self.alive() else []
        self._process.stdin.close()
        if self.alive():
            self._process.terminate()
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                for pid in family:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                self._process.wait(5)
        self._process.stdout.close()
