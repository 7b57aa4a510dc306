public import Configuration
internal import Events
internal import Logging

/// The whole server, from a valid configuration to the process's exit status.
public enum Server {
    /// Runs until a signal stops it.
    ///
    /// - Parameters:
    ///   - configuration: what to run.
    ///   - reread: reads the configuration again from where it came, for a reload.
    /// - Returns: 0 after a clean stop, 1 when it could not start, 2 when exchanges were cut at the drain limit.
    public static func run(
        _ configuration: ServerConfiguration,
        reread: @escaping @Sendable () -> ConfigurationBuilder.Resolution
    ) -> Int32 {
        start(configuration, withDemoBackends: false, reread)
    }

    /// Runs the same in front of backends of its own, which listen where the configuration expects them.
    ///
    /// - Parameters:
    ///   - configuration: what to run.
    ///   - reread: as for `run`.
    /// - Returns: as `run` does.
    public static func runDemo(
        _ configuration: ServerConfiguration,
        reread: @escaping @Sendable () -> ConfigurationBuilder.Resolution
    ) -> Int32 {
        start(configuration, withDemoBackends: true, reread)
    }

    /// How long the process waits at its end for standard error to take the last lines.
    ///
    /// With what the workers have to end after the cut it stays below a second.
    private static let lastLinesLimit = Duration.milliseconds(250)

    private static func start(
        _ configuration: ServerConfiguration,
        withDemoBackends: Bool,
        _ reread: @escaping @Sendable () -> ConfigurationBuilder.Resolution
    ) -> Int32 {
        ServerSignals.hold()
        DescriptorLimit.fillStandardStreams()
        let style = OperationalStyle(configuration)
        let writer = OperationalWriter(.standardError(), style)
        defer { writer.finish(within: lastLinesLimit) }
        let logger = Logger.operational(writer, style)
        do {
            let loop = try EventLoop()
            let demo = withDemoBackends ? try DemoBackends(configuration.backends, on: loop) : nil
            let run = try Supervisor(configuration, on: loop, logger: logger, style: style, reread: reread)
            return withExtendedLifetime(demo) { run.runUntilStopped() }
        } catch {
            logger.error("\(error)")
            return 1
        }
    }
}
