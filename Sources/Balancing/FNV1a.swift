/// The 32-bit FNV-1a hash of Fowler, Noll and Vo.
public enum FNV1a {
    /// The hash of `bytes`: offset basis 2166136261, prime 16777619, arithmetic modulo 2^32.
    public static func hash(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for byte in bytes {
            hash ^= UInt32(byte)
            hash &*= 16_777_619
        }
        return hash
    }
}
