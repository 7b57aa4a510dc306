"""A soak: mixed traffic and random faults, slice by slice, with a look at the process after each."""

import os
import random
import sys
import threading
import time
from collections import deque

from faults import BackendProcess, Faults
from judge import Judge, Record
from processes import Child, Failure, Swerve, json_lines

BACKENDS = 5
CLIENT_PROCESSES = 2
#: What the process may keep beyond its first settled sample.
RESIDENT_BOUND_KIB = 8 * 1024
#: What it may use of a processor when nothing happens but probes.
REST_CPU_BOUND = 0.10
_FLAGS = ["--health-interval", "500ms", "--health-timeout", "1s", "--health-fall", "2", "--health-rise", "2",
          "--connect-timeout", "1s", "--response-timeout", "3s", "--read-timeout", "3s",
          "--client-header-timeout", "10s", "--client-body-timeout", "10s", "--client-idle-timeout", "60s",
          "--tunnel-timeout", "60s", "--drain-timeout", "5s"]
#: Seconds between a client's last word and the verdict, so that every backend has been heard.
_VERDICT_DELAY = 1.5
_SLICE = 60.0


class Sample:
    """What the process holds at one moment of rest."""

    def __init__(self, name, requests, resident, descriptors, cpu):
        self.name = name
        self.requests = requests
        self.resident = resident
        self.descriptors = descriptors
        self.cpu = cpu


