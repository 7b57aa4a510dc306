"""The kinds of traffic a client process makes, each a coroutine that runs one session and tells its records."""

import asyncio
import socket
import time

from exchange import STUCK_AFTER, Answer, Link
from malformed import MALFORMED
from wire import Checker, Ended, Malformed, Spec, pattern, shift_of

SMALL, MIDDLE, LARGE = 100, 65_536, 1_048_576
#: Bodies up to this are held for another attempt; a little less than Swerve's 64 KiB, which count framing too.
REPLAYABLE = 60_000


class Traffic:
    """Sessions from one process; `random` decides everything, `tell` takes the records."""

    def __init__(self, name, balancer, backend_count, random, tell):
        self._name = name
        self._balancer = balancer
        self._backend_count = backend_count
        self._random = random
        self._tell = tell
        self._number = 0
        self._addresses = [f"127.{random.randint(1, 87)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
                           for _ in range(48)]
        self._kinds = [
            (self.session, 36), (self.fresh, 10), (self.pipeline, 9), (self.slow_reader, 4),
            (self.slow_writer, 5), (self.aborter, 10), (self.tunnel, 6), (self.events, 5),
            (self.http10, 7), (self.malformed, 8),
        ]

    async def run_one(self):
        kinds, weights = zip(*self._kinds)
        await self._random.choices(kinds, weights)[0]()

    # Requests

    def _spec(self, address, **wanted):
        self._number += 1
        return Spec(f"{self._name}{self._number}", at=home_of(address, self._backend_count), **wanted)

    def _get(self, address, acts=True, most=LARGE):
        """A GET's spec: mostly plain, sometimes one that its backend is to fail in some way."""
        random = self._random
        size = random.choices([0, SMALL, MIDDLE, most], [1, 12, 4, 2])[0]
        framing = random.choices(["len", "chunk", "close"], [8, 4, 1])[0]
        act, arg = "ok", 0
        if acts and random.random() < 0.3:
            act = random.choices(
                ["reset0", "close0", "headfin", "headrst", "cutfin", "cutrst", "garbage", "extra", "after",
                 "trapfin", "traprst", "hints", "silent"],
                [6, 6, 2, 2, 4, 4, 2, 3, 8, 6, 6, 4, 0.3])[0]
        if act in ("cutfin", "cutrst"):
            size = max(size, SMALL)
            arg = random.randrange(size)
            # The end of the connection is the end of such a body; only a reset tells that it came too soon.
            if framing == "close":
                act = "cutrst"
        if act == "after":
            arg = random.choice([0, 0, 1, 3])
        if act == "extra":
            size, framing = SMALL, "len"
        if act == "after" and framing == "close":
            framing = "len"
        return self._spec(address, size=size, framing=framing, act=act, arg=arg)

    def _post(self, address, acts=True):
        random = self._random
        up = random.choices([0, 1, 2_000, 50_000, 300_000, LARGE], [1, 2, 6, 4, 3, 1])[0]
        act = "ok"
        if acts and random.random() < 0.25:
            act = random.choice(["reset0", "close0", "early", "headfin", "after", "trapfin", "traprst", "417"])
        if act == "early":
            up = max(up, 300_000)
        return self._spec(address, size=random.choice([0, SMALL, MIDDLE]), up=up, act=act,
                          framing=random.choice(["len", "chunk"]) if act not in ("early", "417") else "len")

    def _record(self, kind, address, spec, method, start, answer):
        self._tell("C", spec.rid, kind, address, spec.target, method, start, time.monotonic(), answer.outcome,
                   answer.status, answer.backend, answer.got, answer.detail)

    async def _exchange(self, kind, link, spec, method, act, start=None):
        """Runs `act`, which sends the request and returns the answer, and tells how it went.

        What was sent earlier says when.
        """
        start = start or time.monotonic()
        try:
            async with asyncio.timeout(STUCK_AFTER):
                answer = await act()
        except TimeoutError:
            answer = Answer("stuck", detail=f"nothing came for {STUCK_AFTER} s")
        except Malformed as error:
            answer = Answer("wrong", detail=str(error))
        self._record(kind, link.address, spec, method, start, answer)
        return answer

    async def _open(self, kind, receive_buffer=0, address=None):
        link = Link(self._balancer, address or self._random.choice(self._addresses), receive_buffer)
        try:
            return await link.open()
        except (OSError, TimeoutError) as error:
            self._tell("C", "-", kind, link.address, "", "", time.monotonic(), time.monotonic(), "lost", 0, -1,
                       0, f"cannot connect: {error!r}")
            link.close()
            return None

    # Kinds

    async def session(self):
        """Many exchanges on one connection, in turn."""
        link = await self._open("keep-alive")
        if link is None:
            return
        try:
            for _ in range(self._random.randint(1, 12)):
                if not await self._one(link, ""):
                    return
                if self._random.random() < 0.2:
                    await asyncio.sleep(self._random.random() * 0.05)
        finally:
            link.close()

    async def fresh(self):
        """A connection for one request that says so."""
        link = await self._open("fresh")
        if link is None:
            return
        try:
            await self._one(link, "Connection: close")
        finally:
            link.close()

    async def _one(self, link, field):
        """One exchange of any ordinary kind; returns whether the connection goes on."""
        fields = [field] if field else []
        choice = self._random.random()
        if choice < 0.12:
            spec = self._get(link.address, most=MIDDLE)
            spec.act = spec.act if not spec.act.startswith("cut") else "ok"
            answer = await self._simple("HEAD", link, spec, fields)
        elif choice < 0.38:
            answer = await self._upload(link, self._post(link.address), fields)
        else:
            answer = await self._simple("GET", link, self._get(link.address), fields)
        if answer.outcome != "ok":
            return False
        if not answer.keeps:
            await self._expect_end(link)
        elif field:
            self._tell("X", -1, f"{link.address}: the answer to Connection: close keeps the connection")
        return answer.keeps

    async def _expect_end(self, link):
        try:
            async with asyncio.timeout(STUCK_AFTER):
                problem = await link.expect_end()
        except TimeoutError:
            problem = "a connection announced to close stays open"
        if problem:
            self._tell("X", -1, f"{link.address}: {problem}")

    async def _simple(self, method, link, spec, fields):
        async def act():
            try:
                await link.peer.send(link.head(method, spec, fields))
            except ConnectionError as error:
                return Answer("lost", detail=type(error).__name__)
            return await link.read_answer(method, spec)
        return await self._exchange(method, link, spec, method, act)

    async def _upload(self, link, spec, fields):
        chunked = self._random.random() < 0.5
        expects = spec.up > 0 and (spec.act == "417" or self._random.random() < 0.2)
        kind = "expect" if expects else "POST chunked" if chunked else "POST"
        fields = [*fields, "Transfer-Encoding: chunked" if chunked else f"Content-Length: {spec.up}"]
        if expects:
            fields.append("Expect: 100-continue")

        async def act():
            try:
                await link.peer.send(link.head("POST", spec, fields))
                if expects:
                    answer = await self._continue(link, spec)
                    if answer:
                        return answer
                await link.send_upload(spec, chunked)
            except ConnectionError:
                # The answer may have come before the upload was complete.
                pass
            return await link.read_answer("POST", spec)
        return await self._exchange(kind, link, spec, "POST", act)

    async def _continue(self, link, spec):
        """Waits for the 100; returns the answer when a final one comes instead."""
        head = b"HTTP/1.1 100 Continue\r\n\r\n"
        while len(link.peer.buffer) < len(head) and head.startswith(link.peer.buffer):
            try:
                await link.peer.more()
            except Ended:
                return Answer("lost" if not link.peer.buffer else "headcut")
            except ConnectionError as error:
                return Answer("lost", detail=type(error).__name__)
        if link.peer.buffer.startswith(head):
            link.peer.buffer = link.peer.buffer[len(head):]
            return None
        answer = await link.read_answer("POST", spec)
        answer.keeps = False
        return answer

    async def pipeline(self):
        """Several requests in one segment; the answers keep the order."""
        link = await self._open("pipeline")
        if link is None:
            return
        requests = []
        for _ in range(self._random.randint(2, 12)):
            spec = self._get(link.address, most=MIDDLE)
            if spec.act not in ("ok", "reset0", "close0", "after", "trapfin", "traprst", "extra"):
                spec.act = "ok"
            if spec.framing == "close":
                spec.framing = "len"
            requests.append((self._random.choice(["GET", "GET", "GET", "HEAD"]), spec))
        try:
            start = time.monotonic()
            await link.peer.send(b"".join(link.head(method, spec) for method, spec in requests))
            over = False
            for method, spec in requests:
                if over:
                    self._record("pipeline", link.address, spec, method, time.monotonic(), Answer("void"))
                    continue
                answer = await self._exchange("pipeline", link, spec, method,
                                              lambda: link.read_answer(method, spec), start=start)
                over = answer.outcome != "ok" or not answer.keeps
        finally:
            link.close()

    async def slow_reader(self):
        link = await self._open("slow reader", receive_buffer=16_384)
        if link is None:
            return
        spec = self._spec(link.address, size=LARGE, framing=self._random.choice(["len", "chunk"]))

        async def pause():
            await asyncio.sleep(0.004)

        async def act():
            await link.peer.send(link.head("GET", spec))
            return await link.read_answer("GET", spec, pause=pause)
        try:
            await self._exchange("slow reader", link, spec, "GET", act)
        finally:
            link.close()

    async def slow_writer(self):
        link = await self._open("slow writer")
        if link is None:
            return
        chunked = self._random.random() < 0.5
        spec = self._spec(link.address, size=SMALL, up=self._random.choice([40, 3_000, 200_000]))
        head = link.head("POST", spec, ["Transfer-Encoding: chunked" if chunked else
                                        f"Content-Length: {spec.up}"])

        async def act():
            try:
                for start in range(0, len(head), 25):
                    await link.peer.send(head[start:start + 25])
                    await asyncio.sleep(0.01)
                await link.send_upload(spec, chunked, pieces=10, pause=0.02)
            except ConnectionError:
                pass
            return await link.read_answer("POST", spec)
        try:
            await self._exchange("slow writer", link, spec, "POST", act)
        finally:
            link.close()

    async def aborter(self):
        """Leaves in the middle: of the head, of the upload, before the answer, in it."""
        link = await self._open("abort")
        if link is None:
            return
        where = self._random.choice(["head", "upload", "waiting", "answer"])
        method = "POST" if where == "upload" else "GET"
        spec = self._spec(link.address, size=LARGE, up=300_000 if where == "upload" else 0,
                          pieces=10 if where == "waiting" else 0, arg=30)
        head = link.head(method, spec, ["Content-Length: 300000"] if where == "upload" else [])
        start = time.monotonic()
        try:
            async with asyncio.timeout(STUCK_AFTER):
                if where == "head":
                    await link.peer.send(head[:self._random.randrange(1, len(head))])
                else:
                    await link.peer.send(head)
                if where == "upload":
                    await link.peer.send(pattern(shift_of("up" + spec.rid), 0, self._random.randrange(300_000)))
                elif where == "answer":
                    await link.peer.more()
                    await asyncio.sleep(self._random.random() * 0.02)
                elif where == "waiting":
                    await asyncio.sleep(self._random.random() * 0.1)
            answer = Answer("aborted")
        except (Ended, ConnectionError) as error:
            # A backend's death may have come first; it is judged where answers are read.
            answer = Answer("aborted", detail=type(error).__name__)
        except TimeoutError:
            answer = Answer("stuck", detail=f"in {where} of an aborted request")
        if self._random.random() < 0.5:
            link.peer.reset()
        link.close()
        self._record("abort", link.address, spec, method, start, answer)

    async def tunnel(self):
        """A WebSocket: what goes in comes back, both ways at once, and the ends arrive in order."""
        link = await self._open("tunnel")
        if link is None:
            return
        spec = self._spec(link.address, up=self._random.choice([10, 4_000, 300_000]), framing="none")
        sender = None

        async def act():
            nonlocal sender
            await link.peer.send(link.head("GET", spec, ["Connection: Upgrade", "Upgrade: websocket"]))
            head = await link.read_switch()
            if head.status != 101:
                return head
            sender = asyncio.create_task(self._feed(link, spec))
            checker = Checker(shift_of("up" + spec.rid))
            outcome, detail = "ok", ""
            try:
                await link.peer.to_end(checker.take)
            except ConnectionError as error:
                outcome, detail = "cut", type(error).__name__
            if checker.wrong_at is not None:
                outcome, detail = "wrong", f"wrong byte at {checker.wrong_at} of the echo"
            elif checker.count != spec.up:
                outcome = "cut"
            return Answer(outcome, 101, head.backend, checker.count, detail)
        try:
            await self._exchange("tunnel", link, spec, "GET", act)
        finally:
            if sender:
                sender.cancel()
            link.close()

    async def _feed(self, link, spec):
        try:
            await link.send_upload(spec, False, pieces=self._random.choice([1, 5, 20]),
                                   pause=self._random.choice([0, 0.01]))
            link.peer.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    async def events(self):
        """Server-sent events: the first one is here before its backend makes the second."""
        link = await self._open("events")
        if link is None:
            return
        spec = self._spec(link.address, size=2_000, framing="chunk", act="events", pieces=10, arg=20)

        async def act():
            await link.peer.send(link.head("GET", spec, ["Accept: text/event-stream"]))
            return await link.read_answer("GET", spec, on_body=lambda: self._tell("S", spec.rid))
        try:
            await self._exchange("events", link, spec, "GET", act)
        finally:
            link.close()

    async def http10(self):
        """HTTP/1.0 clients, with and without keep-alive."""
        link = await self._open("HTTP/1.0")
        if link is None:
            return
        keeps = self._random.random() < 0.5
        try:
            for _ in range(3 if keeps else 1):
                spec = self._get(link.address, most=MIDDLE)
                fields = ["Connection: keep-alive"] if keeps else []

                async def act():
                    await link.peer.send(link.head("GET", spec, fields, version="1.0"))
                    return await link.read_answer("GET", spec, version="1.0")
                answer = await self._exchange("HTTP/1.0", link, spec, "GET", act)
                if answer.outcome != "ok" or not answer.keeps:
                    return
        finally:
            link.close()

    async def malformed(self):
        """A request that is refused: the right status, the connection closed, the backend none the wiser."""
        link = await self._open("malformed")
        if link is None:
            return
        name, template, statuses = self._random.choice(MALFORMED)
        spec = self._spec(link.address, act="malformed")

        async def act():
            try:
                await link.peer.send(template.replace(b"@", spec.target.encode()))
            except ConnectionError:
                pass
            answer = await link.read_answer("GET", spec)
            if answer.outcome == "ok" and answer.status not in statuses:
                return Answer("wrong", answer.status, detail=f"{name}: {answer.status}, not {statuses}")
            if answer.outcome == "ok":
                problem = await link.expect_end()
                if problem:
                    return Answer("wrong", answer.status, detail=f"{name}: {problem}")
            return answer
        try:
            await self._exchange("malformed", link, spec, "GET", act)
        finally:
            link.close()


def home_of(address, backend_count):
    """The position of a client's own backend: 32-bit FNV-1a of its address, modulo the number of backends."""
    value = 2_166_136_261
    for octet in address.encode():
        value = (value ^ octet) * 16_777_619 % 2 ** 32
    return value % backend_count
