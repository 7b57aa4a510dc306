"""What is asked for in each scenario, and over how many connections."""

from dataclasses import dataclass, field

PEERS = ["relay", "nginx", "haproxy"]
LANES = PEERS + ["swerve"]

# What a browser sends with a click: ten fields, about 600 bytes.
BROWSER_FIELDS = """\
Host: shop.example.com
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
Accept-Language: en-GB,en;q=0.7,de;q=0.3
Accept-Encoding: gzip, deflate, br, zstd
Referer: https://shop.example.com/catalogue/shoes?page=3&sort=price
Cookie: session=b7e2c1f09a6d4d5e8f3a7c2b1d0e9f8a; consent=all; theme=dark; cart=1842-7791-0034
Cache-Control: max-age=0
Sec-Fetch-Mode: navigate
Upgrade-Insecure-Requests: 1
"""


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    path: str = "/small"
    answer: int = 100
    fields: str = "Host: bench.example.com\n"
    body: int = 0
    close: bool = False
    connections: int = 64
    kind: str = "closed"          # closed loop, rate, many or idle: who measures it, see measure.py
    remark: str = ""
    compares: str = "cpu_us"      # the figure that the ratios are of
    lanes: list = field(default_factory=lambda: LANES)
    peers: list = field(default_factory=lambda: PEERS)

    def request(self):
        head = f"{'POST' if self.body else 'GET'} {self.path} HTTP/1.1\n{self.fields}"
        if self.body:
            head += f"Content-Type: application/octet-stream\nContent-Length: {self.body}\n"
        if self.close:
            head += "Connection: close\n"
        return (head + "\n").replace("\n", "\r\n").encode() + b"u" * self.body


MANY_BASE = "swerve, 1 backend, 64 connections"
MANY = "swerve, 1 000 backends, many connections"
MANY_FLOOR_BASE = "relay, 64 connections"
MANY_FLOOR = "relay, many connections"

SCENARIOS = [
    Scenario("small", "small: keep-alive GET, 100-byte answers, 64 connections"),
    Scenario("browser", "browser: keep-alive GET with ten fields, 100-byte answers, 64 connections",
             path="/small?utm_source=newsletter&utm_campaign=autumn", fields=BROWSER_FIELDS),
    Scenario("close", "close: one connection for each request, 100-byte answers, 64 at a time", close=True,
             remark="the relay opens a connection to the origin for each request too; the others keep theirs"),
    Scenario("64k", "64k: keep-alive GET, 64 KiB answers, 64 connections", path="/64k", answer=64 * 1024),
    Scenario("1m", "1m: keep-alive GET, 1 MiB answers, 64 connections", path="/1m", answer=1024 * 1024),
    Scenario("upload", "upload: POST of 256 KiB, 100-byte answers, 64 connections", path="/upload", body=256 * 1024),
    Scenario("many", "many: keep-alive GET, 100-byte answers, 64 at a time over 64 or many connections",
             kind="many", lanes=[MANY_FLOOR_BASE, MANY_FLOOR, MANY_BASE, MANY], peers=[MANY_FLOOR_BASE, MANY_BASE]),
    Scenario("latency", "latency: keep-alive GET at a fixed rate, 64 connections; the ratios are of p99",
             kind="rate", compares="p99_us"),
    Scenario("idle", "idle: memory for each of 5 000 idle client connections; the ratios are of that",
             kind="idle", compares="idle_kib", connections=5000),
]
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
