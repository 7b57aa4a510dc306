import Glibc
import MessageFuzz

private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// libFuzzer's own driver, which takes the command line from here on.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<Arguments>,
    _ callback: Callback
) -> CInt

private let target = getenv("SWERVE_FUZZ_TARGET").flatMap { FuzzTarget(rawValue: String(cString: $0)) }

/// Feeds what libFuzzer makes up to the target named in `SWERVE_FUZZ_TARGET`; every flag is libFuzzer's.
@main
enum Driver {
    static func main() {
        guard target != nil else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
            complain("swerve-fuzz: SWERVE_FUZZ_TARGET has to be one of \(names)")
            exit(64)
        }
        exit(run(CommandLine.argc, CommandLine.unsafeArgv))
    }
}

private func run(_ count: CInt, _ arguments: Arguments) -> CInt {
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, feed)
}

private func feed(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        _ = try target?.check(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        complain("fuzz: \(error)")
        abort()
    }
    return 0
}

private func complain(_ message: String) {
    let line = Array("\(message)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
