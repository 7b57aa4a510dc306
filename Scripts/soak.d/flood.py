"""One process of hostile or merely many clients: `flood.py KIND NAME PORT COUNT HOME BACKENDS`.

It says `["ready", n]` when its `n` connections are as the kind wants them, waits for a line, and ends with
`["done", {...}]`.
"""

import asyncio
import json
import os
import sys

from exchange import Link
from processes import raise_descriptor_limit
from traffic import home_of
from wire import Ended, Malformed, Spec, pattern, shift_of

#: How many connections are being made at a time: more would only wait in the system's queue.
_AT_A_TIME = 400


class Flood:
    def __init__(self, name, port, count, home, backend_count):
        self._name = name
        self._balancer = ("127.0.0.1", port)
        self._count = count
        self._home = home
        self._backend_count = backend_count
        self._number = 0
        self._complaints = 0
        self._made = 0
        self._links = []

    def _spec(self, **wanted):
        self._number += 1
        return Spec(f"{self._name}{self._number}", **wanted)

    def _link(self, number, receive_buffer=0):
        """A connection from one of many addresses, because each has only so many ports."""
        first, second, last = 100 + number % 50, number // 250 % 250, 1 + number % 250
        address = f"127.{first}.{second}.{last}"
        while self._home >= 0 and home_of(address, self._backend_count) != self._home:
            last = last % 254 + 1
            address = f"127.{first}.{second}.{last}"
        return Link(self._balancer, address, receive_buffer)

    async def _each(self, act, count=None):
        """Runs `act` for every number, so many at a time; returns what they return."""
        gate = asyncio.Semaphore(_AT_A_TIME)

        async def one(number):
            async with gate:
                return await act(number)
        return await asyncio.gather(*(one(number) for number in range(count or self._count)))

    async def _get(self, link):
        """One small exchange; returns whether it was right, and remembers what was wrong."""
        spec = self._spec(size=100)
        try:
            await link.peer.send(link.head("GET", spec))
            answer = await link.read_answer("GET", spec)
        except ConnectionError as error:
            self._wrong(repr(error))
            return False
        if answer.outcome == "ok" and answer.status == 200:
            return True
        self._wrong(f"{answer.outcome} {answer.status} {answer.detail}")
        return False

    def _wrong(self, text):
        """Tells what goes wrong, a few times."""
        self._complaints += 1
        if self._complaints < 5:
            _tell("wrong", text)

    async def _open_one(self, number):
        link = await self._link(number).open()
        self._links.append(link)
        return link

    def _close_all(self):
        for link in self._links:
            link.close()
        self._links.clear()

    # Kinds: what happens before the line and after it

    async def idle(self):
        """Connections that were used once and rest."""
        good = await self._each(self._used_once)
        return sum(good)

    async def _used_once(self, number):
        return await self._get(await self._open_one(number))

    async def idle_end(self):
        some = self._links[::20]
        good = [await self._get(link) for link in some]
        self._close_all()
        return {"still good": sum(good), "asked": len(some)}

    async def uploads(self):
        """Uploads that stop in the middle, with as much sent as is held for another attempt."""
        await self._each(self._half_upload)
        return len(self._links)

    async def _half_upload(self, number):
        link = await self._open_one(number)
        link.spec = self._spec(size=10, up=100_000)
        await link.peer.send(link.head("POST", link.spec, ["Content-Length: 100000"]))
        await link.peer.send(pattern(shift_of("up" + link.spec.rid), 0, 60_000))

    async def uploads_end(self):
        some = self._links[::10]
        good = 0
        for link in some:
            await link.peer.send(pattern(shift_of("up" + link.spec.rid), 60_000, 40_000))
            answer = await link.read_answer("POST", link.spec)
            good += answer.outcome == "ok" and answer.status == 200
        self._close_all()
        return {"still good": good, "asked": len(some)}

    async def heads(self):
        """A head of 1 MiB on each connection."""
        return self._count

    async def heads_end(self):
        statuses = await self._each(self._large_head)
        return {"refused": sum(status == 431 for status in statuses), "asked": len(statuses)}

    async def _large_head(self, number):
        link = await self._link(number).open()
        try:
            await link.peer.send(b"GET / HTTP/1.1\r\nHost: soak.test\r\nX-Flood: ")
            for _ in range(16):
                await link.peer.send(b"a" * 65_536)
        except ConnectionError:
            pass
        try:
            return (await link.read_answer("GET", self._spec())).status
        finally:
            link.close()

    async def pipelines(self):
        """More requests on each connection than anybody could hold, and nobody reads the answers for a while."""
        await self._each(self._open_one)
        return len(self._links)

    async def pipelines_end(self):
        answers = await asyncio.gather(*(self._pipeline(link) for link in self._links))
        self._close_all()
        return {"answers": sum(answers), "asked": 4000 * len(answers)}

    async def _pipeline(self, link):
        specs = [self._spec(size=1000) for _ in range(4000)]
        writer = asyncio.create_task(link.peer.send(b"".join(link.head("GET", spec) for spec in specs)))
        await asyncio.sleep(2)
        good = 0
        for spec in specs:
            answer = await link.read_answer("GET", spec)
            if answer.outcome != "ok":
                break
            good += 1
        await writer
        return good

    async def download(self):
        """A client that asks for 1 GiB and reads nothing."""
        link = self._link(1, receive_buffer=65_536)
        self._links.append(await link.open())
        spec = self._spec(size=1 << 30)
        await link.peer.send(link.head("GET", spec))
        return 1

    async def download_end(self):
        """The connection is to be given up some time; then what waits in the system is all there is."""
        link, total = self._links[0], 0
        try:
            while True:
                link.peer.buffer = b""
                await link.peer.more()
                total += len(link.peer.buffer)
        except (Ended, ConnectionError):
            pass
        self._close_all()
        return {"bytes": total}

    async def upload(self):
        """A client that sends 1 GiB to a backend that reads nothing."""
        link = await self._open_one(1)
        link.spec = self._spec(up=1 << 30, act="deaf", at=0)
        await link.peer.send(link.head("POST", link.spec, [f"Content-Length: {1 << 30}"]))
        link.sender = asyncio.create_task(link.send_upload(link.spec, False))
        return 1

    async def upload_end(self):
        link = self._links[0]
        answer = await link.read_answer("POST", link.spec)
        link.sender.cancel()
        self._close_all()
        return {"status": answer.status}

    async def resets(self):
        """Connections that open and reset, in every stage of a request."""
        return self._count

    async def resets_end(self):
        await self._each(self._reset)
        return {"reset": self._count}

    async def _reset(self, number):
        link = await self._link(number).open()
        spec = self._spec(size=65_536)
        head = link.head("GET", spec)
        match number % 5:
            case 1:
                await link.peer.send(head[:20])
            case 2:
                await link.peer.send(head)
            case 3:
                await link.peer.send(head)
                try:
                    await link.peer.more(1000)
                except (Ended, ConnectionError):
                    pass
            case 4:
                await link.peer.send(link.head("POST", spec, ["Content-Length: 100000"]) + b"abc")
        link.peer.reset()

    async def crowd(self):
        """More connections than the balancer may have descriptors; all of them ask, and most have to wait."""
        self._tasks = [asyncio.create_task(self._patient(number)) for number in range(self._count)]
        await asyncio.sleep(1)
        return self._count

    async def _patient(self, number):
        # Resting for a while after its answer, each keeps the others waiting.
        link = await self._link(number).open()
        try:
            good = await self._get(link)
            await asyncio.sleep(0.5)
            return good
        finally:
            link.close()

    async def crowd_end(self):
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                self._wrong(repr(result))
        return {"answered": sum(result is True for result in results), "asked": self._count}

    async def squatters(self):
        """Connections that never say anything, made anew whenever they are closed."""
        self._tasks = [asyncio.create_task(self._squat(number)) for number in range(self._count)]
        await asyncio.sleep(3)
        return self._count

    async def _squat(self, number):
        while True:
            link = self._link(number)
            try:
                await link.open()
                self._made += 1
                await link.peer.more()
            except (Ended, OSError, TimeoutError):
                pass
            finally:
                link.close()
            await asyncio.sleep(0.05)

    async def squatters_end(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return {"made": self._made}

    async def working(self):
        """Clients with a request every 100 ms, who connect again when their connection was closed at rest."""
        self._until = asyncio.get_running_loop().time() + 10
        self._tasks = [asyncio.create_task(self._work(number)) for number in range(self._count)]
        return self._count

    async def _work(self, number):
        loop, link, longest, answers = asyncio.get_running_loop(), None, 0.0, 0
        while loop.time() < self._until:
            start = loop.time()
            answered = False
            while not answered:
                if link is None:
                    link = await self._link(number).open()
                spec = self._spec(size=100)
                try:
                    await link.peer.send(link.head("GET", spec))
                    answer = await link.read_answer("GET", spec)
                except ConnectionError:
                    answer = None
                answered = answer is not None and answer.outcome == "ok" and answer.status == 200
                if not answered:
                    if answer is not None and answer.outcome != "lost":
                        self._wrong(f"{answer.outcome} {answer.status}")
                    link.close()
                    link = None
            answers += 1
            longest = max(longest, loop.time() - start)
            if not answer.keeps:
                link.close()
                link = None
            await asyncio.sleep(0.1)
        return longest, answers

    async def working_end(self):
        results = await asyncio.gather(*self._tasks)
        return {"longest": max(longest for longest, _ in results), "answers": sum(count for _, count in results),
                "wrong": self._complaints}

    async def slow(self):
        """Heads that arrive a byte at a time, for ever."""
        self._tasks = [asyncio.create_task(self._dribble(number)) for number in range(self._count)]
        await asyncio.sleep(1)
        return self._count

    async def _dribble(self, number):
        link = await self._link(number).open()
        try:
            text = b"GET / HTTP/1.1\r\nHost: soak.test\r\nX-Slow: "
            for position in range(10_000):
                await link.peer.send(text[position:position + 1] or b"a")
                try:
                    async with asyncio.timeout(0.1):
                        await link.peer.more()
                    break
                except TimeoutError:
                    pass
            return (await link.read_answer("GET", self._spec())).status
        except (Ended, ConnectionError):
            return 0
        finally:
            link.close()

    async def slow_end(self):
        statuses = await asyncio.gather(*self._tasks)
        return {"timed out": sum(status == 408 for status in statuses), "asked": self._count}


def _tell(*parts):
    os.write(1, (json.dumps(parts) + "\n").encode())


async def main(kind, name, port, count, home, backend_count):
    raise_descriptor_limit()
    flood = Flood(name, port, count, home, backend_count)
    try:
        _tell("ready", await getattr(flood, kind)())
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        _tell("done", await getattr(flood, kind + "_end")())
    except (OSError, TimeoutError, Ended, Malformed) as error:
        _tell("failed", repr(error))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:7])))
