"""Saved inputs that are slightly changed, the same ones for the same seed."""

import pathlib
import random
import re

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fuzz"


def saved(target):
    """The saved inputs of a target in the order of their names."""
    return [path.read_bytes() for path in sorted((FOLDER / "Corpus" / target).iterdir())]


def pieces():
    """The entries of the dictionary that libFuzzer uses, too."""
    lines = (FOLDER / "http.dict").read_text().splitlines()
    entries = [line[1:-1].encode() for line in lines if line.startswith('"')]
    escape = re.compile(rb"\\x([0-9a-f]{2})|\\(.)")
    return [escape.sub(lambda m: bytes([int(m[1], 16)]) if m[1] else m[2], entry) for entry in entries]


def requests():
    """Bytes that a client may send, from all targets that hold parts of a request."""
    start = b"POST /a HTTP/1.1\r\nHost: h\r\n"
    inputs = saved("forwarded-request") + saved("request-head")
    inputs += [start + lines + b"\r\n\r\n" for lines in saved("field-lines")]
    inputs += [b"GET " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n" for target in saved("request-target")]
    chunked = start + b"Transfer-Encoding: chunked\r\n\r\n"
    inputs += [chunked + body for body in saved("chunked-body")]
    inputs += [chunked + b"2\r\nab\r\n0\r\n" + section for section in saved("trailers")]
    return inputs


def responses():
    """Bytes that a backend may answer."""
    start = b"HTTP/1.1 200 OK\r\n"
    inputs = saved("forwarded-response") + saved("response-head")
    inputs += [start + lines + b"\r\n\r\nhello" for lines in saved("field-lines")]
    inputs += [start + b"Transfer-Encoding: chunked\r\n\r\n" + body for body in saved("chunked-body")]
    return inputs


class Mutator:
    """Changes inputs in one to three places."""

    def __init__(self, seed, inputs):
        self.random = random.Random(seed)
        self.inputs = inputs
        self.pieces = pieces()

    def intact(self):
        return self.random.choice(self.inputs)

    def mutated(self):
        pick = self.random
        data = bytearray(self.intact())
        for _ in range(pick.randint(1, 3)):
            at = pick.randint(0, len(data))
            end = min(len(data), at + pick.randint(0, 8))
            kind = pick.randrange(6)
            if kind == 0 and at < len(data):
                data[at] ^= 1 << pick.randrange(8)
            elif kind == 1:
                data[at:at] = pick.choice(self.pieces)
            elif kind == 2:
                data[at:end] = pick.choice(self.pieces)
            elif kind == 3:
                del data[at:end]
            elif kind == 4:
                data[at:at] = data[at:end]
            else:
                other = self.intact()
                start = pick.randrange(len(other) + 1)
                data[at:at] = other[start:start + 24]
        return bytes(data)
