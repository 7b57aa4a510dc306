import Configuration
import Events
import Logging
import Proxying
import TestSupport
import Upstreams

@testable import Serving

/// A worker on the thread of the test, without a supervisor: the test moves the run on and turns the loop.
final class LoopedWorker {
    let loop: EventLoop
    let control: Control
    private(set) var worker: Worker?
    /// What the worker has reported so far.
    private(set) var reports: [Control.Report] = []
    private var nextID = 1

    init(backend: UInt16, maxConnections: Int = 10) throws {
        let backends = [BackendAddress(host: "127.0.0.1", port: backend)]
        var configuration = ServerConfiguration(backends: backends)
        configuration.accessLog = .off
        configuration.listeners = [ListenAddress(host: "127.0.0.1", port: 0)]
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let plan = Control.Plan(configuration: configuration, listeners: [try Self.plan(0)])
        let control = Control(plan, maxConnections: maxConnections, faults: FaultLog(logger))
        self.control = control
        loop = try EventLoop()
        let blueprint = Worker.Blueprint(
            board: BackendBoard(backends.map { BackendConfiguration($0) }),
            control: control,
            account: DescriptorAccount(limit: 1000) { control.ringAll() },
            sink: try LogSink(nil, logger: logger),
            logger: logger
        )
        worker = try Worker(0, blueprint, on: loop)
    }

    /// A plan on a port that the kernel chooses.
    private static func plan(_ id: Int) throws -> ListenPlan {
        try ListenPlan(
            ListenAddress(host: "127.0.0.1", port: 0),
            id: id,
            workerCount: 1,
            sharesPorts: false
        )
    }

    /// The port of the first listener of the plan.
    var port: UInt16 { control.plan.listeners[0].bound.port }

    /// Puts another listener in the place of those there are, as a reload does.
    func moveListener() throws {
        var plan = control.plan
        plan.version += 1
        plan.listeners = [try Self.plan(nextID)]
        nextID += 1
        control.replace(plan, maxConnections: control.maxConnections)
    }

    /// Turns the loop until `condition` holds.
    ///
    /// - Returns: whether it came to hold in time.
    func run(until condition: @escaping () -> Bool) -> Bool {
        let deadline = Deadline.after()
        var look: Timer?
        look = Timer(on: loop) { [self] in
            reports += control.reports.takeAll()
            if condition() || deadline.hasPassed { loop.stop() } else { look?.start(after: .milliseconds(1)) }
        }
        look?.start(after: .zero)
        loop.run()
        look = nil
        return condition()
    }

    /// How many exchanges were cut, once the worker has ended.
    var cutCount: Int? {
        for report in reports { if case .ended(let cut) = report { return cut } }
        return nil
    }

    /// How often the worker has said that it ended.
    var endCount: Int { reports.count { if case .ended = $0 { true } else { false } } }

    /// Lets go of the worker and of what the loop was to do for it.
    func release() {
        // Open connections keep themselves alive.
        worker?.proxy.drain()
        worker?.proxy.cutAll()
        worker?.proxy.dropSpares()
        worker = nil
        loop.removeTurnEnds()
        let end = Timer(on: loop) { [loop] in loop.stop() }
        end.start(after: .zero)
        loop.run()
    }
}
