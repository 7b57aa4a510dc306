/// The version of Swerve, in the one place that states it.
public enum SwerveVersion {
    /// Semantic version without a prefix, as `swerve --version` prints it.
    public static let current = "0.2.0"
}