class Soak:
    def __init__(self, binary, seconds, seed, actors, progress):
        self._binary = binary
        self._seconds = seconds
        self.seed = seed
        self._actors = actors
        self._progress = progress
        self._folder = os.path.dirname(os.path.abspath(__file__))
        self._lock = threading.Lock()
        self._records = deque()
        self._resting = set()
        self.samples = []
        self.requests = 0
        self._backends = []
        self._waiting = set()
        self._seen = set()
        self.judge = None
        self.faults = None
        self.swerve_log = []

    # What the processes say

    def _backend_said(self, message):
        if message[0] == "W":
            return self._acknowledge(message[1], self._waiting, self._seen)
        with self._lock:
            self.judge.backend_said(message)

    def _acknowledge(self, rid, mine, theirs):
        """Tells the backends once both are so: the client has its first event, and a backend waits to hear of it."""
        with self._lock:
            mine.add(rid)
            if rid not in theirs:
                return
            mine.discard(rid)
            theirs.discard(rid)
        for backend in self._backends:
            backend.say(f"acknowledge {rid}")

    def _client_said(self, index):
        def take(message):
            match message:
                case ["C", *parts]:
                    self._records.append(Record(*parts))
                    self.requests += 1
                case ["S", rid]:
                    self._acknowledge(rid, self._seen, self._waiting)
                case ["R", _]:
                    self._resting.add(index)
                case ["X", _, text]:
                    with self._lock:
                        self.judge.violation(f"client: {text}")
        return json_lines(take)

    # The run

    def run(self):
        clients, swerve = [], None
        backends = self._backends
        try:
            for index in range(BACKENDS):
                backends.append(BackendProcess(index, self._folder, self._backend_said_early))
            self.judge = Judge([backend.endpoint for backend in backends])
            self.faults = Faults(backends, random.Random(f"{self.seed}/faults"))
            swerve = Swerve(self._binary, [backend.endpoint for backend in backends], _FLAGS, self._folder)
            for index in range(CLIENT_PROCESSES):
                clients.append(Child(
                    f"clients {index}",
                    [sys.executable, f"{self._folder}/client.py", "ab"[index], swerve.port, BACKENDS, self.seed,
                     self._actors // CLIENT_PROCESSES], self._client_said(index)))
            self._soak(swerve, backends, clients)
            status = swerve.stop(15)
            if status != 0:
                self.judge.violation(f"asked to stop at rest, swerve ended with {status} instead of 0")
            if swerve.malformed_line is not None:
                self.judge.violation(f"a line of the access log: {swerve.malformed_line[:200]!r}")
        finally:
            for process in [*clients, *backends]:
                process.end()
            if swerve:
                swerve.stop(0.1)
                self.swerve_log = [f"{moment:.3f} {text}" for moment, text in swerve.lines()]

    def _backend_said_early(self, message):
        if self.judge is not None:
            self._backend_said(message)

    def _soak(self, swerve, backends, clients):
        self._sample("start", swerve)
        warm_up = min(20.0, self._seconds * 0.35)
        end = time.monotonic() + self._seconds
        self._slice(swerve, clients, warm_up)
        self._settle("settled", swerve, backends, clients)
        number = 0
        while (left := end - time.monotonic()) > 1:
            number += 1
            self._slice(swerve, clients, min(_SLICE, left))
            self._settle(f"slice {number}", swerve, backends, clients)

    def _slice(self, swerve, clients, seconds):
        self._resting.clear()
        for client in clients:
            client.say("go")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._step(swerve, clients, may_strike=True)

    def _step(self, swerve, clients, may_strike):
        swerve.expect_alive()
        for backend in self._backends:
            backend.expect_alive()
        for client in clients:
            if client.status() is not None:
                raise Failure(f"{client.name} ended with {client.status()}")
        self.faults.step(may_strike)
        self._judge(swerve)
        self._progress(f"{self.requests} requests, {sum(self.faults.counts.values())} faults, "
                       f"{self.judge.violation_count} violations")
        time.sleep(0.05)

    def _judge(self, swerve):
        """Judges what is old enough, and nothing that a frozen backend has still to tell of."""
        with self._lock:
            self.judge.windows += self.faults.windows
            self.faults.windows.clear()
            self.judge.read_log(swerve.lines())
        now = time.monotonic()
        frozen = [window.start for window in self.judge.windows if window.kind == "freeze"
                  and (window.end is None or window.end > now - _VERDICT_DELAY)]
        while self._records:
            record = self._records[0]
            if record.end > now - _VERDICT_DELAY or any(record.end > start for start in frozen):
                break
            self._records.popleft()
            with self._lock:
                self.judge.judge(record)
        with self._lock:
            self.judge.forget(now - 90)

    # Rest

    def _settle(self, name, swerve, backends, clients):
        """Lets everything come to rest and looks at what the process still holds."""
        for client in clients:
            client.say("rest")
        self._until("every client is at rest", 60, swerve, clients,
                    lambda: len(self._resting) == len(clients) and self.faults.is_quiet)
        self._until("every request is judged", 20, swerve, clients, lambda: not self._records)
        self._until("every backend is up again", 20, swerve, clients, self.judge.all_up)
        # What rests in the balancer's pools would hide what is lost.
        for backend in backends:
            backend.say("idle")
        time.sleep(0.5)
        self._sample(name, swerve)

    def _until(self, what, limit, swerve, clients, condition):
        end = time.monotonic() + limit
        while not condition():
            if time.monotonic() > end:
                raise Failure(f"after {limit} s it is not so that {what}")
            self._step(swerve, clients, may_strike=False)

    def _sample(self, name, swerve):
        before, start = swerve.cpu_seconds(), time.monotonic()
        descriptors = []
        while time.monotonic() < start + 1.5:
            # A probe holds one for a moment.
            descriptors.append(swerve.descriptors())
            time.sleep(0.02)
        cpu = (swerve.cpu_seconds() - before) / (time.monotonic() - start)
        self.samples.append(Sample(name, self.requests, swerve.resident_kib(), min(descriptors), cpu))
        self._check_sample()

    def _check_sample(self):
        last = self.samples[-1]
        if last.cpu > REST_CPU_BOUND:
            self.judge.violation(f"{last.name}: {last.cpu:.0%} of a processor at rest")
        if len(self.samples) < 3:
            return
        first = self.samples[1]
        if last.descriptors > first.descriptors:
            self.judge.violation(f"{last.name}: {last.descriptors} descriptors, {first.descriptors} when settled")
        if last.resident > first.resident + RESIDENT_BOUND_KIB:
            self.judge.violation(f"{last.name}: {last.resident} KiB resident, {first.resident} when settled")
