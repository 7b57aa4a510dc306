"""The bytes both ends agree on, and messages read from a socket without trusting anybody's library."""

import asyncio
import random
import socket
import struct
import zlib

PERIOD = 65_521
_BLOCK = random.Random(0x5EED).randbytes(PERIOD)
_BYTES = _BLOCK * 34
_VIEW = memoryview(_BYTES)
LARGEST_SLICE = len(_BYTES) - PERIOD


def shift_of(name):
    """Where the body that belongs to `name` starts in the pattern: two requests hardly ever share one."""
    return zlib.crc32(name.encode()) % PERIOD


def pattern(shift, offset, count):
    """`count` bytes of a body from `offset` on, without a copy; at most `LARGEST_SLICE`."""
    start = (shift + offset) % PERIOD
    return _VIEW[start:start + count]


class Checker:
    """Compares what arrives with the pattern, byte for byte."""

    def __init__(self, shift):
        self._shift = shift
        self.count = 0
        self.wrong_at = None

    def take(self, data):
        start = (self._shift + self.count) % PERIOD
        if self.wrong_at is None and data != _BYTES[start:start + len(data)]:
            expected = _BYTES[start:start + len(data)]
            self.wrong_at = self.count + next(i for i in range(len(data)) if data[i] != expected[i])
        self.count += len(data)


class Malformed(Exception):
    """The peer broke the protocol."""


class Ended(Exception):
    """The peer ended the connection in good order before what was expected had come."""


class Peer:
    """One connection, read through a buffer."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        self._loop = asyncio.get_running_loop()

    async def more(self, size=262_144):
        """Reads once; raises `Ended` at the end and `ConnectionError` at a reset."""
        data = await self._loop.sock_recv(self.sock, size)
        if not data:
            raise Ended
        self.buffer = self.buffer + data if self.buffer else data

    async def send(self, data):
        await self._loop.sock_sendall(self.sock, data)

    async def head(self):
        """The bytes up to and with the empty line."""
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end >= 0:
                head, self.buffer = self.buffer[:end + 4], self.buffer[end + 4:]
                return head
            await self.more()

    async def line(self):
        while True:
            end = self.buffer.find(b"\r\n")
            if end >= 0:
                line, self.buffer = self.buffer[:end], self.buffer[end + 2:]
                return line
            if len(self.buffer) > 65_536:
                raise Malformed("a line without end")
            await self.more()

    async def counted(self, count, take, pause=None):
        """Hands `count` bytes to `take` as they come."""
        while count > 0:
            if not self.buffer:
                if pause:
                    await pause()
                await self.more()
            piece, self.buffer = self.buffer[:count], self.buffer[count:]
            count -= len(piece)
            take(piece)

    async def chunked(self, take, pause=None):
        """Hands the data of a chunked body to `take`; returns the trailers."""
        while True:
            text = await self.line()
            if not text or any(octet not in b"0123456789abcdefABCDEF" for octet in text):
                raise Malformed(f"chunk size {text[:40]!r}")
            size = int(text, 16)
            if size == 0:
                break
            await self.counted(size, take, pause)
            if await self.line() != b"":
                raise Malformed("no line end behind a chunk")
        trailers = {}
        while line := await self.line():
            name, _, value = line.partition(b":")
            trailers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
        return trailers

    async def to_end(self, take, pause=None):
        """Hands everything up to the end of the connection to `take`."""
        try:
            while True:
                if self.buffer:
                    piece, self.buffer = self.buffer, b""
                    take(piece)
                if pause:
                    await pause()
                await self.more()
        except Ended:
            return

    def reset(self):
        """Closes the connection with a reset, if it is not closed yet."""
        if self.sock.fileno() < 0:
            return
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()


def fields_of(head):
    """The start line and the fields of a head, names in lower case, in order."""
    lines = head[:-4].decode("latin-1").split("\r\n")
    fields = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise Malformed(f"field line {line[:60]!r}")
        fields.append((name.lower(), value.strip()))
    return lines[0], fields


def value_of(fields, name):
    """The one value of a field, or `None`."""
    values = [value for field, value in fields if field == name]
    if len(values) > 1:
        raise Malformed(f"{len(values)} fields {name}")
    return values[0] if values else None


class Spec:
    """What a request asks of the backend that answers it, written in its target and read by everybody."""

    #: how the body is framed: len, chunk, close, none
    framing = "len"
    #: what goes wrong on purpose, and at which backend
    act = "ok"
    at = -1

    def __init__(self, rid, size=0, up=0, framing="len", act="ok", at=-1, arg=0, pieces=0):
        self.rid = rid
        self.size = size
        self.up = up
        self.framing = framing
        self.act = act
        self.at = at
        self.arg = arg
        self.pieces = pieces

    @property
    def target(self):
        return (f"/{self.rid}?{self.size}.{self.up}.{self.framing}.{self.act}.{self.at}.{self.arg}."
                f"{self.pieces}")

    @classmethod
    def read(cls, target):
        path, _, query = target.partition("?")
        parts = query.split(".")
        if len(parts) != 7:
            return None
        return cls(path[1:], int(parts[0]), int(parts[1]), parts[2], parts[3], int(parts[4]), int(parts[5]),
                   int(parts[6]))

    def act_at(self, backend):
        return self.act if self.at == backend else "ok"
