"""Drives the load generator: one process for each measurement, told when to begin."""

import json
import os

from processes import Child


class Load(Child):
    """A load on one port. Once entered, its connections are open and warm; `measure` may then be called repeatedly."""

    def __init__(self, tools, scenario, port, seconds, connections=None, in_flight=0, sources=0, rate=0, warmup=0.2):
        path = os.path.join(tools.folder, f"request-{scenario.name}")
        if not os.path.exists(path):
            with open(path, "wb") as file:
                file.write(scenario.request())
        command = [tools.load, "--to", f"127.0.0.1:{port}", "--request", path, "--answer", scenario.answer,
                   "--connections", connections or scenario.connections, "--seconds", seconds, "--warmup", warmup,
                   "--in-flight", in_flight, "--sources", sources, "--rate", rate]
        if scenario.close:
            command.append("--close")
        super().__init__("load", command, tools.load_core, tools.folder)
        self._seconds = seconds

    def __enter__(self):
        try:
            self.read_line(60)
        except BaseException:
            self.stop()
            raise
        return self

    def measure(self, proxy):
        """One measurement with what it cost `proxy`."""
        before = proxy.child.cpu_ns()
        self.send_line("go")
        result = json.loads(self.read_line(self._seconds + 30))
        cpu = proxy.child.cpu_ns() - before
        errors = {name: result.pop(name) for name in ("bad_status", "bad_length", "broken") if name in result}
        result["errors"] = sum(errors.values())
        result["error_kinds"] = {name: count for name, count in errors.items() if count}
        requests = result["requests"]
        if requests == 0:
            proxy.child.fail("no request was answered")
        result["cpu_us"] = cpu / 1000 / requests
        result["busy"] = cpu / 1e9 / result["seconds"]
        result["rate"] = requests / result["seconds"]
        result["rss_kib"] = proxy.child.rss_kib()
        return result
