import Glibc
import MessageFuzz

/// What `Tests/Fuzz` holds beside its code.
enum SavedInputs {
    /// A file of a target's folder.
    struct Input {
        var name: String
        var bytes: [UInt8]
    }

    private static let folder =
        #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Fuzz"

    /// The saved inputs of a target in the order of their names.
    static func inputs(_ target: FuzzTarget) -> [Input] {
        let path = "\(folder)/Corpus/\(target.rawValue)"
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted().map { Input(name: $0, bytes: contents("\(path)/\($0)")) }
    }

    /// The pieces of the dictionary, which `Scripts/fuzz` gives to libFuzzer, too.
    static func pieces() -> [[UInt8]] {
        contents("\(folder)/http.dict").split(separator: 10).compactMap { line in
            guard line.first == 34, line.last == 34, line.count > 2 else { return nil }
            return unescaped(Array(line.dropFirst().dropLast()))
        }
    }

    /// The bytes of a dictionary entry: `\xHH`, `\"` and `\\` stand for one byte.
    private static func unescaped(_ entry: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = entry[...]
        while let byte = rest.popFirst() {
            guard byte == 92, let escaped = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            guard escaped == 120 else {
                bytes.append(escaped)
                continue
            }
            bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    private static func contents(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}
