"""Requests that no backend may ever hear of, and the statuses that refuse them; `@` stands for the target."""

_HOST = b"Host: soak.test\r\n"

MALFORMED = [
    ("length and chunks", b"POST @ HTTP/1.1\r\n" + _HOST +
     b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
    ("two lengths", b"POST @ HTTP/1.1\r\n" + _HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", (400,)),
    ("signed length", b"POST @ HTTP/1.1\r\n" + _HOST + b"Content-Length: +5\r\n\r\nhello", (400,)),
    ("chunked twice", b"POST @ HTTP/1.1\r\n" + _HOST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", (400,)),
    ("other coding", b"POST @ HTTP/1.1\r\n" + _HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", (501,)),
    ("space before colon", b"GET @ HTTP/1.1\r\nHost : soak.test\r\n\r\n", (400,)),
    ("folded line", b"GET @ HTTP/1.1\r\n" + _HOST + b"X-A: b\r\n c\r\n\r\n", (400,)),
    ("bare line feeds", b"GET @ HTTP/1.1\nHost: soak.test\n\n", (400,)),
    ("control byte", b"GET @ HTTP/1.1\r\n" + _HOST + b"X-A: b\x01\r\n\r\n", (400,)),
    ("no host", b"GET @ HTTP/1.1\r\nX-A: b\r\n\r\n", (400,)),
    ("two hosts", b"GET @ HTTP/1.1\r\n" + _HOST + _HOST + b"\r\n", (400,)),
    ("version 2.0", b"GET @ HTTP/2.0\r\n" + _HOST + b"\r\n", (505,)),
    ("CONNECT", b"CONNECT soak.test:443 HTTP/1.1\r\n" + _HOST + b"\r\n", (405,)),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(32)) + b"\r\n\r\n", (400,)),
    ("large head", b"GET @ HTTP/1.1\r\n" + _HOST + b"X-A: " + b"a" * 70_000 + b"\r\n\r\n", (431,)),
    ("long target", b"GET @" + b"a" * 20_000 + b" HTTP/1.1\r\n" + _HOST + b"\r\n", (414,)),
    ("many fields", b"GET @ HTTP/1.1\r\n" + _HOST + b"X-A: b\r\n" * 101 + b"\r\n", (431,)),
]
