"""Decides for each request whether what its client saw is what the manual's table of faults allows.

It knows what every backend did with the request (each tells its attempts), which faults struck whom and when, and
what the balancer said about its backends. Whatever none of that explains is a violation.
"""

import re

from traffic import home_of
from wire import Spec

#: The balancer's own timeouts in a soak, in seconds; the flags in `run.py` say the same.
CONNECT_TIMEOUT = 1.0
ANSWER_TIMEOUT = 3.0
#: How far the clocks of a loaded machine's processes may seem apart.
_SLACK = 0.6


class Attempt:
    """One backend's view of one request."""

    def __init__(self, backend, ordinal, time):
        self.backend = backend
        #: the place of the request on its connection; 1 is a fresh one
        self.ordinal = ordinal
        self.time = time
        #: whether the first byte of an answer was about to be sent
        self.begun = False
        self.end = None

    def __repr__(self):
        how = "fresh" if self.ordinal == 1 else "reused"
        return f"[{self.time:.3f} backend {self.backend} {how}{' begun' if self.begun else ''} {self.end}]"


class Record:
    """One client's view of one request."""

    def __init__(self, rid, kind, address, target, method, start, end, outcome, status, backend, got, detail):
        self.rid = rid
        self.kind = kind
        self.address = address
        self.method = method
        self.start = start
        self.end = end
        self.outcome = outcome
        self.status = status
        self.backend = backend
        self.got = got
        self.detail = detail
        self.target = target
        self.spec = Spec.read(target) if target else None

    def __repr__(self):
        return (f"{self.kind} {self.method} {self.target} from {self.address}, {self.start:.3f}..{self.end:.3f}: "
                f"{self.outcome} {self.status} by {self.backend}, {self.got} bytes {self.detail}")


