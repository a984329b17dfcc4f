/// Hands a section the values of the options that it declares, the first layer that has one
/// deciding, and remembers which it asked for.
package struct OptionReader: Sendable {
  private let layers: [SettingsLayer]
  /// The options in the order in which they were asked for.
  private(set) var options: [PlannerOption] = []
  private var given: [String: (value: ParsedValue, text: String, origin: ValueOrigin)] = [:]

  /// Reads from `layers`; the defaults alone without any.
  init(_ layers: [SettingsLayer]) { self.layers = layers }

  /// Declares `option` and reads its winning value; values that another layer overrides aren't
  /// looked at.
  mutating func read(_ option: PlannerOption) throws(SettingsError) -> ParsedValue? {
    options.append(option)
    guard let given = winner(for: option) else { return nil }
    guard var value = option.kind.parse(given.text) else {
      throw complaint(about: given, option)
    }
    var text = given.text
    if case .boolean(let isTrue) = value {
      value = .boolean(isTrue != given.isInverted)
      text = isTrue != given.isInverted ? "true" : "false"
    }
    self.given[option.name] = (value, text, given.origin)
    return value
  }

  private func winner(for option: PlannerOption) -> SettingsLayer.GivenValue? {
    for layer in layers {
      if let given = layer[option] { return given }
    }
    return option.standard.map {
      SettingsLayer.GivenValue(text: $0, origin: .standard(option.name), isInverted: false)
    }
  }

  private func complaint(
    about given: SettingsLayer.GivenValue, _ option: PlannerOption
  ) -> SettingsError {
    let unit = option.kind.isNumeric && !option.unit.contains("|") ? " (\(option.unit))" : ""
    return .invalidValue(
      given.origin, value: shown(given.text, option),
      complaint: option.kind.complaint(about: given.text) + unit,
      hasDefault: option.standard != nil)
  }

  /// `text` as a message may show it: no secrets, no control characters, not endless.
  private func shown(_ text: String, _ option: PlannerOption) -> String {
    if option.isSecret { return Secret.mask }
    let isAddress = [.address, .addressList, .addresses].contains(option.kind)
    let safe = (isAddress ? HTTPAddress.redacted(text) : text).unicodeScalars
      .map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }
    return safe.prefix(80).joined() + (safe.count > 80 ? "…" : "")
  }
}

/// What has been read.
extension OptionReader {
  /// Where the value of `option` was given; nil when it has none.
  func origin(of option: PlannerOption) -> ValueOrigin? { given[option.name]?.origin }

  /// The value of `option`; nil when it has none.
  func value(of option: PlannerOption) -> ParsedValue? { given[option.name]?.value }

  /// Whether somebody chose the value of the option called `name`.
  func isChosen(_ name: String) -> Bool {
    if case .standard? = given[name]?.origin { false } else { given[name] != nil }
  }

  /// Takes another default than the option's own, because of what else was given.
  mutating func follow(_ name: String, _ value: ParsedValue, text: String) {
    guard let origin = given[name]?.origin else { return }
    given[name] = (value, text, origin)
  }

  /// Whether `option` has a value, be it the default.
  func has(_ option: PlannerOption) -> Bool { given[option.name] != nil }

  /// The value of `option` as text that reads back to the same value; nil when it has none.
  func canonicalText(of option: PlannerOption) -> String? { given[option.name]?.text }
}

/// Reading by type. What has no default is read as optional.
extension OptionReader {
  mutating func optionalText(_ option: PlannerOption) throws(SettingsError) -> String? {
    if case .text(let value) = try read(option) { value } else { nil }
  }

  mutating func optionalInteger(_ option: PlannerOption) throws(SettingsError) -> Int? {
    if case .integer(let value) = try read(option) { value } else { nil }
  }

  mutating func optionalNumber(_ option: PlannerOption) throws(SettingsError) -> Double? {
    if case .number(let value) = try read(option) { value } else { nil }
  }

  mutating func text(_ option: PlannerOption) throws(SettingsError) -> String {
    try present(optionalText(option), option)
  }

  mutating func integer(_ option: PlannerOption) throws(SettingsError) -> Int {
    try present(optionalInteger(option), option)
  }

  mutating func number(_ option: PlannerOption) throws(SettingsError) -> Double {
    try present(optionalNumber(option), option)
  }

  mutating func boolean(_ option: PlannerOption) throws(SettingsError) -> Bool {
    if case .boolean(let value) = try read(option) { return value }
    throw .missingValue(option: option.spelling)
  }

  mutating func counts(_ option: PlannerOption) throws(SettingsError) -> [Int] {
    if case .counts(let value) = try read(option) { return value }
    throw .missingValue(option: option.spelling)
  }

  /// The values of a list; empty when there are none.
  mutating func list(_ option: PlannerOption) throws(SettingsError) -> [String] {
    if case .list(let value) = try read(option) { value } else { [] }
  }

  /// The case of `Choice` that an option's word names.
  mutating func choice<Choice: RawRepresentable<String>>(
    _ option: PlannerOption, _ type: Choice.Type = Choice.self
  ) throws(SettingsError) -> Choice {
    try present(Choice(rawValue: text(option)), option)
  }

  private func present<Value>(
    _ value: Value?, _ option: PlannerOption
  ) throws(SettingsError) -> Value {
    guard let value else { throw .missingValue(option: option.spelling) }
    return value
  }
}
