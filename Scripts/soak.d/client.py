"""One process of clients: so many at a time, each running one session after the other while it is told to."""

import asyncio
import json
import os
import random
import sys
import time

from traffic import Traffic


class Crowd:
    def __init__(self, name, balancer, backend_count, seed, size):
        self._size = size
        self._going = asyncio.Event()
        self._busy = 0
        self._traffic = Traffic(name, balancer, backend_count, random.Random(f"{seed}/{name}"), self.tell)

    @staticmethod
    def tell(*parts):
        data = (json.dumps(parts, separators=(",", ":")) + "\n").encode()
        os.write(1, data)

    async def _actor(self):
        while True:
            await self._going.wait()
            self._busy += 1
            try:
                await self._traffic.run_one()
            except OSError as error:
                self.tell("X", -1, f"a client could not go on: {error!r}")
            finally:
                self._busy -= 1
                if self._busy == 0 and not self._going.is_set():
                    self.tell("R", time.monotonic())

    async def run(self):
        actors = [asyncio.create_task(self._actor()) for _ in range(self._size)]
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        commands = asyncio.create_task(self._obey(reader))
        done, _ = await asyncio.wait([commands, *actors], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def _obey(self, reader):
        while line := await reader.readline():
            match line.decode().strip():
                case "go":
                    self._going.set()
                case "rest":
                    self._going.clear()
                    if self._busy == 0:
                        self.tell("R", time.monotonic())


async def main(name, port, backend_count, seed, size):
    await Crowd(name, ("127.0.0.1", port), backend_count, seed, size).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])))
