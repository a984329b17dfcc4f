/// The distinct values of a label that has few of them, numbered in the order of their first
/// appearance.
struct LabelValues {
  /// The values as text; value number n is `texts[n]`.
  private(set) var texts: [String] = []
  private var slices: [ByteSlice] = []
  private var numbers: [String: Int] = [:]

  /// The number of a value; an absent label has the number of the empty value.
  @inline(__always)
  mutating func number(of value: ByteSlice, in page: UnsafePointer<UInt8>) -> Int {
    // Real pages have one to three values (prefill, decode; one model): looked at in turn.
    for index in 0..<min(slices.count, 4) where slices[index].equals(value, in: page) {
      return index
    }
    return numberOfRareValue(value, in: page)
  }

  @inline(never)
  private mutating func numberOfRareValue(
    _ value: ByteSlice, in page: UnsafePointer<UInt8>
  ) -> Int {
    let text = value.text(in: page)
    if let number = numbers[text] { return number }
    numbers[text] = texts.count
    texts.append(text)
    slices.append(value)
    return texts.count - 1
  }
}
