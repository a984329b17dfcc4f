import ArgumentParser
import Settings

extension Option where Value == String? {
  /// Declares the flag of an option of the table.
  ///
  /// Numbers may begin with a dash. Texts may not, lest `--model-name --dry-run` swallow a flag.
  init(_ option: PlannerOption) {
    self.init(
      name: .customLong(option.name), parsing: option.kind.isNumeric ? .unconditional : .next,
      help: option.argumentHelp, completion: option.completion)
  }
}

extension Flag where Value == Bool {
  /// Declares the switch of an option of the table, with its other names.
  init(_ option: PlannerOption) {
    let names = [option.name] + option.aliases.filter { $0.scope == .flag }.map(\.name)
    self.init(
      wrappedValue: false, name: NameSpecification(names.map { .customLong($0) }),
      help: option.argumentHelp)
  }
}

extension Flag where Value == Bool? {
  /// Declares both switches, `--enable-…` and `--disable-…`, of an option of the table.
  init(_ option: PlannerOption) {
    self.init(
      name: .customLong(String(option.name.dropFirst("enable-".count))),
      inversion: .prefixedEnableDisable, exclusivity: .exclusive, help: option.argumentHelp)
  }
}

extension PlannerOption {
  fileprivate var argumentHelp: ArgumentHelp {
    ArgumentHelp("\(helpWithDefault)", valueName: unit.isEmpty ? nil : unit)
  }

  fileprivate var completion: CompletionKind? {
    if case .choice(let words, _) = kind { .list(words) } else { nil }
  }

  /// What a switch says: nothing unless it was given.
  func given(_ isOn: Bool) -> GivenFlag { (self, isOn ? "true" : nil) }

  /// What a pair of switches says.
  func given(_ isOn: Bool?) -> GivenFlag { (self, isOn.map { $0 ? "true" : "false" }) }
}
