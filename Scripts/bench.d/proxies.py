"""How each proxy is started: one worker, on the proxies' core, with the same features switched on.

Every one keeps its connections to the origin, adds X-Forwarded-For and writes no access log; none of them probes the
origin. The relay does nothing at all to the bytes and marks the floor.
"""

import os
import re
import socket
import time

from failure import Failure
from processes import Child

# Buffers stay at the sizes nginx comes with (8 of 4 KiB), as HAProxy's do. With proxy_buffering off and one buffer of
# 256 KiB nginx moves 1 MiB answers at about the cost of the bare relay, a third of what it needs by itself.
# Request bodies pass as they come, as they do in the other proxies. Nothing goes to disk.
NGINX = """\
daemon off;
{user}
worker_processes 1;
worker_rlimit_nofile {files};
error_log stderr error;
pid {folder}/nginx-{port}.pid;
events {{
    use epoll;
    worker_connections 16384;
}}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    keepalive_timeout 120s;
    keepalive_requests 1000000000;
    client_max_body_size 0;
    upstream origin {{
        server 127.0.0.1:{origin};
        keepalive 1024;
        keepalive_requests 1000000000;
        keepalive_timeout 120s;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_request_buffering off;
            proxy_max_temp_file_size 0;
        }}
    }}
}}
"""

# Buffers stay at the 16 KiB that HAProxy comes with. With 64 KiB its 1 MiB answers cost half, but small ones and
# those of 64 KiB more; splicing does not pay over loopback.
HAPROXY = """\
global
    nbthread 1
    maxconn 6000
defaults
    mode http
    option forwardfor
    http-reuse always
    timeout connect 5s
    timeout client 120s
    timeout server 120s
    timeout http-request 30s
    timeout http-keep-alive 120s
listen bench
    bind 127.0.0.1:{port} backlog 4096
    server origin 127.0.0.1:{origin}
"""

_PORT_IN_USE = re.compile("address already in use|cannot bind", re.IGNORECASE)


class Proxy:
    """A running proxy: its process and its port."""

    def __init__(self, child, port):
        self.child = child
        self.port = port


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _accepts(port):
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def _start_on_free_port(stack, name, core, folder, command):
    """For programs that cannot tell the port they were given: chooses one, and another if somebody was faster."""
    for _ in range(5):
        port = _free_port()
        child = stack.enter_context(Child(name, command(port), core, folder))
        deadline = time.monotonic() + 10
        while child.alive() and time.monotonic() < deadline:
            if _accepts(port) and child.alive():
                return Proxy(child, port)
            time.sleep(0.02)
        if child.alive() or not _PORT_IN_USE.search(child.log()):
            child.fail("does not accept connections")
    raise Failure(f"{name}: no free port found")


def start_origin(stack, tools, core):
    child = stack.enter_context(Child("origin", [tools.origin], core, tools.folder))
    return int(child.read_line(5))


def _start_relay(stack, tools, core, origin):
    child = stack.enter_context(Child("relay", [tools.relay, f"127.0.0.1:{origin}"], core, tools.folder))
    return Proxy(child, int(child.read_line(5)))


def _start_nginx(stack, tools, core, origin):
    def command(port):
        path = os.path.join(tools.folder, f"nginx-{port}.conf")
        with open(path, "w") as file:
            file.write(NGINX.format(folder=tools.folder, port=port, origin=origin, files=tools.descriptors,
                                    user="user root;" if os.getuid() == 0 else ""))
        return ["nginx", "-p", tools.folder, "-c", path, "-e", "stderr"]
    return _start_on_free_port(stack, "nginx", core, tools.folder, command)


def _start_haproxy(stack, tools, core, origin):
    def command(port):
        path = os.path.join(tools.folder, f"haproxy-{port}.cfg")
        with open(path, "w") as file:
            file.write(HAPROXY.format(port=port, origin=origin))
        return ["haproxy", "-db", "-f", path]
    return _start_on_free_port(stack, "haproxy", core, tools.folder, command)


def start_swerve(stack, tools, core, backends, options=("--health-interval", "0")):
    command = [tools.swerve, "--listen", "127.0.0.1:0", "--access-log", "off", "--drain-timeout", "1s", *options]
    if tools.swerve_has_workers:
        command += ["--workers", "1"]
    for backend in backends:
        command += ["--backend", backend]
    child = stack.enter_context(Child("swerve", command, core, tools.folder))
    deadline = time.monotonic() + 15
    while child.alive() and time.monotonic() < deadline:
        listening = re.search(r"listening on http://127\.0\.0\.1:(\d+)", child.log())
        if listening:
            return Proxy(child, int(listening[1]))
        time.sleep(0.02)
    child.fail("does not say that it accepts connections")


def _start_swerve_alone(stack, tools, core, origin):
    return start_swerve(stack, tools, core, [f"127.0.0.1:{origin}"])


START = {"relay": _start_relay, "nginx": _start_nginx, "haproxy": _start_haproxy, "swerve": _start_swerve_alone}
