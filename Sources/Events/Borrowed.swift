/// Calls `body` with the object behind a callback's context, without a retain.
///
/// The one place that turns a context pointer into an object. The object is alive: whoever registers a callback
/// keeps it until the callback is gone, and it is released only when a turn of the loop ends.
@inline(__always)
func borrowed<Object: AnyObject>(
    _ context: UnsafeMutableRawPointer?,
    as type: Object.Type,
    _ body: (Object) -> Void
) {
    guard let context else { return }
    Unmanaged<Object>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
}
