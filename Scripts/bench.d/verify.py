"""Whether a proxy answers as the origin does: measuring one that does not would be of no use."""

import hashlib
import http.client

from failure import Failure

_BODY = bytes(i * 7 % 251 for i in range(256 * 1024))


def _fnv1a(body):
    value = 14695981039346656037
    for byte in body:
        value = (value ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}".encode()


_BODY_HASH = _fnv1a(_BODY)


def _ask(connection, path, body=None):
    connection.request("POST" if body else "GET", path, body=body)
    answer = connection.getresponse()
    content = answer.read()
    return answer.status, answer.getheader("Content-Length"), hashlib.sha256(content).hexdigest(), content


def check(name, port, origin, forwards=True):
    """Compares status, length and body with the origin's own, on one kept connection; then sees what is forwarded."""
    direct = http.client.HTTPConnection("127.0.0.1", origin, timeout=10)
    through = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        for path in ("/small", "/64k", "/1m"):
            wanted, got = _ask(direct, path), _ask(through, path)
            if got[:3] != wanted[:3]:
                raise Failure(f"{name}: GET {path} has status {got[0]}, length {got[1]}, sha256 {got[2]}; "
                              f"the origin's is {wanted[0]}, {wanted[1]}, {wanted[2]}")
            if through.sock is None:
                raise Failure(f"{name}: does not keep the client's connection")
        status, _, _, content = _ask(through, "/hash", _BODY)
        if (status, content) != (200, _BODY_HASH):
            raise Failure(f"{name}: POST /hash is answered {status} {content!r}; expected {_BODY_HASH!r}")
        fields = _ask(through, "/head")[3].lower().split(b"\r\n")
        if forwards and not any(field.startswith(b"x-forwarded-for: 127.") for field in fields):
            raise Failure(f"{name}: does not set X-Forwarded-For")
        if b"connection: close" in fields:
            raise Failure(f"{name}: does not keep its connection to the origin")
    except (OSError, http.client.HTTPException) as error:
        raise Failure(f"{name}: {error}") from error
    finally:
        direct.close()
        through.close()
