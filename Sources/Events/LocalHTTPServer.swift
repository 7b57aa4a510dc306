internal import CEventShims
internal import CLibevent
internal import Glibc

/// A small HTTP server inside the process, for answers of its own: plain evhttp, used plainly.
///
/// Not for the open internet: evhttp's parser is lenient.
public final class LocalHTTPServer {
    /// A request as evhttp understood it.
    public struct Request {
        /// The method, such as `GET`.
        public let method: String
        /// The target as written.
        public let target: String
        /// The field lines in the order received.
        public let fields: [(name: String, value: String)]
    }

    private let handler: (Request) -> String
    private var http: OpaquePointer?

    /// Listens on `address` and answers each request with the text that `handler` returns.
    ///
    /// - Throws: when the address cannot be bound.
    public init(
        _ address: SocketAddress,
        on loop: EventLoop,
        handler: @escaping (Request) -> String
    ) throws(EventError) {
        self.handler = handler
        guard let http = evhttp_new(loop.base) else { throw EventError("evhttp_new", code: ENOMEM) }
        self.http = http
        evhttp_set_timeout(http, 60)
        evhttp_set_max_headers_size(http, 65_536)
        evhttp_set_max_body_size(http, 1 << 20)
        evhttp_set_default_content_type(http, "text/plain; charset=utf-8")
        let flags = UInt32(LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE)
        let listener = address.withSockaddr {
            evconnlistener_new_bind(loop.base, nil, nil, flags, SOMAXCONN, $0, Int32($1))
        }
        guard let listener else { throw EventError("listen", code: errno) }
        _ = evhttp_bind_listener(http, listener)
        evhttp_set_gencb(
            http,
            { request, context in
                guard let request else { return }
                borrowed(context, as: LocalHTTPServer.self) { $0.answer(request) }
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    deinit {
        if let http { evhttp_free(http) }
    }

    private func answer(_ raw: UnsafeMutablePointer<evhttp_request>) {
        let request = Self.read(raw)
        let text = handler(request)
        guard let body = evbuffer_new() else { return }
        // evhttp would send a body even in answer to HEAD.
        if request.method != "HEAD" { evbuffer_add(body, text, text.utf8.count) }
        evhttp_send_reply(raw, 200, "OK", body)
        evbuffer_free(body)
    }

    private static func read(_ raw: UnsafeMutablePointer<evhttp_request>) -> Request {
        var fields: [(name: String, value: String)] = []
        var entry = evhttp_request_get_input_headers(raw)?.pointee.tqh_first
        while let current = entry {
            fields.append((String(cString: current.pointee.key), String(cString: current.pointee.value)))
            entry = current.pointee.next.tqe_next
        }
        return Request(
            method: methodName(evhttp_request_get_command(raw)),
            target: evhttp_request_get_uri(raw).map { String(cString: $0) } ?? "",
            fields: fields
        )
    }

    private static func methodName(_ command: evhttp_cmd_type) -> String {
        switch command {
        case EVHTTP_REQ_GET: "GET"
        case EVHTTP_REQ_POST: "POST"
        case EVHTTP_REQ_HEAD: "HEAD"
        case EVHTTP_REQ_PUT: "PUT"
        case EVHTTP_REQ_DELETE: "DELETE"
        default: "?"
        }
    }
}
