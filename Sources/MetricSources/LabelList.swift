/// Lists label values in a message.
enum LabelList {
  /// The values in quotes, at most ten of them, with the number of those left out.
  static func text(_ values: [String]) -> String {
    let named = values.prefix(10).map { Excerpt.of($0.utf8) }.joined(separator: ", ")
    return values.count > 10 ? "\(named) and \(values.count - 10) more" : named
  }
}
