"""One scripted backend in a process of its own: answers as each request's target asks, and tells every attempt.

Lines on standard input change how it behaves; a line of JSON on standard output tells what happened, written before
the next byte leaves, so that even a killed backend has said how far it was.
"""

import asyncio
import json
import os
import socket
import sys
import time

from wire import Checker, Ended, Malformed, Peer, Spec, fields_of, pattern, shift_of, value_of

_SECRET = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"
_TEAPOT = b"HTTP/1.1 teapot\r\n\r\n"


class Gone(Exception):
    """The balancer closed the connection in the middle."""


class Backend:
    def __init__(self, index, host, port):
        self._index = index
        self._address = (host, port)
        self._listener = None
        self._tasks = {}
        self._idle = set()
        self._acknowledged = {}
        self._health = 200
        self._delay = 0.0
        self._connections = 0

    @staticmethod
    def tell(*parts):
        os.write(1, (json.dumps([*parts, time.monotonic()], separators=(",", ":")) + "\n").encode())

    # Life

    def listen(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(self._address)
        listener.listen(1024)
        listener.setblocking(False)
        self._listener = listener
        asyncio.get_running_loop().add_reader(listener, self._accept)
        self._address = listener.getsockname()
        self.tell("L", self._index, self._address[1])

    def _accept(self):
        try:
            sock, _ = self._listener.accept()
        except OSError:
            # Whoever it was has gone again.
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = Peer(sock)
        self._connections += 1
        task = asyncio.create_task(self._serve(peer, self._connections))
        self._tasks[task] = peer
        task.add_done_callback(lambda task: self._tasks.pop(task, None))

    def command(self, line):
        words = line.split()
        match words:
            case ["health", status]:
                self._health = int(status)
            case ["delay", seconds]:
                self._delay = float(seconds)
            case ["die"]:
                # Like a process that is killed, with resets where a kill would send ends.
                asyncio.get_running_loop().remove_reader(self._listener)
                self._listener.close()
                for task, peer in list(self._tasks.items()):
                    peer.reset()
                    task.cancel()
                self.tell("D", self._index)
            case ["live"]:
                self.listen()
            case ["acknowledge", rid]:
                if rid in self._acknowledged:
                    self._acknowledged[rid].set()
            case ["idle"]:
                before = time.monotonic()
                for peer in list(self._idle):
                    self._shut(peer)
                self.tell("I", self._index, before)

    def _shut(self, peer):
        """Closes a connection at rest while its task waits for a request."""
        try:
            peer.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    # Connections

    async def _serve(self, peer, number):
        count = 0
        trap = None
        try:
            while True:
                if count:
                    self._idle.add(peer)
                try:
                    head = await peer.head()
                finally:
                    self._idle.discard(peer)
                line, fields = fields_of(head)
                method, target, _ = line.split(" ")
                if (value_of(fields, "user-agent") or "").startswith("swerve-health/"):
                    await peer.send(f"HTTP/1.1 {self._health} Probe\r\nContent-Length: 0\r\n"
                                    "Connection: close\r\n\r\n".encode())
                    return
                count += 1
                if not await self._exchange(peer, number, count, method, target, fields, trap):
                    return
                spec = Spec.read(target)
                trap = spec.act if spec.act_at(self._index) in ("trapfin", "traprst") else None
        except (Ended, ConnectionError, OSError):
            pass
        except (Malformed, ValueError) as error:
            self.tell("X", self._index, f"the balancer sent something malformed: {error}")
        finally:
            peer.close()

    async def _exchange(self, peer, number, count, method, target, fields, trap):
        """Serves one request; returns whether the connection goes on."""
        spec = Spec.read(target)
        if spec is None:
            self.tell("X", self._index, f"a request that nobody makes: {method} {target[:80]}")
            return False
        act = spec.act_at(self._index)
        self.tell("A", spec.rid, self._index, count)
        if value_of(fields, "x-forwarded-for") != value_of(fields, "x-client"):
            self.tell("X", self._index, f"{spec.rid}: X-Forwarded-For is not the client's own address")
        if trap:
            # The balancer reused this connection in the very moment it ends.
            self.tell("E", spec.rid, self._index, "reset0" if trap == "traprst" else "close0")
            if trap == "traprst":
                peer.reset()
            elif value_of(fields, "expect") is None:
                await self._read_body(peer, fields, spec)
            return False
        try:
            ok = await self._act(peer, method, fields, spec, act)
        except (Ended, ConnectionError, OSError):
            self.tell("E", spec.rid, self._index, "gone")
            return False
        return ok and act != "after"

    async def _act(self, peer, method, fields, spec, act):
        if self._delay:
            await asyncio.sleep(self._delay)
        if act == "reset0":
            self.tell("E", spec.rid, self._index, "reset0")
            peer.reset()
            return False
        if act == "deaf":
            await asyncio.Event().wait()
        if act == "417":
            return await self._early(peer, spec, 417)
        if act == "early":
            if not peer.buffer and value_of(fields, "expect") is None:
                await peer.more()
            return await self._early(peer, spec, 413)
        if value_of(fields, "expect") == "100-continue":
            self._begin(spec)
            await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        switches = value_of(fields, "upgrade") == "websocket"
        wrong = None if switches else await self._read_body(peer, fields, spec)
        if wrong:
            self.tell("X", self._index, f"{spec.rid}: {wrong}")
        match act:
            case "close0":
                self.tell("E", spec.rid, self._index, "close0")
                return False
            case "silent":
                while True:
                    await peer.more()
            case "garbage":
                self._begin(spec)
                self.tell("E", spec.rid, self._index, "garbage")
                await peer.send(_TEAPOT)
                return False
            case "headfin" | "headrst":
                self._begin(spec)
                await peer.send(b"HTTP/1.1 200 OK\r\nContent-Le")
                self.tell("E", spec.rid, self._index, "headcut")
                if act == "headrst":
                    peer.reset()
                return False
        if switches:
            return await self._echo(peer, spec)
        self._begin(spec)
        if act == "hints":
            await peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
        return await self._answer(peer, method, spec, act)

    def _begin(self, spec):
        self.tell("H", spec.rid, self._index)

    async def _early(self, peer, spec, status):
        """Answers before the upload is complete, and reads on so that nobody's reset overtakes the answer."""
        self._begin(spec)
        await peer.send(f"HTTP/1.1 {status} No\r\nX-Backend: {self._index}\r\nContent-Length: {spec.size}"
                        "\r\nConnection: close\r\n\r\n".encode())
        await peer.send(pattern(shift_of(spec.rid), 0, spec.size))
        self.tell("E", spec.rid, self._index, "done")
        try:
            peer.sock.shutdown(socket.SHUT_WR)
            while True:
                peer.buffer = b""
                await peer.more()
        except (Ended, OSError):
            return False

    async def _read_body(self, peer, fields, spec):
        """Reads and checks the upload; returns what is wrong with it."""
        length = value_of(fields, "content-length")
        coding = value_of(fields, "transfer-encoding")
        if length is not None and coding is not None:
            return "both framings at once"
        checker = Checker(shift_of("up" + spec.rid))
        if coding is not None:
            await peer.chunked(checker.take)
        elif length is not None:
            await peer.counted(int(length), checker.take)
        if checker.wrong_at is not None:
            return f"wrong byte at {checker.wrong_at} of the upload"
        if checker.count != spec.up:
            return f"{checker.count} bytes of the upload instead of {spec.up}"
        return None

    async def _answer(self, peer, method, spec, act):
        head = f"HTTP/1.1 200 OK\r\nX-Backend: {self._index}\r\nX-Up: {spec.up}\r\n"
        match spec.framing:
            case "len":
                head += f"Content-Length: {spec.size}\r\n"
            case "chunk":
                head += "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n"
            case "close":
                head += "Connection: close\r\n"
        if act == "extra":
            # In one piece: behind an answer that was taken already, such bytes would meet the next request.
            await peer.send(head.encode() + b"\r\n" + (b"" if method == "HEAD" else
                            bytes(pattern(shift_of(spec.rid), 0, spec.size))) + _SECRET)
            self.tell("E", spec.rid, self._index, "done")
            return False
        await peer.send(head.encode() + b"\r\n")
        cut = spec.arg if act in ("cutfin", "cutrst") else None
        if method != "HEAD":
            await self._body(peer, spec, act, cut)
        if cut is not None:
            self.tell("E", spec.rid, self._index, "cut")
            if act == "cutrst":
                peer.reset()
            return False
        self.tell("E", spec.rid, self._index, "done")
        if act == "after":
            if spec.arg:
                await asyncio.sleep(spec.arg / 1000)
            before = time.monotonic()
            peer.close()
            self.tell("I", self._index, before)
        return spec.framing != "close"

    async def _acknowledgement(self, rid):
        event = self._acknowledged[rid] = asyncio.Event()
        self.tell("W", rid)
        try:
            await event.wait()
        finally:
            del self._acknowledged[rid]

    async def _body(self, peer, spec, act, cut):
        shift, sent = shift_of(spec.rid), 0
        whole = spec.size if cut is None else min(cut, spec.size)
        piece = max(1, spec.size // spec.pieces) if spec.pieces else 65_536
        while sent < whole:
            size = min(piece, whole - sent)
            if spec.framing == "chunk":
                await peer.send(b"%x\r\n" % size + bytes(pattern(shift, sent, size)) + b"\r\n")
            else:
                await peer.send(pattern(shift, sent, size))
            sent += size
            if act == "events" and sent == size:
                # The client says through the soak that it has the first event; only then there are more.
                await self._acknowledgement(spec.rid)
            if spec.pieces and sent < whole:
                await asyncio.sleep(spec.arg / 1000)
        if spec.framing == "chunk" and cut is None:
            await peer.send(b"0\r\nX-Sum: %d\r\n\r\n" % shift)

    async def _echo(self, peer, spec):
        self._begin(spec)
        await peer.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                        b"X-Backend: %d\r\n\r\n" % self._index)
        checker = Checker(shift_of("up" + spec.rid))
        try:
            while True:
                if peer.buffer:
                    data, peer.buffer = peer.buffer, b""
                    checker.take(data)
                    await peer.send(data)
                await peer.more(65_536)
        except Ended:
            pass
        if checker.wrong_at is not None:
            self.tell("X", self._index, f"{spec.rid}: wrong byte at {checker.wrong_at} of the tunnel")
        self.tell("E", spec.rid, self._index, "done")
        return False


async def main(index, host, port):
    backend = Backend(index, host, port)
    backend.listen()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        backend.command(line.decode())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
