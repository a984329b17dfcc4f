import Presentation

/// Why a profile can't be used. What can be used in spite of a flaw is a warning instead.
public indirect enum ProfileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong with the file of this name.
  case file(String, ProfileError)
  /// The bytes are not what the file's name promises.
  case malformed(String)
  /// The file is larger than any profile needs to be.
  case tooLarge(bytes: Int, limit: Int)
  /// An array is not there, or not one of numbers; the names of those that are.
  case missingArray(String, found: [String])
  /// Arrays that describe the same points differ in length.
  case mismatchedLengths([ArrayLength])
  /// No point is left once the unusable ones are refused.
  case noUsablePoints(kind: String, refused: [String])
  /// The size of the KV cache is not a number of tokens.
  case badMaximumKVTokens(Double)

  /// Name and length of an array.
  public struct ArrayLength: Sendable, Equatable {
    /// The array's name in the profile.
    public var name: String
    /// Its number of elements.
    public var count: Int
  }

  /// A sentence that says what is wrong and what to do.
  public var description: String {
    switch self {
    case .file(let name, let error):
      return "\(name): \(error)"
    case .malformed(let reason):
      return "\(reason). Export the profile again, or copy it in binary mode."
    case .tooLarge(let bytes, let limit):
      return "\(bytes) bytes; a profile has at most \(limit). Check that this is a profile."
    case .missingArray(let name, let found):
      let names = found.isEmpty ? "nothing" : found.joined(separator: ", ")
      return "There is no array of numbers \"\(name)\" (only \(names)). "
        + "Check that this is the right file of the profile."
    case .mismatchedLengths(let arrays):
      let lengths = arrays.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
      return "The arrays differ in length (\(lengths)). Export the profile again."
    case .noUsablePoints(let kind, let refused):
      let reasons = refused.prefix(3).joined(separator: " ")
      return "No usable \(kind) point is left. Profile the engine again. "
        + (reasons.isEmpty ? "The arrays are empty." : reasons)
    case .badMaximumKVTokens(let value):
      return
        "max_kv_tokens is \(Numbers.significant(value)); it must be the number of tokens that the "
        + "engine's KV cache holds. Correct it or profile the engine again."
    }
  }
}
