import Application

/// One `--policy`: a name and what it was told.
struct SimulatePolicySpec: Equatable {
  /// The policies there are.
  enum Kind: String, CaseIterable {
    case planner
    case original
    case hpa
    case keda
    case reactive
    case fixed
    case oracle
    case oraclePast = "oracle-past"
  }

  let kind: Kind
  /// The text it was given as, which is also what it is called.
  let text: String
  private var values: [String: String] = [:]

  /// Reads `NAME` or `NAME:KEY=VALUE,…`; a key without a value is `true`.
  init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let kind = Kind(rawValue: String(parts[0])) else {
      throw CommandFailure(
        .usage,
        "There is no policy '\(parts[0])'; choose from \(Kind.allCases.map(\.rawValue).joined(separator: ", "))."
      )
    }
    self.kind = kind
    self.text = text
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: ",") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = String(halves[0])
      guard values[key] == nil else {
        throw CommandFailure(.usage, "The policy '\(text)' says '\(key)' twice.")
      }
      values[key] = halves.count > 1 ? String(halves[1]) : "true"
    }
  }

  /// Takes the number of `key` out; nil if it isn't there.
  mutating func takeNumber(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
    guard let text = values.removeValue(forKey: key) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw CommandFailure(
        .usage,
        "The policy '\(self.text)' says \(key)=\(text), where a number from \(range.lowerBound) to \(range.upperBound) is needed."
      )
    }
    return number
  }

  /// Takes the whole number of `key` out; nil if it isn't there.
  mutating func takeCount(_ key: String) throws -> Int? {
    guard let number = try takeNumber(key, in: 1...100_000) else { return nil }
    guard number == number.rounded() else {
      throw CommandFailure(.usage, "The policy '\(text)' says \(key)=\(number); it is a count.")
    }
    return Int(number)
  }

  /// Takes the text of `key` out; nil if it isn't there.
  mutating func takeText(_ key: String) -> String? { values.removeValue(forKey: key) }

  /// Takes everything out that is left.
  mutating func takeRest() -> [String: String] {
    defer { values = [:] }
    return values
  }

  /// Checks that everything was taken out.
  func finish() throws {
    guard let key = values.keys.min() else { return }
    throw CommandFailure(.usage, "The policy '\(text)' knows no '\(key)'.")
  }
}
