"""Scenarios of abuse: each measures what a hostile or overlarge crowd costs the process and fails beyond its bound."""

import os
import sys
import threading
import time

from faults import BackendProcess
from processes import Child, Failure, Swerve, json_lines

_FLAGS = ["--health-interval", "500ms", "--health-timeout", "2s", "--health-fall", "3",
          "--client-header-timeout", "4s", "--client-body-timeout", "20s", "--client-idle-timeout", "120s",
          "--response-timeout", "20s", "--read-timeout", "20s", "--access-log", "off"]


class Bench:
    """One balancer with its backends, and the processes that abuse it."""

    def __init__(self, binary, flags=(), backends=1, descriptors=None):
        folder = os.path.dirname(os.path.abspath(__file__))
        self._folder = folder
        self._children = []
        self._backends = [BackendProcess(index, folder, self._complain) for index in range(backends)]
        self.complaints = []
        self.swerve = Swerve(binary, [backend.endpoint for backend in self._backends], [*_FLAGS, *flags], folder,
                             descriptors=descriptors)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self._children:
            child.end()
        self.swerve.stop(0.2)
        for backend in self._backends:
            backend.end()

    def _complain(self, message):
        if message[0] == "X":
            self.complaints.append(message[2])

    def flood(self, kind, count, processes=2, home=-1):
        """Starts clients, of one backend if `home` says so; returns them when they are as the kind wants them."""
        floods = []
        for index in range(processes):
            flood = _Flood(self._folder, kind, f"{kind}{index}x", self.swerve.port, count // processes, home,
                           len(self._backends))
            self._children.append(flood.child)
            floods.append(flood)
        for flood in floods:
            flood.expect("ready", 60)
        return floods

    def finish(self, floods, limit=60):
        """Has the clients go on to their end; returns the sums of what they found."""
        for flood in floods:
            flood.child.say("")
        total = {}
        for flood in floods:
            for name, value in flood.expect("done", limit).items():
                total[name] = total.get(name, 0) + value
        self.swerve.expect_alive()
        return total

    def rest(self):
        """Lets the pools empty, so that what is left is what was kept."""
        for backend in self._backends:
            backend.say("idle")
        time.sleep(0.5)

    def said(self, text):
        """How many lines of the balancer's log contain `text`."""
        return sum(text in line for _, line in self.swerve.lines())

    def give_back(self):
        """Waits as well until the memory of a crowd that left had time to go back to the system."""
        self.rest()
        time.sleep(2.5)

    def cpu_over(self, seconds):
        """The share of one processor that the balancer uses for so long."""
        before, start = self.swerve.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        return (self.swerve.cpu_seconds() - before) / (time.monotonic() - start)

    def warm_up(self):
        """Serves a few requests, so that what is allocated once is not counted as growth."""
        self.finish(self.flood("idle", 40))
        self.rest()


class _Flood:
    def __init__(self, folder, kind, name, port, count, home, backend_count):
        self._messages = []
        self.child = Child(name, [sys.executable, f"{folder}/flood.py", kind, name, port, count, home, backend_count],
                           json_lines(self._messages.append))

    def expect(self, what, limit):
        end = time.monotonic() + limit
        while not self._messages:
            if time.monotonic() > end or self.child.status() not in (None, 0):
                raise Failure(f"{self.child.name} is not {what} after {limit} s")
            time.sleep(0.01)
        word, value = self._messages.pop(0)
        if word == "wrong":
            print(f"  a client: {value}", flush=True)
            return self.expect(what, end - time.monotonic())
        if word != what:
            raise Failure(f"{self.child.name}: {value}")
        return value


class Bound:
    """A figure and what it may be at most (or, with `least`, at least)."""

    def __init__(self, name, value, bound, unit="", least=False):
        self.name = name
        self.value = value
        self.bound = bound
        self.unit = unit
        self.least = least

    @property
    def holds(self):
        return self.value >= self.bound if self.least else self.value <= self.bound

    def __str__(self):
        word = "at least" if self.least else "at most"
        mark = "" if self.holds else "  <-- beyond its bound"
        return f"{self.name}: {self.value:.4g}{self.unit} ({word} {self.bound:g}{self.unit}){mark}"


def _all(found, key, asked="asked"):
    return Bound(f"{key} of {found[asked]}", found[key], found[asked], least=True)


