internal import Events
internal import Synchronization

/// Messages from any thread to one loop, in the order they were sent.
final class Mailbox<Message: Sendable>: Sendable {
    private struct State: Sendable {
        var messages: [Message] = []
        var bell: Wakeup.Bell?
    }

    private let state = Mutex(State())

    /// Rings `bell` for each message from now on.
    func deliver(to bell: Wakeup.Bell) {
        state.withLock { $0.bell = bell }
    }

    /// Sends a message; never waits for the reader.
    func send(_ message: Message) {
        let bell = state.withLock { state in
            state.messages.append(message)
            return state.bell
        }
        bell?.ring()
    }

    /// Takes everything that was sent.
    func takeAll() -> [Message] {
        state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }
}