class Judge:
    def __init__(self, endpoints):
        self._count = len(endpoints)
        self._endpoints = {endpoint: index for index, endpoint in enumerate(endpoints)}
        self._attempts = {}
        #: struck backends; `run` keeps the list short
        self.windows = []
        self._idle = [[] for _ in endpoints]
        self._outages = [[] for _ in endpoints]
        self._log_position = 0
        self.violations = []
        self.violation_count = 0
        self.by_kind = {}

    # What is told

    def violation(self, text):
        self.violation_count += 1
        if len(self.violations) < 40:
            self.violations.append(text)

    def backend_said(self, message):
        match message:
            case ["A", rid, backend, ordinal, time]:
                self._attempts.setdefault(rid, []).append(Attempt(backend, ordinal, time))
            case ["H", rid, backend, _]:
                self._last(rid, backend, lambda attempt: setattr(attempt, "begun", True))
            case ["E", rid, backend, end, _]:
                self._last(rid, backend, lambda attempt: setattr(attempt, "end", end))
            case ["I", backend, before, after]:
                self._idle[backend].append((before, after + 0.3))
                del self._idle[backend][:-400]
            case ["X", backend, text, _]:
                self.violation(f"backend {backend}: {text}")

    def _last(self, rid, backend, change):
        for attempt in reversed(self._attempts.get(rid, [])):
            if attempt.backend == backend:
                return change(attempt)

    def read_log(self, lines):
        """Takes what the balancer said since the last time."""
        for moment, text in lines[self._log_position:]:
            found = re.search(r"backend (\S+) (down|up) after", text)
            if found:
                self._transition(self._endpoints[found[1]], found[2], moment, text)
            elif "no backend is alive" in text:
                self.violation(f"the balancer says: {text}")
        self._log_position = len(lines)

    def _transition(self, backend, state, moment, text):
        outages = self._outages[backend]
        if state == "up":
            if outages:
                outages[-1][1] = moment
            return
        outages.append([moment, float("inf")])
        struck = any(window.backend == backend and window.kind in ("kill", "die", "freeze", "flap")
                     and window.overlap(moment - 4, moment) > 0 for window in self.windows)
        if not struck:
            self.violation(f"taken out without a reason: {text}")

    def all_up(self):
        return all(not outages or outages[-1][1] != float("inf") for outages in self._outages)

    def forget(self, before):
        """Drops what belongs to requests judged long ago."""
        self.windows = [window for window in self.windows if window.end is None or window.end > before]
        for rid in [rid for rid, attempts in self._attempts.items() if attempts[-1].time < before]:
            del self._attempts[rid]
        for outages in self._outages:
            while len(outages) > 1 and outages[0][1] < before:
                outages.pop(0)

    # The verdict

    def judge(self, record):
        attempts = sorted(self._attempts.pop(record.rid, []), key=lambda attempt: attempt.time)
        tally = self.by_kind.setdefault(record.kind, dict.fromkeys(
            ("requests", "good", "retried", "elsewhere", "truncated", "502", "504", "refused", "given up"), 0))
        self._count_in(tally, record, attempts)
        problem = self._problem(record, attempts)
        if problem:
            struck = [window for window in self.windows if window.overlap(record.start - 1, record.end) > 0]
            outages = [(index, outage) for index, outages in enumerate(self._outages) for outage in outages
                       if outage[1] > record.start - 1 and outage[0] < record.end]
            home = home_of(record.address, self._count)
            self.violation(f"{problem}\n      {record}\n      own backend {home}; attempts {attempts}\n"
                           f"      faults {struck}; out {outages}")

    def _count_in(self, tally, record, attempts):
        tally["requests"] += 1
        if len(attempts) > 1:
            tally["retried"] += 1
        if record.outcome == "aborted" or record.outcome == "void":
            tally["given up"] += 1
        elif record.outcome == "cut":
            tally["truncated"] += 1
        elif record.outcome == "ok" and record.backend >= 0:
            tally["good"] += 1
            if record.backend != home_of(record.address, self._count):
                tally["elsewhere"] += 1
        elif record.outcome == "ok":
            tally[str(record.status) if record.status in (502, 504) else "refused"] += 1

    def _problem(self, record, attempts):
        if record.outcome in ("aborted", "void"):
            return None
        if record.outcome in ("stuck", "lost", "headcut", "wrong"):
            return f"{record.outcome}: {record.detail}"
        if record.kind == "malformed":
            return "a malformed request reached a backend" if attempts else None
        # A frozen backend reads what it was sent when it thaws, be the client served otherwise meanwhile.
        attempts = [attempt for attempt in attempts
                    if attempt.time <= record.end and not self._was_left(record, attempt)]
        return (self._problem_of_repeats(record, attempts) or self._problem_of_place(record, attempts)
                or self._problem_of_outcome(record, attempts))

    def _problem_of_repeats(self, record, attempts):
        """Whether the request was repeated only where that is allowed (RFC 9110 §9.2.2)."""
        if record.method == "POST" and len(attempts) > 1:
            return "a POST was repeated"
        for attempt in attempts[:-1]:
            if self._is_struck(record, attempt):
                continue
            # On a connection that was used before, nonsense may be what was left of the answer before.
            if attempt.end not in ("reset0", "close0") and not (attempt.end == "garbage" and attempt.ordinal > 1):
                return f"repeated after {attempt}"
        return None

    def _was_left(self, record, attempt):
        """Whether the request had left a frozen backend for another one, which answered, when the frozen one thawed."""
        return (record.method != "POST" and record.backend >= 0 and attempt.backend != record.backend
                and any(window.kind == "freeze" and window.backend == attempt.backend and window.end is not None
                        and record.start < window.end and window.start < record.end
                        and window.end - _SLACK <= attempt.time <= window.end + _SLACK for window in self.windows))

    def _problem_of_place(self, record, attempts):
        """Whether every backend that got the request was the client's own, or the next behind ones that failed."""
        home = home_of(record.address, self._count)
        places = [attempt.backend for attempt in attempts]
        if record.backend >= 0 and record.backend not in places:
            return "an answer from a backend that did not get the request"
        for position, place in enumerate(places):
            before = attempts[:position]
            index = home
            while index != place:
                if not self._is_excused(index, record, before):
                    return f"went to backend {place} though backend {index} was there"
                index = (index + 1) % self._count
            for start, end in self._outages[place]:
                if record.start > start + _SLACK and attempts[position].time < end - _SLACK:
                    return f"went to backend {place}, which was known to be down"
        return None

    def _is_excused(self, backend, record, before):
        if any(attempt.backend == backend for attempt in before):
            return True
        if any(start - _SLACK < record.end and end + _SLACK > record.start for start, end in self._outages[backend]):
            return True
        return any(window.backend == backend and (
            window.kind in ("kill", "die") and window.overlap(record.start, record.end) > 0
            or window.kind == "freeze" and window.overlap(record.start, record.end) > CONNECT_TIMEOUT - 0.2)
            for window in self.windows)

    def _problem_of_outcome(self, record, attempts):
        last = attempts[-1] if attempts else None
        if record.outcome == "ok" and record.backend >= 0:
            return self._problem_of_answer(record, last)
        if record.outcome == "cut":
            return self._problem_of_cut(record, last)
        if record.outcome == "short":
            # The end of a process is the end of such a body; nobody can tell.
            if record.spec.framing == "close" and last and self._is_struck(record, last):
                return None
            return f"short: {record.detail}"
        match record.status:
            case 502:
                return self._problem_of_502(record, attempts)
            case 504:
                if last and last.end in (None, "gone") and self._acts(record, last) == "silent":
                    return None
                if self._frozen(record) > ANSWER_TIMEOUT - 0.5:
                    return None
                return "504 though no backend was silent for so long"
        return f"an unexpected {record.status}"

    @staticmethod
    def _acts(record, attempt):
        return record.spec.act_at(attempt.backend)

    def _problem_of_answer(self, record, last):
        if not last.begun:
            return "an answer that the backend did not begin"
        if last.backend != record.backend:
            return f"the answer is backend {record.backend}'s, the last attempt was not"
        act = self._acts(record, last)
        expected = {"417": 417, "early": 413}.get(act, 101 if record.kind == "tunnel" else 200)
        if record.status != expected:
            return f"status {record.status} instead of {expected}"
        if last.end != "done" and not self._is_struck(record, last):
            return "a whole answer though the backend did not give one"
        return None

    def _problem_of_cut(self, record, last):
        if record.backend < 0 or last is None or not last.begun:
            return "cut without an answer of a backend that began"
        if last.end == "cut" or self._is_struck(record, last) or self._frozen(record) > ANSWER_TIMEOUT - 0.5:
            return None
        return "cut though nothing struck the backend"

    def _problem_of_502(self, record, attempts):
        last = attempts[-1] if attempts else None
        if last and (last.end == "headcut" or last.end == "garbage" and (
                last.ordinal == 1 or record.method == "POST")):
            return None
        failed = [attempt for attempt in attempts if attempt.end in ("reset0", "close0")
                  or self._is_struck(record, attempt)]
        unseen = self._unseen_failures(record, attempts)
        if record.method == "POST" and (failed or unseen):
            return None
        # The head of an answer may have been on its way when the backend died.
        if last and last.begun and self._is_struck(record, last):
            return None
        if sum(attempt.ordinal == 1 for attempt in failed) + unseen >= 2:
            return None
        return "502 though the rules would have had it tried again"

    def _unseen_failures(self, record, attempts):
        """How many connections may have taken the request and died before the backend read it."""
        kills = sum(window.kind in ("kill", "die") and window.start <= record.end
                    and (window.struck is None or window.struck >= record.start)
                    for window in self.windows)
        ends = sum(start <= record.end and end >= record.start
                   for closings in self._idle for start, end in closings) if record.method == "POST" else 0
        # A request that left a frozen backend has been sent again.
        leaves = sum(window.kind == "freeze" and window.overlap(record.start, record.end) > 0
                     for window in self.windows) if record.method != "POST" else 0
        return kills + ends + leaves

    def _is_struck(self, record, attempt):
        """Whether the attempt's backend was killed, or its connection closed at rest, after it began."""
        if any(window.backend == attempt.backend and window.kind in ("kill", "die")
               and window.overlap(attempt.time - 0.05, record.end) > 0 for window in self.windows):
            return True
        return attempt.end in ("gone", None) and any(
            start <= record.end and end >= attempt.time for start, end in self._idle[attempt.backend])

    def _frozen(self, record):
        """The longest time that a backend was frozen during the request."""
        return max((window.overlap(record.start, record.end) for window in self.windows
                    if window.kind == "freeze"), default=0)
