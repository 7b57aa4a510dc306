"""Backends that answer well, badly or not at all, and read every request strictly.

Prints the addresses it listens on. On the line `close` of its standard input it closes every connection, on `report` it
prints what it saw.
"""

import json
import random
import select
import socket
import struct
import sys

from mutation import Mutator, responses
from strict import Malformed, Reader

RESET = struct.pack("ii", 1, 0)


class Connection:
    """One connection of the balancer's."""

    def __init__(self, sock):
        sock.setblocking(False)
        self.sock = sock
        self.reader = Reader()
        self.is_opaque = False


class Origin:
    """All backends, on one epoll."""

    def __init__(self, seed, count):
        self.epoll = select.epoll()
        self.listeners = {}
        self.connections = {}
        self.mutator = Mutator(seed, responses())
        self.requests = 0
        self.accepted = 0
        self.malformed = []
        for index in range(count):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((f"127.0.0.{index + 2}", 0))
            listener.listen(1024)
            listener.setblocking(False)
            self.listeners[listener.fileno()] = listener
            self.epoll.register(listener.fileno(), select.EPOLLIN)
        self.epoll.register(sys.stdin.fileno(), select.EPOLLIN)

    def addresses(self):
        return ["%s:%d" % listener.getsockname() for listener in self.listeners.values()]

    def run(self):
        print(json.dumps(self.addresses()), flush=True)
        while True:
            for descriptor, _ in self.epoll.poll():
                if descriptor == sys.stdin.fileno():
                    if not self.obey(sys.stdin.readline().strip()):
                        return
                elif descriptor in self.listeners:
                    self.accept(self.listeners[descriptor])
                elif descriptor in self.connections:
                    self.read(self.connections[descriptor])

    def obey(self, command):
        if command == "close":
            for connection in list(self.connections.values()):
                self.drop(connection)
            print("closed", flush=True)
        elif command == "report":
            report = {"requests": self.requests, "connections": self.accepted, "malformed": self.malformed}
            print(json.dumps(report), flush=True)
        return bool(command)

    def accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except BlockingIOError:
                return
            self.accepted += 1
            self.connections[sock.fileno()] = Connection(sock)
            self.epoll.register(sock.fileno(), select.EPOLLIN)

    def drop(self, connection, resets=False):
        if resets:
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        del self.connections[connection.sock.fileno()]
        connection.sock.close()

    def read(self, connection):
        try:
            data = connection.sock.recv(65536)
        except OSError:
            return self.drop(connection)
        if not data:
            return self.drop(connection)
        if connection.is_opaque:
            return None
        try:
            for request in connection.reader.feed(data):
                self.requests += 1
                if not self.answer(connection, request):
                    return None
        except Malformed as error:
            self.malformed.append(f"{error} in {data!r}")
            self.drop(connection)

    def answer(self, connection, request):
        """Answers somehow; returns whether the connection goes on."""
        try:
            return self.try_to_answer(connection, request)
        except OSError:
            self.drop(connection)
            return False

    def try_to_answer(self, connection, request):
        sock, pick = connection.sock, self.mutator.random
        if request.target.startswith(b"/good"):
            body = b"" if request.is_head else request.target
            sock.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(request.target), body))
            return True
        fate = pick.random()
        if fate < 0.6:
            return self.answer_well(connection, request)
        if fate < 0.9:
            connection.is_opaque = request.upgrades
            answer = self.mutator.mutated()
            ends = pick.random() < 0.6
            # In one piece or broken off: what came later could meet the next request, and no gateway could tell.
            sock.send(answer[:pick.randint(0, len(answer))] if ends and pick.random() < 0.5 else answer)
            if ends:
                self.drop(connection, resets=pick.random() < 0.3)
            return not ends
        self.drop(connection, resets=fate < 0.95)
        return False

    def answer_well(self, connection, request):
        pick = self.mutator.random
        kind = pick.randrange(4)
        body = b"" if request.is_head else b"hello"
        if kind == 0:
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + body
        elif kind == 1:
            chunks = body and b"2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX: y\r\n\r\n"
            answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
        elif kind == 2:
            answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
        else:
            answer = b"HTTP/1.0 200 OK\r\n\r\n" + body
        cut = pick.randint(0, len(answer))
        connection.sock.send(answer[:cut])
        connection.sock.send(answer[cut:])
        if kind == 3:
            self.drop(connection)
        return kind != 3


if __name__ == "__main__":
    Origin(int(sys.argv[1]), int(sys.argv[2])).run()
