"""Measures what a request costs through Swerve, nginx, HAProxy and a bare relay. Called by Scripts/bench."""

import datetime
import json
import os
import shutil
import signal
import sys
import tempfile

import arguments
import chart
import report
from failure import Failure
from figures import summarise
from goals import goals_of
from measure import Bench
from processes import raise_descriptor_limit
from scenarios import SCENARIOS
from tools import Tools, machine


def _progress(text):
    """One line on the terminal that is always the latest; nothing if nobody watches."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\033[K" + text[:width])
        sys.stderr.flush()


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)


def _interrupt(*_):
    raise KeyboardInterrupt


def _bench(wanted, folder):
    """A scenario that cannot be measured costs the exit status, not the others."""
    tools = Tools(folder, os.environ["SWERVE_BINARY"], raise_descriptor_limit())
    results = {"date": datetime.date.today().isoformat(), "machine": machine(), "versions": tools.versions,
               "rounds": wanted.rounds, "seconds": wanted.seconds, "scenarios": [], "goals": []}
    names = ", ".join(f"{name} {version}" for name, version in tools.versions.items())
    print(f"{results['date']}: {names}; {results['machine']['cpu']}, Linux {results['machine']['kernel']}; "
          f"{wanted.rounds} rounds of {wanted.seconds:g} s", flush=True)
    bench = Bench(tools, wanted.rounds, wanted.seconds, _progress)
    failed = False
    try:
        for scenario in SCENARIOS:
            if wanted.scenario and scenario.name not in wanted.scenario:
                continue
            try:
                summary = summarise(scenario, *bench.run(scenario))
            except Failure as failure:
                _progress("")
                print(f"\nbench: {failure}", file=sys.stderr, flush=True)
                failed = True
                continue
            results["scenarios"].append(summary)
            results["goals"] += goals_of(summary)
            _progress("")
            print("\n" + report.scenario_table(summary), flush=True)
    finally:
        _progress("")
        if results["scenarios"]:
            print("\n" + report.goals_table(results["goals"]), flush=True)
            if any(summary["noisy"] for summary in results["scenarios"]):
                print(report.NOISY)
            if wanted.json:
                _write(wanted.json, json.dumps(results, indent=1, ensure_ascii=False) + "\n")
            if wanted.svg:
                _write(wanted.svg, chart.draw(results))
    return 1 if failed else 0


def main():
    wanted = arguments.read()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with tempfile.TemporaryDirectory(prefix="swerve-bench-") as folder:
            return _bench(wanted, folder)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
