"""The flags of Scripts/bench. Run by itself it only says whether they can be used."""

import argparse
import os

from scenarios import BY_NAME


def read():
    parser = argparse.ArgumentParser(
        prog="Scripts/bench", allow_abbrev=False,
        description="Measures what a request costs through Swerve, nginx, HAProxy and a bare relay.",
        epilog="scenarios: " + ", ".join(BY_NAME) + "; all of them without one. "
               "SWERVE_BINARY measures that program instead of building one.")
    parser.add_argument("scenario", nargs="*", help="what to measure")
    parser.add_argument("--rounds", type=int, default=5, help="measure each proxy this often (default: 5; 1 to 100)")
    parser.add_argument("--seconds", type=float, default=2, help="for this long each time (default: 2; 0.2 to 60)")
    parser.add_argument("--json", metavar="FILE", help="also write every figure of every round as JSON")
    parser.add_argument("--svg", metavar="FILE", help="also draw the ratios as a bar chart")
    arguments = parser.parse_intermixed_args()
    for name in arguments.scenario:
        if name not in BY_NAME:
            parser.error(f"there is no scenario {name}; there are {', '.join(BY_NAME)}")
    if not 1 <= arguments.rounds <= 100:
        parser.error(f"--rounds {arguments.rounds}: 1 to 100")
    if not 0.2 <= arguments.seconds <= 60:
        parser.error(f"--seconds {arguments.seconds}: 0.2 to 60")
    for path in filter(None, (arguments.json, arguments.svg)):
        if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
            parser.error(f"{path}: there is no such folder")
    return arguments


if __name__ == "__main__":
    read()