def idle(binary):
    """10 000 idle connections, twice."""
    # Each client may need a second descriptor, so the limit of this machine may leave room for fewer.
    with Bench(binary) as bench:
        bench.warm_up()
        count = min(10_000, _most_clients() // 2 * 2)
        before, descriptors = bench.swerve.resident_kib(), bench.swerve.descriptors()
        peaks = []
        for _ in range(2):
            floods = bench.flood("idle", count)
            bench.rest()
            held = bench.swerve.descriptors() - descriptors
            peaks.append(bench.swerve.resident_kib() - before)
            cpu = bench.cpu_over(2)
            found = bench.finish(floods)
            bench.give_back()
        return [Bound("connections", held, count, least=True), Bound("memory for each", peaks[0] / count, 4, " KiB"),
                Bound("CPU meanwhile", cpu * 100, 5, " %"), _all(found, "still good"),
                Bound("descriptors left over", bench.swerve.descriptors() - descriptors, 2),
                # libevent keeps a few bytes for each number a descriptor ever had, and between them the first crowd's
                # memory stays with the C library; the next crowd gets it.
                Bound("memory that the second time takes more", (peaks[1] - peaks[0]) / 1024, 2, " MiB")]


def _most_clients():
    """What `--max-connections auto` comes to under this limit of open files, less a few to spare."""
    import resource
    return (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 200) // 2


def uploads(binary):
    """2 000 uploads that stop in the middle, with 60 000 bytes sent."""
    with Bench(binary) as bench:
        bench.warm_up()
        before, descriptors = bench.swerve.resident_kib(), bench.swerve.descriptors()
        floods = bench.flood("uploads", 2000)
        time.sleep(1)
        each = (bench.swerve.resident_kib() - before) / 2000
        cpu = bench.cpu_over(2)
        found = bench.finish(floods)
        bench.give_back()
        return [Bound("memory for each", each, 96, " KiB"), Bound("CPU meanwhile", cpu * 100, 5, " %"),
                _all(found, "still good"),
                Bound("descriptors left over", bench.swerve.descriptors() - descriptors, 2),
                Bound("memory kept", (bench.swerve.resident_kib() - before) / 1024, 16, " MiB")]


def heads(binary):
    """400 heads of 1 MiB at the same time."""
    with Bench(binary) as bench:
        bench.warm_up()
        before = bench.swerve.resident_kib()
        found = bench.finish(bench.flood("heads", 400))
        peak = bench.swerve.resident_kib("VmHWM") - before
        return [_all(found, "refused"), Bound("memory at the peak for each", peak / 400, 64, " KiB")]


def pipelines(binary):
    """20 connections with 4 000 requests each in one piece, their answers read late."""
    with Bench(binary) as bench:
        bench.warm_up()
        before = bench.swerve.resident_kib()
        found = bench.finish(bench.flood("pipelines", 20))
        peak = bench.swerve.resident_kib("VmHWM") - before
        return [_all(found, "answers"), Bound("memory at the peak for each", peak / 20, 640, " KiB")]


def download(binary):
    """A client that never reads an answer of 1 GiB."""
    with Bench(binary, ["--client-body-timeout", "5s"]) as bench:
        bench.warm_up()
        before = bench.swerve.resident_kib()
        floods = bench.flood("download", 1, processes=1)
        time.sleep(1)
        cpu = bench.cpu_over(2)
        grown = bench.swerve.resident_kib("VmHWM") - before
        time.sleep(5)
        left = bench.swerve.descriptors()
        bench.finish(floods)
        bench.rest()
        return [Bound("memory", grown, 1024, " KiB"), Bound("CPU while it waits", cpu * 100, 3, " %"),
                Bound("descriptors left over after --client-body-timeout", left - bench.swerve.descriptors(), 1)]


def upload(binary):
    """A backend that never reads an upload of 1 GiB."""
    with Bench(binary, ["--read-timeout", "5s"]) as bench:
        bench.warm_up()
        before = bench.swerve.resident_kib()
        floods = bench.flood("upload", 1, processes=1)
        time.sleep(1)
        cpu = bench.cpu_over(2)
        grown = bench.swerve.resident_kib("VmHWM") - before
        found = bench.finish(floods)
        return [Bound("memory", grown, 1024, " KiB"), Bound("CPU while it waits", cpu * 100, 3, " %"),
                Bound("the status after --read-timeout is 504, off by", abs(found["status"] - 504), 0)]


def resets(binary):
    """10 000 connections that open and reset, in every stage of a request."""
    with Bench(binary) as bench:
        bench.warm_up()
        before, descriptors = bench.swerve.resident_kib(), bench.swerve.descriptors()
        bench.finish(bench.flood("resets", 10_000))
        bench.rest()
        good = bench.finish(bench.flood("idle", 40))
        bench.give_back()
        return [_all(good, "still good"),
                Bound("descriptors left over", bench.swerve.descriptors() - descriptors, 2),
                Bound("memory kept", (bench.swerve.resident_kib() - before) / 1024, 8, " MiB")]


def crowd(binary):
    """2 000 connections for a process that may have 400 descriptors."""
    with Bench(binary, descriptors=400) as bench:
        bench.warm_up()
        descriptors = bench.swerve.descriptors()
        floods = bench.flood("crowd", 2000)
        cpu = bench.cpu_over(1)
        most = bench.swerve.descriptors()
        found = bench.finish(floods, limit=90)
        bench.rest()
        good = bench.finish(bench.flood("idle", 40))
        bench.rest()
        return [_all(found, "answered"), Bound("descriptors at the peak", most, 400),
                Bound("CPU meanwhile", cpu * 100, 30, " %"), Bound("backends taken out", bench.said(" down after "), 0),
                _all(good, "still good"),
                Bound("descriptors left over", bench.swerve.descriptors() - descriptors, 2)]


class _Most:
    """The most descriptors seen open while it watches."""

    def __init__(self, swerve):
        self.count = 0
        self._swerve = swerve
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self._over.wait(0.02):
            self.count = max(self.count, self._swerve.descriptors())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def bursts(binary):
    """Bursts of 1 200 clients of one of three backends after the other, for a process that may have 1 024 descriptors."""
    with Bench(binary, ["--health-interval", "100ms"], backends=3, descriptors=1024) as bench:
        bench.warm_up()
        answered = asked = 0
        with _Most(bench.swerve) as most:
            for home in (0, 1, 2, 0, 1, 2):
                found = bench.finish(bench.flood("crowd", 1200, home=home))
                answered, asked = answered + found["answered"], asked + found["asked"]
        return [Bound(f"answered of {asked}", answered, asked, least=True),
                Bound("descriptors at the peak", most.count, 1024 - 32),
                Bound("backends taken out", bench.said(" down after "), 0),
                Bound("lines about a shortage", bench.said("accepting rests") + bench.said("cannot be probed"), 0)]


def squatters(binary):
    """6 000 connections that never say anything, where 2 000 may be, beside 50 clients at work."""
    with Bench(binary, ["--max-connections", "2000"]) as bench:
        bench.warm_up()
        before, descriptors = bench.swerve.resident_kib(), bench.swerve.descriptors()
        floods = bench.flood("squatters", 6000)
        found = bench.finish(bench.flood("working", 50, processes=1))
        grown = bench.swerve.resident_kib() - before
        bench.finish(floods)
        bench.give_back()
        return [Bound("answers", found["answers"], 500, least=True), Bound("wrong answers", found["wrong"], 0),
                Bound("longest wait for one", found["longest"], 5, " s"),
                Bound("memory for each place", grown / 2000, 6, " KiB"), Bound("lines in the log about it", bench.said("let go"), 3),
                Bound("descriptors left over", bench.swerve.descriptors() - descriptors, 2)]


def slow(binary):
    """1 000 heads that arrive a byte at a time."""
    with Bench(binary) as bench:
        bench.warm_up()
        before = bench.swerve.resident_kib()
        floods = bench.flood("slow", 1000)
        good = bench.finish(bench.flood("idle", 100))
        grown = (bench.swerve.resident_kib() - before) / 1000
        found = bench.finish(floods)
        return [_all(found, "timed out"), _all(good, "still good"), Bound("memory for each", grown, 8, " KiB")]


SCENARIOS = {scenario.__name__: scenario for scenario in (
    idle, uploads, heads, pipelines, download, upload, resets, crowd, bursts, squatters, slow)}


def run(binary, names):
    """Runs scenarios; returns whether every bound held."""
    good = True
    for name in names:
        scenario = SCENARIOS[name]
        start = time.monotonic()
        try:
            bounds = scenario(binary)
        except Failure as failure:
            print(f"{name}: {scenario.__doc__}\n  {failure}", flush=True)
            good = False
            continue
        print(f"{name}: {scenario.__doc__} ({time.monotonic() - start:.1f} s)", flush=True)
        for bound in bounds:
            print(f"  {bound}", flush=True)
            good = good and bound.holds
    return good
