/// The header of an NPY array: a Python dictionary of the element type, the order and the shape.
struct NPYHeader {
  private(set) var type = ""
  private(set) var isFortranOrder = false
  private(set) var shape: [Int] = []

  /// The product of the shape; nil when it overflows.
  var elementCount: Int? {
    var count = 1
    for length in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: length)
      guard !overflows else { return nil }
      count = product
    }
    return count
  }

  init(_ bytes: ArraySlice<UInt8>, name: String) throws(FormatError) {
    var scanner = Scanner(rest: bytes)
    var seen: Set<String> = []
    var isComplete = scanner.skip("{")
    while isComplete, !scanner.skip("}") {
      guard let key = scanner.quoted(), scanner.skip(":"), seen.insert(key).inserted else {
        isComplete = false
        break
      }
      switch key {
      case "descr":
        guard let value = scanner.quoted() else {
          throw FormatError("Array \(name) holds records, not plain numbers")
        }
        type = value
      case "fortran_order":
        if scanner.skip("True") {
          isFortranOrder = true
        } else {
          isComplete = scanner.skip("False")
        }
      case "shape":
        guard let lengths = scanner.tuple() else {
          isComplete = false
          break
        }
        shape = lengths
      default:
        isComplete = false
      }
      isComplete = isComplete && (scanner.skip(",") || scanner.isNext("}"))
    }
    guard isComplete, seen == ["descr", "fortran_order", "shape"] else {
      throw FormatError("Array \(name) has a header that can't be understood")
    }
  }
}

/// Walks over the literals that the header is made of; spaces between them don't matter.
private struct Scanner {
  var rest: ArraySlice<UInt8>

  private mutating func skipSpaces() {
    rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
  }

  mutating func isNext(_ token: String) -> Bool {
    skipSpaces()
    return rest.starts(with: token.utf8)
  }

  mutating func skip(_ token: String) -> Bool {
    guard isNext(token) else { return false }
    rest = rest.dropFirst(token.utf8.count)
    return true
  }

  /// A string in either kind of quotes, without escapes (type names and keys have none).
  mutating func quoted() -> String? {
    skipSpaces()
    guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      return nil
    }
    let text = rest.dropFirst().prefix { $0 != quote }
    guard text.endIndex < rest.endIndex else { return nil }
    rest = rest[(text.endIndex + 1)...]
    return String(decoding: text, as: UTF8.self)
  }

  /// A tuple of lengths: `()`, `(3,)`, `(3, 4)`.
  mutating func tuple() -> [Int]? {
    guard skip("(") else { return nil }
    var lengths: [Int] = []
    while !skip(")") {
      skipSpaces()
      let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let length = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
      rest = rest.dropFirst(digits.count)
      lengths.append(length)
      guard skip(",") || isNext(")") else { return nil }
    }
    return lengths
  }
}
