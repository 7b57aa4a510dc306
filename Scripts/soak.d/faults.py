"""The faults of a soak: which backend is struck how and when, decided by the seed, remembered for the judge."""

import signal
import sys
import threading
import time

from processes import Child, Failure, json_lines

#: How each kind of fault is undone, and how long it may last, in seconds.
KINDS = {
    "kill": (0.2, 2.5),
    "die": (0.2, 2.5),
    "freeze": (0.2, 5.5),
    "flap": (1.5, 5.0),
    "slow": (1.0, 4.0),
    "idle": (0.0, 0.0),
}
_WEIGHTS = {"kill": 5, "die": 4, "freeze": 4, "flap": 2, "slow": 2, "idle": 6}
#: How long a backend is left alone after a fault, so that it is seen to come back.
_RECOVERY = 4.0


class Window:
    """Something that was wrong with a backend, from before it began to after it was over."""

    def __init__(self, backend, kind, start):
        self.backend = backend
        self.kind = kind
        self.start = start
        #: when it was certainly there
        self.struck = None
        self.end = None

    def overlap(self, start, end):
        """How long it lasted between two moments; negative when it did not."""
        return min(end, self.end if self.end is not None else float("inf")) - max(start, self.start)

    def __repr__(self):
        end = "now" if self.end is None else f"{self.end:.3f}"
        return f"{self.kind} at backend {self.backend} {self.start:.3f}..{end}"


class BackendProcess:
    """A backend that can be killed and started again at its address."""

    def __init__(self, index, folder, take):
        self.index = index
        self.host = f"127.88.0.{index + 1}"
        self.port = 0
        self._folder = folder
        self._take = take
        self._listening = threading.Event()
        self._dead = threading.Event()
        self._child = None
        self._is_killed = False
        self.start()

    def start(self):
        self._listening.clear()
        self._is_killed = False
        self._child = Child(f"backend {self.index}",
                            [sys.executable, f"{self._folder}/backend.py", self.index, self.host, self.port],
                            json_lines(self._message))
        if not self._listening.wait(15):
            raise Failure(f"backend {self.index} does not listen")

    def _message(self, message):
        match message[0]:
            case "L":
                self.port = message[2]
                self._listening.set()
            case "D":
                self._dead.set()
            case _:
                self._take(message)

    @property
    def endpoint(self):
        return f"{self.host}:{self.port}"

    def strike(self, kind):
        match kind:
            case "kill":
                self._is_killed = True
                self._child.end()
            case "die":
                self._dead.clear()
                self._child.say("die")
                self._dead.wait(10)
            case "freeze":
                self._child.signal(signal.SIGSTOP)
            case "flap":
                self._child.say("health 503")
            case "slow":
                self._child.say("delay 0.15")
            case "idle":
                self._child.say("idle")

    def heal(self, kind):
        match kind:
            case "kill":
                self.start()
            case "die":
                self._listening.clear()
                self._child.say("live")
                self._listening.wait(10)
            case "freeze":
                self._child.signal(signal.SIGCONT)
            case "flap":
                self._child.say("health 200")
            case "slow":
                self._child.say("delay 0")

    def expect_alive(self):
        if not self._is_killed and self._child.status() is not None:
            raise Failure(f"backend {self.index} ended with {self._child.status()}")

    def say(self, line):
        self._child.say(line)

    def end(self):
        self._child.end()


class Faults:
    """Strikes backends one after the other, at most two at a time, and never the last healthy ones."""

    def __init__(self, backends, random):
        self._backends = backends
        self._random = random
        self.windows = []
        self._current = {}
        self._free_at = [0.0] * len(backends)
        self._next = 0.0
        self.counts = {kind: 0 for kind in KINDS}

    @property
    def is_quiet(self):
        return not self._current

    def step(self, may_strike):
        """Does what is due now."""
        now = time.monotonic()
        for window, until in list(self._current.items()):
            if now >= until:
                self._backends[window.backend].heal(window.kind)
                window.end = time.monotonic()
                del self._current[window]
                self._free_at[window.backend] = window.end + _RECOVERY
        if not may_strike or now < self._next or len(self._current) >= 2:
            return
        free = [index for index, at in enumerate(self._free_at)
                if now >= at and all(window.backend != index for window in self._current)]
        if not free or len(free) < len(self._backends) - 2:
            return
        self._strike(self._random.choice(free))
        self._next = time.monotonic() + self._random.uniform(0.1, 1.2)

    def _strike(self, index):
        random = self._random
        kind = random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        shortest, longest = KINDS[kind]
        window = Window(index, kind, time.monotonic())
        self.windows.append(window)
        self.counts[kind] += 1
        self._backends[index].strike(kind)
        window.struck = time.monotonic()
        self._current[window] = window.start + random.uniform(shortest, longest)
        if longest == 0:
            # Nothing to undo; what was closed, and when, the backend tells itself.
            del self._current[window]
            window.end = time.monotonic() + 0.5
