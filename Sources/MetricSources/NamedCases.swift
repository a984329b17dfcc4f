/// Counts cases of one kind and keeps the first few, for a warning that stays short.
struct NamedCases {
  /// How many there were.
  private(set) var count = 0
  private var examples: [String] = []

  /// Counts one; its name is only made while names are still kept.
  mutating func add(_ name: @autoclosure () -> String) {
    count += 1
    if examples.count < 3 { examples.append(name()) }
  }

  /// The kept names, with the number of those left out.
  var names: String {
    let rest = count - examples.count
    return examples.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
