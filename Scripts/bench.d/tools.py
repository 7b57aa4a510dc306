"""The programs that take part: three compiled here, three found on this machine, and which versions they are."""

import os
import re
import subprocess

from failure import Failure


def _output(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
    return result.stdout


def _version(command):
    found = re.search(r"\d+\.\d+(\.\d+)?(-[a-z]+\w*)?", _output(command))
    return found[0] if found else "unknown"


class Tools:
    """Paths, versions and the two cores: one for the proxies, one for the origin and the load."""

    def __init__(self, folder, swerve, descriptors):
        self.folder = folder
        self.descriptors = descriptors
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            raise Failure("two cores are needed, one for the proxies and one for the origin and the load")
        self.proxy_core, self.load_core = cores[0], cores[1]
        self.origin, self.relay, self.load = (self._compile(name) for name in ("origin", "relay", "load"))
        self.swerve = os.path.abspath(swerve)
        if not os.access(self.swerve, os.X_OK):
            raise Failure(f"{self.swerve} is not a program; see SWERVE_BINARY")
        self.swerve_has_workers = "--workers" in _output([self.swerve, "--help"])
        self.versions = {
            "swerve": _version([self.swerve, "--version"]),
            "nginx": _version(["nginx", "-v"]),
            "haproxy": _version(["haproxy", "-v"]),
        }

    def _compile(self, name):
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.c")
        program = os.path.join(self.folder, name)
        result = subprocess.run(["cc", "-O2", "-o", program, source], stderr=subprocess.PIPE, text=True, timeout=120)
        if result.returncode:
            raise Failure(f"cc cannot compile {source}:\n{result.stderr}")
        return program


def machine():
    """What the figures were measured on."""
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), "unknown")
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "kernel": os.uname().release}
