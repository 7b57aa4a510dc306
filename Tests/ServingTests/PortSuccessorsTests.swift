import Testing

@testable import Serving

@Suite struct PortSuccessorsTests {
    /// What the system does with the sockets of a port: the last one takes the place of one that is closed.
    private struct Port {
        var sockets: [String]

        mutating func close(_ name: String) {
            guard let place = sockets.firstIndex(of: name), let last = sockets.popLast() else { return }
            if place < sockets.count { sockets[place] = last }
        }
    }

    @Test(arguments: 1...4, 1...6)
    func `until the last close new clients go to successors, and afterwards to all`(_ own: Int, _ later: Int)
    {
        guard later >= own else { return }
        let successors = PortSuccessors(behind: own, count: later)
        for first in 0..<own {
            var port = Port(sockets: (0..<own).map { "own \($0)" } + (0..<later).map { "later \($0)" })
            for place in successors.all { #expect(port.sockets[place].hasPrefix("later")) }
            for step in 0..<own {
                for place in successors.whileClosing { #expect(port.sockets[place].hasPrefix("later")) }
                port.close("own \((first + step) % own)")
            }
            #expect(successors.whileClosing.lowerBound >= port.sockets.count)
        }
    }

    @Test func `those that were there before are never moved`() {
        let successors = PortSuccessors(before: 2)
        var port = Port(sockets: ["earlier 0", "earlier 1", "own 0", "own 1"])
        for name in ["own 1", "own 0"] {
            for place in successors.whileClosing { #expect(port.sockets[place].hasPrefix("earlier")) }
            port.close(name)
        }
        #expect(port.sockets.count == 2)
    }
}
