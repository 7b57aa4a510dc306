package import HTTPMessages

/// Writes the head that a client sees: the backend's without its hop-by-hop fields, framed anew.
package struct ResponseRewriter {
    /// How the answer is put on the client's connection.
    package struct Plan {
        /// How its body ends there.
        var framing: BodyFraming
        /// The connection closes behind it.
        var closes: Bool
        /// The client speaks HTTP/1.0 and must be told that the connection stays.
        var announcesKeepAlive: Bool
        /// The connection switches protocols: `Upgrade` passes.
        var upgrades: Bool
        /// Seconds since 1970, for an answer without a `Date`.
        var wallSeconds: Int

        /// A plan from its parts.
        package init(
            framing: BodyFraming,
            closes: Bool,
            announcesKeepAlive: Bool,
            upgrades: Bool,
            wallSeconds: Int
        ) {
            self.framing = framing
            self.closes = closes
            self.announcesKeepAlive = announcesKeepAlive
            self.upgrades = upgrades
            self.wallSeconds = wallSeconds
        }
    }

    /// Appends the head of `response`, parsed from `bytes`, to `output`.
    ///
    /// - Parameters:
    ///   - response: what was parsed.
    ///   - bytes: what it was parsed from.
    ///   - plan: how the answer is put on the client's connection.
    ///   - id: the request's id, which the answer takes back.
    ///   - output: what the head is appended to.
    package static func write(
        _ response: ResponseHead,
        _ bytes: Span<UInt8>,
        plan: Plan,
        id: RequestIDText,
        to output: ByteWriter
    ) {
        writeStatusLine(response, bytes, to: output)
        writeFields(response, bytes, upgrades: plan.upgrades, to: output)
        if !response.hasDate, response.status >= 200 {
            output.append("Date: ")
            HTTPDate.write(plan.wallSeconds, to: output)
            output.append("\r\n")
        }
        output.append("Via: 1.1 swerve\r\n")
        id.write(to: output)
        writeFraming(response, plan.framing, to: output)
        if plan.upgrades {
            output.append("Connection: upgrade\r\n")
        } else if plan.closes {
            output.append("Connection: close\r\n")
        } else if plan.announcesKeepAlive {
            output.append("Connection: keep-alive\r\n")
        }
        output.append("\r\n")
    }

    /// Appends an interim response as it is, without what ends here (RFC 9110 §15.2).
    package static func writeInterim(
        _ response: ResponseHead,
        _ bytes: Span<UInt8>,
        to output: ByteWriter
    ) {
        writeStatusLine(response, bytes, to: output)
        writeFields(response, bytes, upgrades: false, to: output)
        output.append("\r\n")
    }

    private static func writeStatusLine(
        _ response: ResponseHead,
        _ bytes: Span<UInt8>,
        to output: ByteWriter
    ) {
        output.append("HTTP/1.1 ")
        output.append(decimal: response.status)
        output.append(" ")
        output.append(bytes, response.reason)
        output.append("\r\n")
    }

    @inline(never)
    private static func writeFields(
        _ response: ResponseHead,
        _ bytes: Span<UInt8>,
        upgrades: Bool,
        to output: ByteWriter
    ) {
        let nominates = !response.connection.nominated.isEmpty
        var run = 0..<0
        for index in response.fields.lines.indices {
            let line = response.fields.lines[index]
            if HopByHop.endsResponseField(line.name), !(upgrades && line.name == .upgrade) { continue }
            // No Date is written in the place of one that is there, so that one stays.
            if nominates, line.name != .date, response.connection.nominates(bytes, line.nameRange) {
                continue
            }
            if line.isCanonical {
                if run.upperBound == line.lineRange.lowerBound {
                    run = run.lowerBound..<line.lineRange.upperBound
                } else {
                    output.append(bytes, run)
                    run = line.lineRange
                }
                continue
            }
            output.append(bytes, run)
            run = 0..<0
            output.append(bytes, line.nameRange)
            output.append(": ")
            output.append(bytes, line.valueRange)
            output.append("\r\n")
        }
        output.append(bytes, run)
    }

    private static func writeFraming(
        _ response: ResponseHead,
        _ framing: BodyFraming,
        to output: ByteWriter
    ) {
        switch framing {
        case .length(let count): writeLength(count, to: output)
        case .chunked: output.append("Transfer-Encoding: chunked\r\n")
        case .untilClose: break
        case .none:
            // On HEAD and 304 the length tells what GET would have brought; 1xx and 204 must not have one
            // (RFC 9110 §8.6).
            if let length = response.declaredLength, response.status >= 200, response.status != 204 {
                writeLength(length, to: output)
            }
        }
    }

    private static func writeLength(_ count: Int, to output: ByteWriter) {
        output.append("Content-Length: ")
        output.append(decimal: count)
        output.append("\r\n")
    }
}
