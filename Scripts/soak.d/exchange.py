"""One client's connection to the balancer and the exchanges on it; each ends as a record for the judge."""

import asyncio
import socket

from wire import Checker, Ended, Malformed, Peer, fields_of, pattern, shift_of, value_of

#: No exchange may take longer, whatever breaks: every timeout of the balancer together is below it.
STUCK_AFTER = 25
_NO_PORT_AT_BIND = 24


class Answer:
    """What a client saw."""

    def __init__(self, outcome, status=0, backend=-1, got=0, detail="", keeps=False):
        self.outcome = outcome
        self.status = status
        self.backend = backend
        self.got = got
        self.detail = detail
        self.keeps = keeps


class Link:
    """A connection to the balancer from one loopback address."""

    def __init__(self, balancer, address, receive_buffer=0):
        self._balancer = balancer
        self.address = address
        self._receive_buffer = receive_buffer
        self.peer = None

    async def open(self):
        sock = socket.socket()
        sock.setsockopt(socket.IPPROTO_IP, _NO_PORT_AT_BIND, 1)
        if self._receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind((self.address, 0))
        sock.setblocking(False)
        self.peer = Peer(sock)
        async with asyncio.timeout(STUCK_AFTER):
            await asyncio.get_running_loop().sock_connect(sock, self._balancer)
        return self

    def head(self, method, spec, fields=(), version="1.1"):
        lines = [f"{method} {spec.target} HTTP/{version}", "Host: soak.test", f"X-Client: {self.address}",
                 *fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def read_answer(self, method, spec, version="1.1", pause=None, on_body=None):
        """Reads one answer and checks every byte of it; says once when its body begins."""
        peer = self.peer
        try:
            status, fields = await self._final_head()
        except (Ended, ConnectionError) as error:
            begun = bool(peer.buffer)
            return Answer("headcut" if begun else "lost", detail=type(error).__name__)
        backend = value_of(fields, "x-backend")
        own = backend is None
        checker = None if own else Checker(shift_of(spec.rid))

        def take(data):
            nonlocal on_body
            if on_body:
                on_body()
                on_body = None
            if checker:
                checker.take(data)
        try:
            problem = await self._body(method, spec, fields, version, own, take, pause)
        except (Ended, ConnectionError) as error:
            outcome = "cut" if checker is None or checker.wrong_at is None else "wrong"
            return Answer(outcome, status, self._index(backend), checker.count if checker else 0,
                          type(error).__name__)
        keeps = self._keeps(fields, version)
        got = checker.count if checker else 0
        if problem is None and checker and checker.wrong_at is not None:
            problem = f"wrong byte at {checker.wrong_at}"
        outcome = "ok"
        if problem:
            outcome = "wrong"
        elif checker and method != "HEAD" and got != spec.size:
            outcome, problem = "short", f"{got} bytes instead of {spec.size}"
        return Answer(outcome, status, self._index(backend), got, problem or "", keeps)

    @staticmethod
    def _index(backend):
        return -1 if backend is None else int(backend)

    @staticmethod
    def _keeps(fields, version):
        options = [option.strip().lower() for name, value in fields if name == "connection"
                   for option in value.split(",")]
        return "keep-alive" in options if version == "1.0" else "close" not in options

    async def _final_head(self):
        while True:
            line, fields = fields_of(await self.peer.head())
            version, _, rest = line.partition(" ")
            if version != "HTTP/1.1":
                raise Malformed(f"status line {line[:60]!r}")
            status = int(rest[:3])
            if status >= 200 or status == 101:
                return status, fields

    async def _body(self, method, spec, fields, version, own, take, pause):
        """Reads the body as it is framed; returns what is wrong with its framing."""
        length = value_of(fields, "content-length")
        coding = value_of(fields, "transfer-encoding")
        if length is not None and coding is not None:
            return "both framings at once"
        if coding is not None and version == "1.0":
            return "chunks for an HTTP/1.0 client"
        if not own and value_of(fields, "via") != "1.1 swerve":
            return "no Via"
        if not own and length is not None and int(length) != spec.size:
            return f"Content-Length: {length} instead of {spec.size}"
        if method == "HEAD":
            return None
        if coding is not None:
            trailers = await self.peer.chunked(take, pause)
            if not own and spec.framing == "chunk" and trailers.get("x-sum") != str(shift_of(spec.rid)):
                return f"trailers {trailers}"
        elif length is not None:
            await self.peer.counted(int(length), take, pause)
        else:
            await self.peer.to_end(take, pause)
        return None

    async def read_switch(self):
        """Reads the answer to an upgrade: a 101, or what a gateway says instead."""
        try:
            status, fields = await self._final_head()
        except (Ended, ConnectionError) as error:
            return Answer("headcut" if self.peer.buffer else "lost", detail=type(error).__name__)
        if status != 101:
            await self.peer.counted(int(value_of(fields, "content-length") or 0), len)
        return Answer("ok", status, self._index(value_of(fields, "x-backend")))

    async def send_upload(self, spec, chunked, pieces=1, pause=0.0):
        """Sends the body of a request; an answer may come, and the connection end, before all of it is out."""
        shift, sent, size = shift_of("up" + spec.rid), 0, max(1, -(-spec.up // pieces))
        while sent < spec.up:
            count = min(size, spec.up - sent, 262_144)
            data = pattern(shift, sent, count)
            await self.peer.send(b"%x\r\n" % count + bytes(data) + b"\r\n" if chunked else data)
            sent += count
            if pause:
                await asyncio.sleep(pause)
        if chunked:
            await self.peer.send(b"0\r\n\r\n")

    async def expect_end(self):
        """After an answer that closes: the connection ends in good order, and nothing comes before that."""
        try:
            if not self.peer.buffer:
                await self.peer.more()
            return f"bytes behind a closing answer: {self.peer.buffer[:40]!r}"
        except Ended:
            return None
        except ConnectionError as error:
            return f"the end was a {type(error).__name__}"

    def close(self):
        if self.peer:
            self.peer.close()
