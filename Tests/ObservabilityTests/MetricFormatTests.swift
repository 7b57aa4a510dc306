import Observability
import Testing

/// The format is the one that the client likes best.
@Suite struct MetricFormatTests {
    @Test(arguments: [
        nil, "", "*/*", "text/plain", "text/*", "text/plain;version=0.0.4", "text/plain; version=\"0.0.4\"",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "image/png", "application/json", "application/openmetrics-text;q=0",
        "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text; charset=iso-8859-1",
        "application/openmetrics-text;q=0.3,text/plain;q=0.5", "application/openmetrics-text;q=0.3,*/*;q=0.5",
        "application/*;q=0.5,text/plain", "application/*, text/*", "application/openmetrics-text;q=1.001",
        "application/openmetrics-text;q=2", "application/openmetrics-text;q=0.1234",
        "application/openmetrics-text;q=", "application/openmetrics-text;q",
        "application/openmetrics-text;q=.5",
        "application openmetrics-text", "application/", "/openmetrics-text",
        "application/openmetrics-textual",
        "application/openmetrics-text x", ",,;,", "text/plain;x=\", application/openmetrics-text,\"",
        "text/plain;x=\"\\\", application/openmetrics-text,\"",
    ])
    func `Prometheus text`(_ accept: String?) {
        #expect(MetricFormat(accept: accept) == .prometheus)
    }

    @Test(arguments: [
        "application/openmetrics-text", "Application/OpenMetrics-Text", "application/*",
        "application/openmetrics-text;version=1.0.0",
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        "application/openmetrics-text; version=\"1.0.0\" ;CHARSET=UTF-8",
        "application/openmetrics-text,text/plain",
        "text/plain, application/openmetrics-text", "application/openmetrics-text,*/*",
        "*/*;q=0.1 ,\tapplication/openmetrics-text ; q=0.11",
        "image/png, application/openmetrics-text;q=0.001",
        "text/plain;q=0, */*", "text/plain;q=0,application/*;q=0.5", "nonsense, application/openmetrics-text",
        "application/openmetrics-text;q=0.2;version=0.0.1,application/openmetrics-text;version=1.0.0;q=0.5,text/*;q=0.4",
        // Prometheus 2 and 3.
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
            + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
            + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
            + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    ])
    func OpenMetrics(_ accept: String) {
        #expect(MetricFormat(accept: accept) == .openMetrics)
    }

    @Test func `each has its media type`() {
        #expect(MetricFormat.prometheus.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            MetricFormat.openMetrics.contentType
                == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        )
    }
}
