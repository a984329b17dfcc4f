/// A piece of a metrics page: where it is, not a copy of it.
struct ByteSlice {
  /// Offset of the first byte; negative when there is nothing.
  var start = -1
  /// Bytes.
  var count = 0
  /// Whether it holds a backslash and must be unescaped before it is text.
  var isEscaped = false

  /// Whether the page has it at all.
  @inline(__always)
  var isPresent: Bool { start >= 0 }

  /// Whether two slices of the same page hold the same bytes; an absent slice equals an empty one.
  @inline(__always)
  func equals(_ other: ByteSlice, in page: UnsafePointer<UInt8>) -> Bool {
    count == other.count
      && (count == 0 || bytesAreEqual(page + start, page + other.start, count))
  }

  /// The text, with `\\`, `\"` and `\n` unescaped and other backslashes left as they are;
  /// invalid UTF-8 is replaced. Empty when the slice is absent.
  func text(in page: UnsafePointer<UInt8>) -> String {
    guard count > 0 else { return "" }
    let raw = UnsafeBufferPointer(start: page + start, count: count)
    guard isEscaped else { return String(decoding: raw, as: UTF8.self) }
    var plain: [UInt8] = []
    plain.reserveCapacity(count)
    var index = 0
    while index < count {
      guard raw[index] == Ascii.backslash, index + 1 < count else {
        plain.append(raw[index])
        index += 1
        continue
      }
      switch raw[index + 1] {
      case Ascii.backslash, Ascii.quote: plain.append(raw[index + 1])
      case Ascii.n: plain.append(Ascii.newline)
      default: plain += [Ascii.backslash, raw[index + 1]]
      }
      index += 2
    }
    return String(decoding: plain, as: UTF8.self)
  }
}
