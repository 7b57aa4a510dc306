"""The rounds of each scenario: every proxy in turn, the first one another each time."""

import re
import time
from contextlib import ExitStack

import proxies
import verify
from failure import Failure
from load import Load
from scenarios import BY_NAME, MANY, MANY_BASE, MANY_FLOOR, MANY_FLOOR_BASE

MANY_CONNECTIONS, MANY_BACKENDS, MANY_FILES, MANY_SPARE = 10_000, 1_000, 16_384, 100
RATE_SHARE = 0.7
SETTLE_SECONDS = 0.3


class Bench:
    """Measures scenarios; a result is a list of rounds, each a dictionary from lane to figures, and a remark."""

    def __init__(self, tools, rounds, seconds, progress):
        self.tools = tools
        self.rounds = rounds
        self.seconds = seconds
        self.progress = progress

    def run(self, scenario):
        with ExitStack() as stack:
            origin = proxies.start_origin(stack, self.tools, self.tools.load_core)
            kinds = {"closed": self._closed, "rate": self._rate, "many": self._many, "idle": self._idle}
            return kinds[scenario.kind](stack, scenario, origin)

    def _in_turn(self, scenario, measure):
        rounds = []
        for number in range(self.rounds):
            first = number % len(scenario.lanes)
            figures = {}
            for lane in scenario.lanes[first:] + scenario.lanes[:first]:
                self.progress(f"{scenario.name}: round {number + 1} of {self.rounds}, {lane}")
                figures[lane] = measure(lane)
            rounds.append({lane: figures[lane] for lane in scenario.lanes})
        return rounds

    def _start(self, stack, lane, origin):
        proxy = proxies.START[lane](stack, self.tools, self.tools.proxy_core, origin)
        verify.check(lane, proxy.port, origin, forwards=lane != "relay")
        return proxy

    def _measure(self, scenario, proxy, seconds=None, **options):
        with Load(self.tools, scenario, proxy.port, seconds or self.seconds, **options) as load:
            return load.measure(proxy)

    def _closed(self, stack, scenario, origin):
        running = {lane: self._start(stack, lane, origin) for lane in scenario.lanes}
        return self._in_turn(scenario, lambda lane: self._measure(scenario, running[lane])), scenario.remark

    def _rate(self, stack, scenario, origin):
        """A rate that both peers can hold: a share of the most that the slower one serves, measured just before."""
        running = {lane: self._start(stack, lane, origin) for lane in scenario.lanes}
        most = {}
        for peer in ("nginx", "haproxy"):
            self.progress(f"{scenario.name}: what {peer} can do")
            most[peer] = self._measure(BY_NAME["small"], running[peer], seconds=min(self.seconds, 2))["rate"]
        slower = min(most, key=most.get)
        rate = round(RATE_SHARE * most[slower])
        rounds = self._in_turn(scenario, lambda lane: self._measure(scenario, running[lane], rate=rate))
        return rounds, f"{rate} requests a second, {RATE_SHARE:.0%} of the most that {slower} serves"

    def _many(self, stack, scenario, origin):
        """Swerve with few and with many, and the relay likewise: what the kernel charges for so many sockets."""
        files = self.tools.descriptors
        if files < MANY_FILES:
            raise Failure(f"many: needs {MANY_FILES} open files, and the limit is {files}; raise it with ulimit -Hn")
        # Every loopback address is the same origin. Its first thousand stand for a thousand backends. The probes stay
        # on, as they would for anybody with a thousand backends.
        backends = [f"127.{1 + i // 250}.{1 + i % 250}.1:{origin}" for i in range(MANY_BACKENDS)]
        core = self.tools.proxy_core
        relay = self._start(stack, "relay", origin)
        few = proxies.start_swerve(stack, self.tools, core, backends[:1], options=())
        many = proxies.start_swerve(stack, self.tools, core, backends,
                                    options=("--max-connections", str(MANY_CONNECTIONS + MANY_BACKENDS + MANY_SPARE)))
        for proxy in (few, many):
            verify.check("swerve", proxy.port, origin)
        time.sleep(2 * SETTLE_SECONDS)
        # Every client has an address of its own, so that they spread over the backends. The relay needs two files for
        # each of them. Swerve says how many it takes if that is not what it was asked for; of those it is given fewer
        # by one for each backend, so that the two files it keeps for a client are left for two idle connections there:
        # at the very limit the figure would be that of connecting anew.
        taken = re.search(r"--max-connections \d+ .* is taken as (\d+)", many.child.log())
        most = int(taken[1]) - MANY_BACKENDS - MANY_SPARE if taken else MANY_CONNECTIONS
        clients = min(MANY_CONNECTIONS, most, (files - MANY_SPARE) // 2)
        wide = {"connections": clients, "in_flight": 64, "sources": clients}
        lanes = {MANY_FLOOR_BASE: (relay, {"sources": 64}), MANY_FLOOR: (relay, wide),
                 MANY_BASE: (few, {"sources": 64}), MANY: (many, wide)}
        rounds = self._in_turn(scenario, lambda lane: self._measure(scenario, lanes[lane][0], **lanes[lane][1]))
        remark = f"many is {clients}"
        if clients < MANY_CONNECTIONS:
            remark += f" and not {MANY_CONNECTIONS}, since {files} open files allow no more; see ulimit -Hn"
        return rounds, remark

    def _idle(self, stack, scenario, origin):
        """Memory before and after: each time a fresh process, warmed by a short load first."""
        def measure(lane):
            with ExitStack() as own:
                proxy = self._start(own, lane, origin)
                warm = self._measure(BY_NAME["small"], proxy, seconds=SETTLE_SECONDS)
                time.sleep(SETTLE_SECONDS)
                before = proxy.child.rss_kib()
                with Load(self.tools, scenario, proxy.port, 1, in_flight=64, warmup=0):
                    time.sleep(SETTLE_SECONDS)
                    after = proxy.child.rss_kib()
                return {"idle_kib": (after - before) / scenario.connections, "rss_kib": after,
                        "rss_before_kib": before, "errors": warm["errors"]}
        return self._in_turn(scenario, measure), scenario.remark
