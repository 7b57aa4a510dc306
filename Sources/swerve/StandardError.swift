import Glibc

/// Messages for the person at the terminal.
enum StandardError {
    /// One line, with the name of the program in front.
    static func print(_ message: String) {
        var line = "swerve: \(message)\n"
        line.withUTF8 { bytes in
            // A closed standard error leaves nobody to tell, so the result does not matter.
            _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}
