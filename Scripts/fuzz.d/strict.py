"""Reads what the balancer sent, and takes nothing that is not exactly as it should be."""

import re

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
LINE = re.compile(TOKEN + rb" (?:/[!\"$-~]*|\*) HTTP/1\.1")
FIELD = re.compile(rb"(" + TOKEN + rb"): ((?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?)")
SIZE = re.compile(rb"[1-9a-f][0-9a-f]{0,15}|0")
OUR_OWN = {
    b"x-forwarded-for": rb"127\.\d+\.\d+\.\d+", b"x-forwarded-proto": rb"http", b"host": rb"[!-~]+",
    b"x-request-id": rb"[!-~]{1,128}",
}
ENDS_HERE = {
    b"keep-alive", b"proxy", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization", b"te", b"forwarded", b"x-real-ip",
}
LOOKALIKES = {b"content-length", b"transfer-encoding", b"x-real-ip", b"x-request-id"}
FORWARDED = {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"}


class Malformed(Exception):
    """The bytes are not what a strict reader takes."""


class Request:
    """What an origin has to know of a request."""

    __slots__ = ("is_head", "target", "upgrades")

    def __init__(self, line, upgrades):
        method, self.target, _ = line.split(b" ")
        self.is_head = method == b"HEAD"
        self.upgrades = upgrades


class Reader:
    """Takes a connection's bytes as they arrive and says which requests are complete."""

    def __init__(self):
        self.buffer = bytearray()
        self.request = None
        self.remaining = None
        self.state = "head"

    @property
    def is_between(self):
        """Nothing of a request has arrived that is not complete."""
        return self.state == "head" and not self.buffer

    def feed(self, data):
        """Yields each request that is complete."""
        self.buffer += data
        while True:
            step = getattr(self, "read_" + self.state)
            if not step():
                return
            if self.state == "complete":
                self.state = "head"
                yield self.request

    def line(self):
        """The next line, or None when it is incomplete."""
        end = self.buffer.find(b"\n")
        if end < 0:
            if b"\r" in self.buffer[:-1]:
                raise Malformed("a bare CR")
            return None
        line = bytes(self.buffer[:end + 1])
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            raise Malformed("a line does not end with CR LF")
        del self.buffer[:end + 1]
        return line[:-2]

    def read_head(self):
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        lines = bytes(self.buffer[:end]).split(b"\r\n")
        del self.buffer[:end + 4]
        if not LINE.fullmatch(lines[0]):
            raise Malformed("the request line")
        fields = [self.field(line) for line in lines[1:]]
        self.check(fields)
        values = dict(fields)
        self.request = Request(lines[0], b"upgrade" in values)
        if b"transfer-encoding" in values:
            self.state = "size"
        else:
            self.remaining = int(values.get(b"content-length", b"0"))
            self.state = "data" if self.remaining else "complete"
        return True

    @staticmethod
    def field(line):
        match = FIELD.fullmatch(line)
        if not match:
            raise Malformed(f"the field line {line!r}")
        return match[1].lower(), match[2]

    @staticmethod
    def check(fields):
        names = [name for name, _ in fields]
        for name, pattern in OUR_OWN.items():
            values = [value for other, value in fields if other == name]
            if len(values) != 1 or not re.fullmatch(pattern, values[0]):
                raise Malformed(f"{name!r} is {values!r}")
        dashed = [(name, re.sub(rb"[^a-z0-9]", b"-", name)) for name in names]
        if ENDS_HERE & set(names) or any(other in LOOKALIKES and name != other for name, other in dashed):
            raise Malformed("a field that ends at a gateway")
        if any(other.startswith(b"x-forwarded-") and name not in FORWARDED for name, other in dashed):
            raise Malformed("a claim of the client's")
        framing = [(n, v) for n, v in fields if n in (b"content-length", b"transfer-encoding")]
        if len(framing) > 1:
            raise Malformed("two framings")
        for name, value in framing:
            pattern = rb"0|[1-9][0-9]{0,18}" if name == b"content-length" else rb"chunked"
            if not re.fullmatch(pattern, value):
                raise Malformed(f"the framing {value!r}")
        options = [value for name, value in fields if name == b"connection"]
        if options not in ([], [b"upgrade"]) or (b"upgrade" in names) != bool(options):
            raise Malformed("a Connection of the client's")

    def read_data(self):
        if not self.buffer:
            return False
        taken = min(self.remaining, len(self.buffer))
        del self.buffer[:taken]
        self.remaining -= taken
        if not self.remaining:
            self.state = "complete"
        return True

    def read_size(self):
        line = self.line()
        if line is None:
            return False
        if not SIZE.fullmatch(line):
            raise Malformed(f"the chunk size {line!r}")
        self.remaining = int(line, 16)
        self.state = "chunk" if self.remaining else "trailer"
        return True

    def read_chunk(self):
        if len(self.buffer) < self.remaining + 2:
            return False
        if self.buffer[self.remaining:self.remaining + 2] != b"\r\n":
            raise Malformed("no line end behind a chunk")
        del self.buffer[:self.remaining + 2]
        self.state = "size"
        return True

    def read_trailer(self):
        line = self.line()
        if line is None:
            return False
        if not line:
            self.state = "complete"
        else:
            name, _ = self.field(line)
            if re.sub(rb"[^a-z0-9]", b"-", name) in (b"content-length", b"transfer-encoding", b"host", b"connection"):
                raise Malformed("a forbidden trailer")
        return True
