internal import CEventShims

/// Memory that is free, and that the C library keeps for the next one who asks.
public enum FreedMemory {
    /// Gives it back to the system, which takes milliseconds when there is a lot of it. (`malloc_trim`)
    public static func giveBack() {
        swerve_give_back_memory()
    }
}
