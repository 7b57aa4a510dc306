package import HTTPMessages

/// Where the id of a request stands, which every answer to it takes back.
package struct RequestIDText {
    /// What it stands in.
    let writer: ByteWriter
    /// Where in it.
    let range: Range<Int>

    /// The bytes of `writer` at `range`.
    package init(_ writer: ByteWriter, _ range: Range<Int>) {
        self.writer = writer
        self.range = range
    }

    /// Appends the field line.
    func write(to output: ByteWriter) {
        output.append("X-Request-Id: ")
        output.append(writer, at: range)
        output.append("\r\n")
    }
}
