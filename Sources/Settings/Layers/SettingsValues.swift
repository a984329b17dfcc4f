/// The value of every option, read and checked, the first layer that has one deciding.
struct SettingsValues: Sendable {
  private var parsed: [String: ParsedValue] = [:]
  private var given: [String: SettingsLayer.GivenValue] = [:]

  /// Reads the winning value of every option; values that another layer overrides aren't looked at.
  init(_ layers: [SettingsLayer]) throws(SettingsError) {
    for option in OptionTable.options {
      guard let given = Self.winner(for: option, layers) else { continue }
      guard let value = option.kind.parse(given.text) else {
        throw Self.complaint(about: given, option)
      }
      if case .boolean(let isTrue) = value {
        parsed[option.name] = .boolean(isTrue != given.isInverted)
      } else {
        parsed[option.name] = value
      }
      self.given[option.name] = given
    }
  }

  private static func winner(
    for option: PlannerOption, _ layers: [SettingsLayer]
  ) -> SettingsLayer.GivenValue? {
    for layer in layers {
      if let given = layer[option] { return given }
    }
    return option.standard.map {
      SettingsLayer.GivenValue(text: $0, origin: .standard(option.name), isInverted: false)
    }
  }

  private static func complaint(
    about given: SettingsLayer.GivenValue, _ option: PlannerOption
  ) -> SettingsError {
    let unit = option.kind.isNumeric && !option.unit.contains("|") ? " (\(option.unit))" : ""
    return .invalidValue(
      given.origin, value: shown(given.text, option),
      complaint: option.kind.complaint(about: given.text) + unit,
      hasDefault: option.standard != nil)
  }

  /// `text` as a message may show it: no secrets, no control characters, not endless.
  private static func shown(_ text: String, _ option: PlannerOption) -> String {
    if option.isSecret { return Secret.mask }
    let isAddress = option.kind == .address || option.kind == .addressList
    let safe = (isAddress ? HTTPAddress.redacted(text) : text).unicodeScalars
      .map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }
    return safe.prefix(80).joined() + (safe.count > 80 ? "…" : "")
  }

  /// Where the value of `option` was given; nil when it has none.
  func origin(of option: PlannerOption) -> ValueOrigin? { given[option.name]?.origin }

  /// Whether `option` has a value, be it the default.
  func has(_ option: PlannerOption) -> Bool { parsed[option.name] != nil }

  /// The value of `option` as text that reads back to the same value; nil when it has none.
  func canonicalText(of option: PlannerOption) -> String? {
    switch parsed[option.name] {
    case .boolean(let isTrue): isTrue ? "true" : "false"
    case .some: given[option.name]?.text
    case nil: nil
    }
  }
}

extension SettingsValues {
  func optionalText(_ option: PlannerOption) -> String? {
    if case .text(let value) = parsed[option.name] { value } else { nil }
  }

  func optionalInteger(_ option: PlannerOption) -> Int? {
    if case .integer(let value) = parsed[option.name] { value } else { nil }
  }

  func optionalNumber(_ option: PlannerOption) -> Double? {
    if case .number(let value) = parsed[option.name] { value } else { nil }
  }

  func text(_ option: PlannerOption) throws(SettingsError) -> String {
    try present(optionalText(option), option)
  }

  func integer(_ option: PlannerOption) throws(SettingsError) -> Int {
    try present(optionalInteger(option), option)
  }

  func number(_ option: PlannerOption) throws(SettingsError) -> Double {
    try present(optionalNumber(option), option)
  }

  func boolean(_ option: PlannerOption) throws(SettingsError) -> Bool {
    if case .boolean(let value) = parsed[option.name] { return value }
    throw .missingValue(option: option.spelling)
  }

  func counts(_ option: PlannerOption) throws(SettingsError) -> [Int] {
    if case .counts(let value) = parsed[option.name] { return value }
    throw .missingValue(option: option.spelling)
  }

  func list(_ option: PlannerOption) -> [String] {
    if case .list(let value) = parsed[option.name] { value } else { [] }
  }

  /// The case of `Choice` that an option's word names.
  func choice<Choice: RawRepresentable<String>>(
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
