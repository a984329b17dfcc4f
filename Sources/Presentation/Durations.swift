/// Stretches of time as a person reads them.
public enum Durations {
  /// As people say it, in at most two units: `45 s`, `12 min`, `3 h 10 min`, `2 d 4 h`.
  public static func short(seconds: Double) -> String {
    guard seconds.isFinite, seconds.magnitude < 1e14 else { return "an unknown time" }
    func pair(_ large: Int, _ largeName: String, _ small: Int, _ smallName: String) -> String {
      small == 0 ? "\(large) \(largeName)" : "\(large) \(largeName) \(small) \(smallName)"
    }
    if seconds.rounded() < 120 { return "\(Int(seconds.rounded())) s" }
    let minutes = Int((seconds / 60).rounded())
    if minutes < 60 { return "\(minutes) min" }
    if minutes < 48 * 60 { return pair(minutes / 60, "h", minutes % 60, "min") }
    let hours = Int((seconds / 3600).rounded())
    return pair(hours / 24, "d", hours % 24, "h")
  }

  /// Seconds of `45`, `45s`, `90m`, `1h`, `1h30m`, `2d`, `1w`; nil for anything else.
  public static func seconds(_ text: String) -> Double? {
    if let seconds = Double(text) { return seconds >= 0 && seconds.isFinite ? seconds : nil }
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    var (total, digits) = (0.0, "")
    for character in text {
      if character.isASCII, character.isNumber || character == "." {
        digits.append(character)
      } else if let unit = units[character], let number = Double(digits) {
        total += number * unit
        digits = ""
      } else {
        return nil
      }
    }
    return digits.isEmpty && !text.isEmpty && total.isFinite ? total : nil
  }

  /// `h:mm:ss`, of whole seconds; hours go on beyond a day.
  public static func clock(_ seconds: Int) -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let passed = abs(seconds)
    return
      "\(seconds < 0 ? "-" : "")\(passed / 3600):\(two(passed / 60 % 60)):\(two(passed % 60))"
  }
}
