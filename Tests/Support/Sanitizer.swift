/// What the suite and the balancer were built to watch; `SWERVE_TEST_SANITIZER` names it.
///
/// Both sanitizers cost time and memory: a test whose subject is either asks here.
public enum Sanitizer: String, Sendable {
    /// Memory that is used after it was freed, or never freed.
    case address
    /// Memory that two threads use at once.
    case thread

    /// The one of this run, if any.
    public static let current = ChildProcess.variable("SWERVE_TEST_SANITIZER").flatMap(Sanitizer.init)
}
