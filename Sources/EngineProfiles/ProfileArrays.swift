#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The named arrays of one profile file.
struct ProfileArrays {
  private var arrays: [String: [Double]] = [:]

  /// Reads the arrays of these names, as far as they are there.
  init(_ file: EngineProfile.File, names: [String]) throws(ProfileError) {
    guard file.bytes.count <= EngineProfile.largestFile else {
      throw .tooLarge(bytes: file.bytes.count, limit: EngineProfile.largestFile)
    }
    do {
      if file.name.lowercased().hasSuffix(".json") {
        try readJSON(file.bytes)
      } else {
        try readNPZ(file.bytes, names: names)
      }
    } catch {
      throw .malformed(error.reason)
    }
  }

  /// The array of this name.
  func array(_ name: String) throws(ProfileError) -> [Double] {
    guard let values = arrays[name] else {
      throw .missingArray(name, found: arrays.keys.sorted())
    }
    return values
  }

  private mutating func readNPZ(_ bytes: [UInt8], names: [String]) throws(FormatError) {
    let archive = try ZIPArchive(bytes)
    for member in archive.names where member.hasSuffix(".npy") {
      let name = String(member.dropLast(4))
      // Arrays of other names are listed in messages, but not unpacked.
      guard names.contains(name) else {
        arrays[name] = []
        continue
      }
      guard let content = try archive.member(member) else { continue }
      arrays[name] = try NPYArray(content, name: name).values
    }
  }

  private mutating func readJSON(_ bytes: [UInt8]) throws(FormatError) {
    do {
      arrays = try JSONDecoder()
        .decode([String: Numbers].self, from: Data(replacingNonFinite(in: bytes)))
        .compactMapValues { $0.values }
    } catch {
      throw FormatError("This is not a JSON object of named arrays of numbers (\(text(of: error)))")
    }
  }

  private func text(of error: any Error) -> String {
    let context: DecodingError.Context
    switch error as? DecodingError {
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
      .dataCorrupted(let found):
      context = found
    default:
      return "\(error)"
    }
    let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
    let text = context.debugDescription
    return (path.isEmpty ? "" : path.joined() + ": ")
      + (text.hasSuffix(".") ? String(text.dropLast()) : text)
  }
}

/// The JSON text with `null` in place of the words NaN, Infinity and -Infinity, which Python
/// writes although JSON has none. (Foundation's own way to accept them, its JSON 5 mode, traps on
/// some malformed numbers: JSON5Scanner.validateNumber, Swift 6.3.1.)
private func replacingNonFinite(in text: [UInt8]) -> [UInt8] {
  let words = ["NaN", "-Infinity", "Infinity"].map { Array($0.utf8) }
  var result: [UInt8] = []
  result.reserveCapacity(text.count)
  var isInString = false
  var i = 0
  while i < text.count {
    let byte = text[i]
    if !isInString, let word = words.first(where: { text[i...].starts(with: $0) }) {
      result += Array("null".utf8)
      i += word.count
      continue
    }
    result.append(byte)
    if byte == UInt8(ascii: "\"") { isInString.toggle() }
    if isInString, byte == UInt8(ascii: "\\"), i + 1 < text.count {
      // The escaped character can't end the string.
      i += 1
      result.append(text[i])
    }
    i += 1
  }
  return result
}

/// A number or an array of numbers, in which `null` is how some exporters write NaN. Nil for
/// anything else: a note under a key of its own must not make a profile unreadable.
private struct Numbers: Decodable {
  let values: [Double]?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      values = [number]
    } else {
      values = (try? container.decode([Double?].self))?.map { $0 ?? .nan }
    }
  }
}
