"""Clients that cut, pipeline, half-close and reset, from many addresses of 127.0.0.0/8."""

import errno
import heapq
import itertools
import select
import socket
import struct
import time

from mutation import Mutator, requests

RESET = struct.pack("ii", 1, 0)
BIND_ADDRESS_NO_PORT = 24
GOOD_LIMIT = 20.0
ANSWER_LIMIT = 0.1


class Client:
    """One connection and what it is still going to do."""

    __slots__ = ("sock", "steps", "received", "expected", "waits_for_end", "is_open")

    def __init__(self, sock, steps, expected):
        self.sock = sock
        self.steps = steps
        self.expected = expected
        self.received = b""
        self.waits_for_end = False
        self.is_open = True


class Load:
    """Many clients on one epoll, so many at a time."""

    def __init__(self, address, seed, width=256):
        self.address = address
        self.width = width
        self.mutator = Mutator(seed, requests())
        self.epoll = select.epoll()
        self.clients = {}
        self.timers = []
        self.order = itertools.count()
        self.good = 0
        self.answered = 0
        self.wrong = []

    def run(self, count):
        """Makes `count` connections and returns when all are closed."""
        started = 0
        while (started < count or self.clients) and len(self.wrong) < 100:
            while started < count and len(self.clients) < self.width:
                self.start()
                started += 1
            now = time.monotonic()
            while self.timers and self.timers[0][0] <= now:
                self.wake(heapq.heappop(self.timers)[2])
            pause = max(0.0, self.timers[0][0] - now) if self.timers else 0.05
            for descriptor, events in self.epoll.poll(min(pause, 0.05)):
                client = self.clients.get(descriptor)
                if client:
                    self.react(client, events)

    # What a client does

    def start(self):
        pick = self.mutator.random
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_IP, BIND_ADDRESS_NO_PORT, 1)
        sock.bind((f"127.{pick.randrange(1, 255)}.{pick.randrange(256)}.{pick.randrange(1, 255)}", 0))
        code = sock.connect_ex(self.address)
        if code not in (0, errno.EINPROGRESS):
            self.wrong.append(f"connect: {errno.errorcode[code]}")
            sock.close()
            return
        kind = pick.random()
        if kind < 0.1:
            client = Client(sock, *self.good_plan())
        else:
            client = Client(sock, self.plan(kind < 0.55), None)
        self.clients[sock.fileno()] = client
        self.epoll.register(sock.fileno(), select.EPOLLOUT)

    def good_plan(self):
        """Well-formed requests whose answers are known."""
        self.good += 1
        targets = [b"/good/%d/%d" % (self.good, index) for index in range(self.mutator.random.randint(1, 3))]
        sent = b"".join(b"GET %s HTTP/1.1\r\nHost: h\r\n\r\n" % target for target in targets)
        return [("send", sent), ("end", GOOD_LIMIT)], targets

    def plan(self, mutates):
        """Bytes of the saved inputs, changed or not, and an end that is good or bad."""
        pick = self.mutator.random
        make = self.mutator.mutated if mutates else self.mutator.intact
        data = b"".join(make() for _ in range(1 if pick.random() < 0.8 else pick.randint(2, 4)))
        cuts = sorted(pick.randint(0, len(data)) for _ in range(pick.choice((0, 0, 0, 1, 2, 4))))
        steps = []
        for start, end in zip([0, *cuts], [*cuts, len(data)]):
            if start:
                steps.append(("pause", pick.random() * 0.003))
            steps.append(("send", data[start:end]))
        end = pick.random()
        if end < 0.5:
            steps.append(("end", ANSWER_LIMIT))
        elif end < 0.65:
            steps += [("half-close", 0), ("end", ANSWER_LIMIT)]
        elif end < 0.85:
            steps.append(("pause", pick.random() * 0.01))
        if pick.random() < 0.3:
            steps.append(("reset", 0))
        return steps

    # What happens to it

    def react(self, client, events):
        if events & select.EPOLLOUT:
            self.epoll.modify(client.sock.fileno(), select.EPOLLIN)
            return self.go_on(client)
        try:
            data = client.sock.recv(65536)
        except BlockingIOError:
            return None
        except OSError:
            return self.close(client)
        client.received += data
        if client.expected is not None and client.received.count(b"/good/") >= len(client.expected):
            return self.close(client)
        if not data:
            return self.close(client)
        return None

    def wake(self, client):
        if client.is_open:
            self.go_on(client)

    def go_on(self, client):
        """Takes steps up to the next pause."""
        while client.steps:
            step, value = client.steps.pop(0)
            try:
                if step == "send":
                    client.sock.send(value)
                elif step == "half-close":
                    client.sock.shutdown(socket.SHUT_WR)
                elif step == "reset":
                    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                else:
                    heapq.heappush(self.timers, (time.monotonic() + value, next(self.order), client))
                    return
            except OSError:
                break
        self.close(client)

    def close(self, client):
        if client.expected is not None:
            self.judge(client)
        client.is_open = False
        self.answered += bool(client.received)
        del self.clients[client.sock.fileno()]
        client.sock.close()

    def judge(self, client):
        """A good request gets its own answer, whatever the others do."""
        bodies = [part.partition(b"\r\n\r\n")[2] for part in client.received.split(b"HTTP/1.1 200 OK\r\n")]
        if bodies[1:] != client.expected or bodies[0]:
            self.wrong.append(f"want {client.expected!r}, got {client.received!r}")
