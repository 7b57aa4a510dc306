"""A headless Chromium and its tabs, driven over the DevTools protocol by two pipes."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time

PATIENCE = 30  # seconds: far above what anything takes on a busy machine


class BrowserError(Exception):
    """The browser did not do what it was asked to."""


class Browser:
    """One Chromium with a profile of its own, gone without a trace at the end."""

    def __init__(self):
        program = shutil.which("chromium") or shutil.which("google-chrome")
        if program is None:
            raise BrowserError("no chromium here; Scripts/setup --tests installs it")
        self._profile = tempfile.mkdtemp(prefix="swerve-browser-")
        for_it, to_it = os.pipe()
        from_it, by_it = os.pipe()

        def hand_over():
            # The protocol's own descriptors, out of the way of each other first.
            reading, writing = os.dup(for_it), os.dup(by_it)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self._log = open(os.path.join(self._profile, "log"), "wb")
        self._process = subprocess.Popen(
            [
                program,
                "--headless=new",
                "--remote-debugging-pipe",
                f"--user-data-dir={self._profile}/data",
                # Its sandbox needs rights that a container lacks, and it sees no page but ours.
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-extensions",
                "--no-first-run",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=dict(os.environ, HOME=self._profile),
            preexec_fn=hand_over,
            close_fds=False,
        )
        os.close(for_it)
        os.close(by_it)
        self._to_it = to_it
        self._from_it = from_it
        self._number = 0
        self._writing = threading.Lock()
        self._changed = threading.Condition()
        self._answers = {}
        self._is_gone = False
        self._tabs = {}
        threading.Thread(target=self._read, daemon=True).start()
        self.version = self.call("Browser.getVersion")["product"]

    def close(self):
        """Ends it and removes its profile."""
        self._process.kill()
        self._process.wait()
        os.close(self._to_it)
        self._log.close()
        for _ in range(50):
            # Its helpers may still be writing while they die.
            shutil.rmtree(self._profile, ignore_errors=True)
            if not os.path.exists(self._profile):
                break
            time.sleep(0.05)

    def call(self, method, session=None, **parameters):
        """Calls a method of the protocol and returns its result."""
        with self._changed:
            self._number += 1
            number = self._number
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        with self._writing:
            while data:
                data = data[os.write(self._to_it, data) :]
        with self._changed:
            self._changed.wait_for(lambda: number in self._answers or self._is_gone, PATIENCE)
            answer = self._answers.pop(number, None)
        if answer is None:
            raise BrowserError(f"{method}: no answer; {self._said()}")
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def tab(self, **options):
        """Opens a tab."""
        # A window of its own: a tab behind another one is hidden, and the page pauses then.
        target = self.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, target, session)
        self._tabs[session] = tab
        tab.set_up(**options)
        return tab

    def _said(self):
        self._log.flush()
        with open(self._log.name, "rb") as log:
            return log.read()[-2000:].decode(errors="replace")

    def _read(self):
        pending = b""
        while True:
            data = os.read(self._from_it, 1 << 20)
            if not data:
                break
            *messages, pending = (pending + data).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    with self._changed:
                        self._answers[message["id"]] = message
                        self._changed.notify_all()
                elif tab := self._tabs.get(message.get("sessionId")):
                    tab.saw(message["method"], message["params"])
        with self._changed:
            self._is_gone = True
            self._changed.notify_all()


class Tab:
    """One page: what it asked for, what it complained about, what is on it."""

    def __init__(self, browser, target, session):
        self._browser = browser
        self._target = target
        self._session = session
        self._paused = []
        self._stand_in = None
        self.requests = []
        self.complaints = []

    def set_up(self, scheme="light", size=(1280, 900), phone=False):
        """Says how the page is looked at."""
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.call("Log.enable")
        self.call("Network.enable")
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )

    def call(self, method, **parameters):
        """Calls a method of the protocol for this page."""
        return self._browser.call(method, self._session, **parameters)

    def saw(self, method, event):
        """Takes note of an event; called on the reading thread, so it must not wait for an answer."""
        if method == "Network.requestWillBeSent":
            self.requests.append(event["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(event["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            self.complaints.append(str([argument.get("value") for argument in event["args"]]))
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            self.complaints.append(event["entry"]["text"])
        elif method == "Fetch.requestPaused":
            threading.Thread(target=self._stand, args=(event["requestId"],), daemon=True).start()

    def stand_in(self, pattern, answer):
        """Answers requests for `pattern` with the JSON that `answer()` returns, in place of the server."""
        self._stand_in = answer
        self.call("Fetch.enable", patterns=[{"urlPattern": pattern}])

    def _stand(self, request):
        body = base64.b64encode(json.dumps(self._stand_in()).encode()).decode()
        headers = [{"name": "Content-Type", "value": "application/json"}]
        try:
            self.call("Fetch.fulfillRequest", requestId=request, responseCode=200, responseHeaders=headers, body=body)
        except BrowserError:
            pass  # The tab is gone.

    def open(self, url):
        """Goes to a page."""
        self.call("Page.navigate", url=url)

    def value(self, expression):
        """The value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise BrowserError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, expression, patience=PATIENCE):
        """Waits until an expression is true and returns its value."""
        end = time.monotonic() + patience
        while True:
            try:
                if value := self.value(expression):
                    return value
                problem = ""
            except BrowserError as error:
                problem = error  # The page is still being loaded.
            if time.monotonic() > end:
                raise BrowserError(f"never true: {expression}; {problem}; the page says:\n{self.text()}")
            time.sleep(0.05)

    def text(self, selector="body"):
        """What a reader sees of the first element that matches."""
        return self.value(f"document.querySelector({json.dumps(selector)})?.innerText")

    def texts(self, selector):
        """What a reader sees of each element that matches."""
        return self.value(f"[...document.querySelectorAll({json.dumps(selector)})].map((node) => node.innerText)")

    def screenshot(self, path):
        """Writes the whole page, however long it is, as a PNG file."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def close(self):
        """Closes it."""
        self._browser.call("Target.closeTarget", targetId=self._target)
