#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whether `count` bytes at both places are the same.
@inline(__always)
func bytesAreEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int)
  -> Bool
{
  memcmp(left, right, count) == 0
}

/// Whether the `count` bytes at `text` spell `word`.
@inline(__always)
func bytes(_ text: UnsafePointer<UInt8>, _ count: Int, spell word: StaticString) -> Bool {
  count == word.utf8CodeUnitCount && memcmp(text, word.utf8Start, count) == 0
}

/// Offset of the first `byte` among the `count` bytes at `text`, or `count` when it isn't there.
///
/// The C library's search compares 16 to 64 bytes at a time.
@inline(__always)
func offset(of byte: UInt8, in text: UnsafePointer<UInt8>, _ count: Int) -> Int {
  guard count > 0, let found = memchr(text, Int32(byte), count) else { return count }
  return UnsafeRawPointer(found) - UnsafeRawPointer(text)
}
