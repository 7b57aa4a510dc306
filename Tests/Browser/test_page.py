#!/usr/bin/env python3
"""The status page in a real browser, in front of the real binary.

Usage: test_page.py [NAME...]; SWERVE_BINARY says which binary, SWERVE_ARTIFACTS where the screenshots go.
"""

import contextlib
import copy
import http.client
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time
import unittest

from browser import PATIENCE, Browser

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("SWERVE_BINARY") or f"{ROOT}/.build/debug/swerve"
ARTIFACTS = os.environ.get("SWERVE_ARTIFACTS") or f"{ROOT}/.build/artifacts"
VIEWS = {
    "light": {},
    "dark": {"scheme": "dark"},
    "phone": {"size": (390, 844), "phone": True},
    "phone-dark": {"size": (390, 844), "phone": True, "scheme": "dark"},
}


class Origin:
    """A backend that answers with whatever status it is told to."""

    def __init__(self):
        origin = self
        self.status = 200

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = b"hello\n"
                self.send_response(origin.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        # A balancer that is killed resets its connections.
        self._server.handle_error = lambda *_: None
        self.name = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Swerve:
    """The balancer with its admin listener on a port of the kernel's choice."""

    def __init__(self, origins, *more):
        backends = [part for origin in origins for part in ("--backend", origin.name)]
        flags = "--listen 127.0.0.1:0 --admin 127.0.0.1:0 --access-log off --health-interval 200ms --health-fall 2"
        self._process = subprocess.Popen(
            [BINARY, *flags.split(), *backends, *more], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        watch = threading.Timer(PATIENCE, self._process.kill)
        watch.start()
        ports = {}
        said = []
        while len(ports) < 2:
            line = self._process.stderr.readline()
            if not line:
                raise AssertionError(f"{BINARY} did not start; it said: {''.join(said)}")
            said.append(line)
            if match := re.search(r"(admin listener|listening) on http://[0-9.]+:(\d+)", line):
                ports[match[1]] = int(match[2])
        watch.cancel()
        # What it says from here on is nobody's, but it must not wait for a reader.
        self._drain = threading.Thread(target=self._process.stderr.read, daemon=True)
        self._drain.start()
        self.port = ports["listening"]
        self.admin = f"http://127.0.0.1:{ports['admin listener']}/"

    def close(self):
        self._process.kill()
        self._process.wait()
        self._drain.join()
        self._process.stderr.close()


class Traffic:
    """A client that goes on asking, from several addresses so that each backend gets some of it."""

    def __init__(self, port):
        self._port = port
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        with contextlib.ExitStack() as stack:
            clients = []
            for number in range(1, 13):
                source = (f"127.0.0.{number}", 0)
                client = http.client.HTTPConnection("127.0.0.1", self._port, PATIENCE, source_address=source)
                clients.append(stack.enter_context(contextlib.closing(client)))
            while not self._ends.wait(0.02):
                for client in clients:
                    try:
                        client.request("GET", "/")
                        client.getresponse().read()
                    except OSError:
                        client.close()  # The balancer is gone, or about to.

    def close(self):
        self._ends.set()
        self._thread.join()


def post(url):
    connection = http.client.HTTPConnection(url.split("/")[2], timeout=PATIENCE)
    connection.request("POST", "/" + url.split("/", 3)[3])
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


class PageTests(unittest.TestCase):
    """What an operator sees."""

    @classmethod
    def setUpClass(cls):
        os.makedirs(ARTIFACTS, exist_ok=True)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def enter(self, thing):
        return self.stack.enter_context(contextlib.closing(thing))

    def serve(self, count=3):
        origins = [self.enter(Origin()) for _ in range(count)]
        return origins, self.enter(Swerve(origins))

    def open(self, url, **options):
        tab = self.enter(self.browser.tab(**options))
        tab.open(url)
        return tab

    def row(self, name):
        """JavaScript for the row of a backend."""
        return f"[...document.querySelectorAll('#rows > *')].find((row) => row.textContent.includes({json.dumps(name)}))"

    def is_content(self, tab, url):
        """The page asked nobody but the server it came from, and nothing about it was wrong."""
        strangers = [request for request in tab.requests if not request.startswith((url, "data:"))]
        self.assertEqual(strangers, [])
        self.assertEqual(tab.complaints, [])

    def test_shows_a_server_at_work_and_a_backend_that_goes_in_every_view(self):
        origins, swerve = self.serve()
        self.enter(Traffic(swerve.port))
        tabs = {name: self.open(swerve.admin, **options) for name, options in VIEWS.items()}
        for tab in tabs.values():
            tab.wait("document.body.className === 'fresh' && document.querySelectorAll('#rows > *').length === 3")
            self.assertEqual([text.split("\n")[0] for text in tab.texts("#rows .name")], [o.name for o in origins])
        first = tabs["light"]
        first.value("document.querySelectorAll('#rows > *').forEach((row, i) => { row.marked = i + 1; })")
        first.wait("Number(document.getElementById('rate').innerText) > 0")
        self.assertEqual(first.text("#alive"), "3 of 3 up")
        self.assertEqual(first.text("#phase"), "serving")
        self.assertIn("3 of 3 up", first.value("document.title"))

        origins[1].status = 404
        self.assertEqual(post(f"{swerve.admin}drain?backend={origins[2].name}"), 200)
        for tab in tabs.values():
            row = self.row(origins[1].name)
            tab.wait(f"{row}.innerText.includes('HEAD / answered 404, want 200-399')")
            tab.wait(f"{row}.dataset.state === 'down' && {row}.innerText.includes('next probe')")
            tab.wait(f"{self.row(origins[2].name)}.innerText.includes('draining')")
            tab.wait("document.getElementById('alive').innerText === '1 of 3 up'")
        # Two looks later all traffic is the first backend's, and there are curves.
        for tab in tabs.values():
            tab.wait(f"parseInt({self.row(origins[0].name)}.querySelector('.share em').innerText) >= 40")
            tab.wait("(document.querySelector('#latency-spark .line:last-child').getAttribute('d') ?? '').includes('L')")
            tab.wait("document.getElementById('p99').innerText.includes('ms')")
        self.assertEqual(first.value("[...document.querySelectorAll('#rows > *')].map((row) => row.marked)"), [1, 2, 3])
        for name, tab in tabs.items():
            tab.screenshot(f"{ARTIFACTS}/status-{name}.png")
            self.is_content(tab, swerve.admin)
            wide = tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            self.assertEqual(wide, 0, f"{name}: the page is wider than its window")
        ground = {name: tab.value("getComputedStyle(document.body).backgroundColor") for name, tab in tabs.items()}
        self.assertEqual(ground["light"], ground["phone"])
        self.assertEqual(ground["dark"], ground["phone-dark"])
        self.assertNotEqual(ground["light"], ground["dark"])

        origins[1].status = 200
        first.wait(f"{self.row(origins[1].name)}.dataset.state === 'up'")
        first.wait(f"!{self.row(origins[1].name)}.innerText.includes('404')")

    def test_says_so_when_the_server_is_gone(self):
        _, swerve = self.serve(1)
        tab = self.open(swerve.admin)
        tab.wait("document.body.className === 'fresh'")
        swerve.close()
        tab.wait("document.body.className === 'stale'")
        self.assertRegex(tab.text("#live"), "no answer since .+cannot be reached.+these figures are the last ones")
        self.assertIn("unreachable", tab.value("document.title"))
        self.assertEqual(len(tab.texts("#rows > *")), 1)

    def test_rests_while_it_is_hidden(self):
        _, swerve = self.serve(1)
        tab = self.open(swerve.admin)
        tab.wait("document.body.className === 'fresh'")
        change = "document.dispatchEvent(new Event('visibilitychange'))"
        tab.value(f"Object.defineProperty(document, 'hidden', {{ value: true, configurable: true }}); {change}")
        tab.wait("document.getElementById('live').innerText.includes('paused')")
        looks = len(tab.requests)
        time.sleep(3)
        self.assertEqual(len(tab.requests), looks)
        tab.value(f"Object.defineProperty(document, 'hidden', {{ value: false, configurable: true }}); {change}")
        tab.wait("document.getElementById('live').innerText === 'live'")
        self.assertGreater(len(tab.requests), looks)

    def test_takes_no_text_for_markup(self):
        _, swerve = self.serve(1)
        with contextlib.closing(http.client.HTTPConnection(swerve.admin.split("/")[2], timeout=PATIENCE)) as client:
            client.request("GET", "/status.json")
            status = json.loads(client.getresponse().read())
        evil = "<img src=x onerror=document.title='taken'><script>document.title='taken'</script>\"'`${1}</span>"
        status["backends"][0].update(name=evil, reason=evil, resolved=evil, state=evil, alive=False)
        status["reloads"]["last_error"] = evil
        status["process"]["faults"] = {evil: 1}
        status.update(version=evil, not_ready=evil, phase=evil, listeners=[evil], ready=False)
        tab = self.enter(self.browser.tab())
        tab.stand_in("*/status.json", lambda: status)
        tab.open(swerve.admin)
        tab.wait("document.body.className === 'fresh'")
        self.assertIn(evil, tab.text("#rows .name"))
        self.assertIn(evil, tab.text("#rows .why"))
        self.assertIn(evil, tab.text("#notices"))
        self.assertEqual(tab.value("document.images.length + document.scripts.length"), 1)
        self.assertNotIn("taken", tab.value("document.title"))
        self.is_content(tab, swerve.admin)

    def test_runs_no_script_but_its_own(self):
        _, swerve = self.serve(1)
        tab = self.open(swerve.admin)
        tab.wait("document.body.className === 'fresh'")
        foreign = "const s = document.createElement('script'); s.text = 'window.taken = 1'; document.body.append(s);"
        tab.value(foreign)
        self.assertIsNone(tab.value("window.taken"))
        self.assertTrue(any("Content Security Policy" in complaint for complaint in tab.complaints), tab.complaints)

    def test_a_thousand_backends_are_shown_kept_in_order_and_found(self):
        _, swerve = self.serve(1)
        with contextlib.closing(http.client.HTTPConnection(swerve.admin.split("/")[2], timeout=PATIENCE)) as client:
            client.request("GET", "/status.json")
            status = json.loads(client.getresponse().read())
        model = status["backends"][0]
        status["backends"] = [
            dict(copy.deepcopy(model), name=f"10.0.{i // 250}.{i % 250}:80", position=i) for i in range(1000)
        ]
        status["backends"][700].update(state="down", alive=False, reason="connect: Connection refused")
        tab = self.enter(self.browser.tab())
        tab.stand_in("*/status.json", lambda: dict(status, now=time.time()))
        tab.open(swerve.admin)
        tab.wait("document.querySelectorAll('#rows > *').length === 1000")
        status["backends"] = status["backends"][1:] + [dict(copy.deepcopy(model), name="10.9.9.9:80", position=999)]
        tab.wait("document.querySelector('#rows > :last-child').textContent.includes('10.9.9.9:80')")
        tab.value(
            "document.getElementById('filter').value = 'down';"
            "document.getElementById('filter').dispatchEvent(new Event('input'))"
        )
        shown = "[...document.querySelectorAll('#rows > *')].filter((row) => !row.hidden).map((row) => row.textContent)"
        self.assertEqual(len(tab.value(shown)), 1)
        self.assertIn("10.0.2.200:80", tab.value(shown)[0])
        self.is_content(tab, swerve.admin)

    def test_asks_for_the_token_once_and_keeps_it_for_the_tab(self):
        origin = self.enter(Origin())
        swerve = self.enter(Swerve([origin], "--admin", "0.0.0.0:0", "--admin-token", "open-sesame"))
        tab = self.open(swerve.admin)
        tab.wait("!document.getElementById('ask').hidden && document.body.className === 'asking'")
        self.assertEqual(tab.texts("#rows > *"), [])

        def enter(token):
            tab.value(f"document.getElementById('token').value = {json.dumps(token)}")
            tab.value("document.getElementById('ask').requestSubmit()")

        enter("short")
        tab.wait("document.getElementById('ask-note').innerText.includes('8 to 256')")
        enter("another-token")
        tab.wait("document.getElementById('ask-note').innerText === 'This is not the token.'")
        enter("open-sesame")
        tab.wait("document.body.className === 'fresh' && document.querySelectorAll('#rows > *').length === 1")
        self.assertTrue(tab.value("document.getElementById('ask').hidden"))
        tab.open(swerve.admin)
        tab.wait("document.body.className === 'fresh'")
        self.assertFalse([url for url in tab.requests if "sesame" in url])
        self.assertIsNone(tab.value("localStorage.getItem('swerve-admin-token')"))
        other = self.open(swerve.admin)
        other.wait("document.body.className === 'asking'")


if __name__ == "__main__":
    unittest.main(verbosity=2)
