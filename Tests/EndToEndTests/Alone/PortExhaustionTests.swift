import TestSupport
import Testing

/// Whether this machine lets the suite make networks of its own.
private let hasOwnNetworks: Bool = {
    let outcome = try? ExternalProgram("unshare")?.run(["--net", "--map-root-user", "true"])
    return outcome?.status == .code(0) && ExternalProgram("python3") != nil
}()

/// Ports that really run out, in a network of the test's own with ten of them.
@Suite(.enabled(if: hasOwnNetworks)) struct PortExhaustionTests {
    @Test func `a backend that no port is left for is a 503 to those who come too many, and not down`() throws
    {
        let program = try #require(ExternalProgram("unshare"))
        let workers = ChildProcess.variable("SWERVE_TEST_WORKERS") ?? "2"
        let outcome = try program.run(
            ["--net", "--map-root-user", "python3", "-c", Self.scenario, Balancer.binary, workers],
            within: .seconds(180)
        )
        #expect(outcome.status == .code(0), "\(outcome.output)\(outcome.errors)")
    }

    /// The origin, the balancer and its clients; the clients bring ports of their own.
    private static let scenario = """
        import fcntl, socket, struct, subprocess, sys, threading, time

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, 0x8914, struct.pack("16sh", b"lo", 1 | 0x40))
        with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as limits:
            limits.write("40000 40009")

        release = threading.Event()
        held = []

        def serve(connection):
            data = b""
            while b"\\r\\n\\r\\n" not in data:
                piece = connection.recv(65536)
                if not piece:
                    return connection.close()
                data += piece
            if b"GET /hold" in data:
                held.append(connection)
                release.wait(120)
            connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
            connection.close()

        def accept(listener):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        listener = socket.create_server(("127.0.0.1", 9000), backlog=128)
        threading.Thread(target=accept, args=(listener,), daemon=True).start()

        balancer = subprocess.Popen(
            [sys.argv[1], "--listen", "127.0.0.1:8000", "--backend", "127.0.0.1:9000", "--access-log", "off",
             "--health-interval", "200ms", "--workers", sys.argv[2]],
            stderr=subprocess.PIPE, text=True)
        log = []
        ready = threading.Event()

        def follow():
            for line in balancer.stderr:
                log.append(line)
                if "listening on" in line:
                    ready.set()

        threading.Thread(target=follow, daemon=True).start()
        assert ready.wait(60), log

        def client(number, path):
            connection = socket.socket()
            connection.settimeout(120)
            connection.bind(("127.0.0.1", 20000 + number))
            connection.connect(("127.0.0.1", 8000))
            connection.sendall(b"GET %s HTTP/1.1\\r\\nHost: example.test\\r\\n\\r\\n" % path)
            return connection

        def status(connection):
            data = connection.recv(65536)
            return int(data.split(b" ")[1])

        try:
            clients = []
            refused = 0
            for number in range(30):
                before = len(held)
                connection = client(number, b"/hold")
                connection.settimeout(0.05)
                while len(held) == before:
                    try:
                        assert status(connection) == 503
                        refused += 1
                        break
                    except socket.timeout:
                        pass
                else:
                    connection.settimeout(120)
                    clients.append(connection)
            assert refused >= 15 and clients, (refused, len(clients))
            time.sleep(1)
            release.set()
            assert [status(connection) for connection in clients] == [200] * len(clients)
            limit = time.monotonic() + 60
            number = 100
            while status(client(number, b"/")) != 200:
                number += 1
                assert time.monotonic() < limit, log
            assert sum("no connection to a backend can be made: Cannot assign" in line for line in log) == 1, log
            assert not any(" down " in line for line in log), log
            assert balancer.poll() is None
        finally:
            balancer.kill()
        """
}
