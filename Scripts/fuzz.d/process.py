"""Throws mutated connections at a running balancer and looks at what they left behind."""

import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from client import Load

HERE = pathlib.Path(__file__).resolve().parent
BACKENDS = 8
WARM_UP = 0.2
GROWTH_KIB = 4096
LINE = re.compile(r"\[INSPECT\] Method: \S+ \| Path: \S+ \| User-Agent: [ -~]+ \| Client: 127[.\d]+ \| "
                  r"Backend: \S+ \| Status: \d{3} \| Bytes: \d+ \| Time: [\d.]+m?s(?: \| Error: [ -~]+)?")


class Failure(Exception):
    """Something that should not have come of it."""


class Origin:
    """The scripted backends, in a process of their own."""

    def __init__(self, seed):
        self.process = subprocess.Popen(
            [sys.executable, HERE / "origin.py", str(seed), str(BACKENDS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addresses = json.loads(self.process.stdout.readline())

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


class Balancer:
    """The binary under test, with limits short enough to be reached."""

    def __init__(self, binary, backends, folder):
        self.log = folder / "access.log"
        self.errors = folder / "errors.log"
        command = [binary, "--listen", "127.0.0.1:0", "--health-interval", "0", "--access-log", self.log]
        for name in ("response", "read", "client-header", "client-body", "client-idle", "tunnel"):
            command += [f"--{name}-timeout", "2s"]
        for address in backends:
            command += ["--backend", address]
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        self.address = self.wait_for_address()

    def wait_for_address(self):
        for _ in range(500):
            match = re.search(r"listening on http://([\d.]+):(\d+)", self.errors.read_text(errors="replace"))
            if match:
                return match[1], int(match[2])
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise Failure(f"the balancer did not start: {self.last_words()}")

    def last_words(self):
        """What it said on standard error, once it has said all."""
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            pass
        return self.errors.read_text(errors="replace")[-8000:]

    @property
    def is_alive(self):
        return self.process.poll() is None

    @property
    def has_crashed(self):
        """It is gone, or busy telling why."""
        return not self.is_alive or b"*** " in self.errors.read_bytes()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident(self):
        """Memory in KiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def stop(self):
        if not self.is_alive:
            return self.process.returncode
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def settle(balancer, origin, wanted):
    """Waits until only `wanted` descriptors are open; returns how many are."""
    origin.ask("close")
    for _ in range(200):
        if balancer.has_crashed:
            raise Failure(f"the balancer died: {balancer.last_words()}")
        if balancer.descriptors() <= wanted:
            break
        time.sleep(0.1)
    return balancer.descriptors()


def check_log(path):
    """Nothing that a client sends forges a line."""
    count = 0
    with open(path, "rb") as log:
        for line in log:
            count += 1
            if not LINE.fullmatch(line.decode("latin-1").rstrip("\n")):
                raise Failure(f"an access line that is none: {line!r}")
    return count


def fuzz(options, folder, origin):
    balancer = Balancer(options.binary, origin.addresses, folder)
    try:
        at_rest = balancer.descriptors()
        load = Load(balancer.address, options.seed)
        start = time.monotonic()
        load.run(int(options.connections * WARM_UP))
        warm = settle(balancer, origin, at_rest), balancer.resident()
        load.run(options.connections - int(options.connections * WARM_UP))
        elapsed = time.monotonic() - start
        after = settle(balancer, origin, at_rest), balancer.resident()
        # Whatever happened, the next ones are served.
        load.run(100)
        report = json.loads(origin.ask("report"))
        status = balancer.stop()
        lines = check_log(balancer.log)
    finally:
        balancer.stop()
    print(f"fuzz: {options.connections} connections in {elapsed:.0f} s, {load.answered} of them answered, "
          f"{load.good} of them good ones; {report['requests']} requests reached a backend on "
          f"{report['connections']} connections; {lines} access lines")
    print(f"fuzz: descriptors {at_rest} at rest, {warm[0]} after the warm-up, {after[0]} after all; "
          f"memory {warm[1]} KiB after the warm-up, {after[1]} KiB after all")
    if report["malformed"]:
        raise Failure(f"{len(report['malformed'])} malformed requests, the first: {report['malformed'][0]}")
    if load.wrong:
        raise Failure(f"{len(load.wrong)} good requests went wrong, the first: {load.wrong[0]}")
    if after[0] > at_rest:
        raise Failure(f"{after[0] - at_rest} descriptors stayed open")
    if options.watch_memory and after[1] > warm[1] + GROWTH_KIB:
        raise Failure(f"memory grew by {after[1] - warm[1]} KiB")
    if status != 0:
        raise Failure(f"the balancer ended with {status}: {balancer.last_words()}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--any-memory", dest="watch_memory", action="store_false")
    options = parser.parse_args()
    origin = Origin(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        try:
            fuzz(options, pathlib.Path(folder), origin)
        except Failure as failure:
            print(f"fuzz: {failure}; seed {options.seed}", file=sys.stderr)
            return 1
        finally:
            origin.process.kill()
            origin.process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
