"""Mixed traffic with faults against the release binary. Called by Scripts/soak."""

import argparse
import os
import secrets
import shutil
import signal
import sys
import time

import abuse
import report
from processes import Failure, raise_descriptor_limit
from run import Soak


def _progress(text, last=[0.0]):
    """One line on the terminal that is always the latest; nothing if nobody watches."""
    if sys.stderr.isatty() and time.monotonic() > last[0] + 0.2:
        last[0] = time.monotonic()
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\033[K" + text[:width])
        sys.stderr.flush()


def _arguments():
    parser = argparse.ArgumentParser(prog="Scripts/soak", description=__doc__)
    parser.add_argument("minutes", nargs="?", type=float, default=10, help="how long (default: 10)")
    parser.add_argument("--seed", default=None, help="repeat the choices of another run")
    parser.add_argument("--clients", type=int, default=64, help="how many at a time (default: 64)")
    parser.add_argument("--abuse", nargs="*", choices=[*abuse.SCENARIOS], metavar="NAME",
                        help=f"instead: these scenarios of abuse, or all of {', '.join(abuse.SCENARIOS)}")
    return parser.parse_args()


def _interrupt(*_):
    raise KeyboardInterrupt


def _soak(wanted):
    seed = wanted.seed or secrets.token_hex(4)
    print(f"soak: {wanted.minutes:g} minutes, seed {seed}", flush=True)
    soak = Soak(os.environ["SWERVE_BINARY"], wanted.minutes * 60, seed, wanted.clients, _progress)
    failure = None
    try:
        soak.run()
    except Failure as error:
        failure = str(error)
    if soak.judge is None:
        print(f"soak: {failure}", file=sys.stderr)
        return 1
    print(report.requests_table(soak.judge))
    print(report.faults_line(soak.faults))
    print(report.samples_table(soak.samples))
    for text in soak.judge.violations:
        print(f"soak: {text}", file=sys.stderr)
    if failure:
        print(f"soak: {failure}", file=sys.stderr)
    if failure or soak.judge.violation_count:
        for text in soak.swerve_log[-20:]:
            print(f"    {text}", file=sys.stderr)
        print(f"soak: failed with {soak.judge.violation_count} violations; again with "
              f"Scripts/soak {wanted.minutes:g} --seed {seed}", file=sys.stderr)
        return 1
    print("soak: nothing was lost, wrong or left behind")
    return 0


def main():
    wanted = _arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    raise_descriptor_limit()
    try:
        if wanted.abuse is not None:
            names = wanted.abuse or list(abuse.SCENARIOS)
            return 0 if abuse.run(os.environ["SWERVE_BINARY"], names) else 1
        return _soak(wanted)
    except KeyboardInterrupt:
        print("soak: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
