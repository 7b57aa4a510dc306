import Configuration
import Logging
import Testing

@testable import Serving

@Suite struct ControlTests {
    private static func control(_ places: Int) -> Control {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let plan = Control.Plan(configuration: ServerConfiguration(backends: []), listeners: [])
        return Control(plan, maxConnections: places, faults: FaultLog(logger))
    }

    @Test func `no phase comes back`() {
        let control = Self.control(1)
        control.advance(to: .cut)
        for phase in [Control.Phase.starting, .open, .leaving, .draining, .closingTunnels] {
            control.advance(to: phase)
            #expect(control.phase == .cut)
        }
    }

    @Test func `a place is taken or refused, and free again`() {
        let control = Self.control(2)
        #expect(control.room() == 2)
        #expect(control.admitClient() && control.admitClient() && !control.admitClient())
        #expect(control.clientCount == 2 && control.room() == 0)
        control.clientLeft()
        #expect(control.room() == 1 && control.admitClient())
    }

    @Test func `a limit that a reload lowers lets nobody in until enough have left`() {
        let control = Self.control(2)
        #expect(control.admitClient() && control.admitClient())
        control.replace(control.plan, maxConnections: 1)
        #expect(control.room() == -1 && !control.admitClient())
        control.clientLeft()
        #expect(!control.admitClient())
        control.clientLeft()
        #expect(control.admitClient() && control.clientCount == 1)
    }

    @Test(arguments: [
        (Control.Phase.starting, false), (.open, true), (.leaving, true), (.draining, false),
        (.closingTunnels, false), (.cut, false),
    ])
    func `clients are let in while the run is open, and while it is left`(
        _ phase: Control.Phase,
        _ isAccepting: Bool
    ) {
        let control = Self.control(1)
        control.advance(to: phase)
        #expect(control.isAccepting == isAccepting)
    }
}
