internal import Configuration
internal import Events

/// The limits of time that streams are given, converted once for each worker.
struct WorkerTimeouts {
    let connect: LoopInterval
    let response: LoopInterval
    let read: LoopInterval
    let clientHeader: LoopInterval
    let clientBody: LoopInterval
    let clientIdle: LoopInterval
    let tunnel: LoopInterval

    init(_ configuration: TimeoutConfiguration) {
        connect = LoopInterval(configuration.connect)
        response = LoopInterval(configuration.response)
        read = LoopInterval(configuration.read)
        clientHeader = LoopInterval(configuration.clientHeader)
        clientBody = LoopInterval(configuration.clientBody)
        clientIdle = LoopInterval(configuration.clientIdle)
        tunnel = LoopInterval(configuration.tunnel)
    }
}
