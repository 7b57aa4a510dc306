/// Which fields end at a gateway (RFC 9110 §7.6.1).
public enum HopByHop {
    /// Whether a field of a request is not passed on as it is.
    ///
    /// `Host` and the framing fields are written anew by the gateway, so naming them in `Connection` changes nothing.
    /// What claims to know the client (`Forwarded`, `X-Forwarded-…`, `X-Real-IP`) is not believed, and `Proxy`, which is
    /// no field at all, would be the `HTTP_PROXY` of a CGI program (RFC 3875 §4.1.18). `X-Request-Id` is written anew,
    /// too, whatever it was.
    @inline(__always)
    public static func endsRequestField(_ name: FieldName) -> Bool {
        switch name {
        case .connection, .keepAlive, .proxy, .proxyConnection, .proxyAuthenticate, .proxyAuthorization, .te,
            .transferEncoding, .contentLength, .framingLookAlike, .upgrade, .forwarded, .xForwarded, .xRealIP,
            .xRequestID:
            true
        case .other, .date, .expect, .host, .idempotencyKey, .maxForwards, .referer, .trailer, .userAgent:
            false
        }
    }

    /// Whether a field of a response is not passed on as it is.
    @inline(__always)
    public static func endsResponseField(_ name: FieldName) -> Bool {
        switch name {
        case .connection, .keepAlive, .proxyConnection, .proxyAuthenticate, .te, .transferEncoding,
            .contentLength, .upgrade, .xRequestID:
            true
        case .other, .date, .expect, .forwarded, .framingLookAlike, .host, .idempotencyKey, .maxForwards,
            .proxy,
            .proxyAuthorization, .referer, .trailer, .userAgent, .xForwarded, .xRealIP:
            false
        }
    }
}
