import Settings

/// Reads the flags of `run` straight from the option table.
///
/// The argument parser looks at every option by reflection, which costs 9 ms of an invocation that
/// takes 30 (`scripts/bench invocation`); this costs 0.1 ms. It understands only what needs no
/// explaining: anything else, from `--help` to a missing value, is left to the argument parser,
/// and whatever both understand they understand alike (`PlainFlagsTests`).
enum PlainFlags {
  /// The values by option name; nil when the arguments are not a plain call of `run`.
  static func layer(_ arguments: some Sequence<String>) -> [String: String]? {
    var layer: [String: String] = [:]
    var rest = Array(arguments)[...]
    if rest.first == "run" { rest.removeFirst() }
    while let argument = rest.popFirst() {
      guard let flag = Flag(argument) else { return nil }
      switch flag.meaning {
      case .value(let option):
        guard let value = flag.attached ?? rest.popFirst(),
          flag.attached != nil || option.kind.isNumeric || !value.hasPrefix("-")
        else { return nil }
        let earlier = option.kind.isRepeatable ? layer[option.name].map { $0 + "\n" } : nil
        layer[option.name] = (earlier ?? "") + value
      case .set(let option, let value):
        // Both switches of a pair contradict each other, which the argument parser explains.
        guard flag.attached == nil, layer.updateValue(value, forKey: option.name) == nil else {
          return nil
        }
      }
    }
    return layer
  }

  /// One argument that is a flag.
  private struct Flag {
    enum Meaning {
      /// Takes the next argument, if none is attached.
      case value(PlannerOption)
      /// Sets the option by itself.
      case set(PlannerOption, String)
    }

    let meaning: Meaning
    /// What stands behind `=`; empty for `--flag=`, which the settings then refuse with what the
    /// option takes, where the argument parser would only say that a value is missing.
    let attached: String?

    /// Nil for what is no flag of the table.
    init?(_ argument: String) {
      guard argument.hasPrefix("--") else { return nil }
      let text = argument.dropFirst(2)
      let end = text.firstIndex(of: "=") ?? text.endIndex
      guard let meaning = Self.meaning(text[..<end]) else { return nil }
      self.meaning = meaning
      attached = end < text.endIndex ? String(text[text.index(after: end)...]) : nil
    }

    private static func meaning(_ name: Substring) -> Meaning? {
      for option in OptionTable.options {
        switch option.flagStyle {
        case .value where option.name == name: return .value(option)
        case .toggle where option.name == name: return .set(option, "true")
        case .toggle where option.aliases.contains { $0.scope == .flag && $0.name == name }:
          return .set(option, "true")
        case .pair where option.name == name: return .set(option, "true")
        case .pair where disabling(option, is: name): return .set(option, "false")
        case .value, .toggle, .pair, .none: continue
        }
      }
      return nil
    }

    /// Whether `name` is to `--enable-x` what `--disable-x` is.
    private static func disabling(_ option: PlannerOption, is name: Substring) -> Bool {
      let (enable, disable) = ("enable-", "disable-")
      return name.hasPrefix(disable) && option.name.hasPrefix(enable)
        && option.name.dropFirst(enable.count) == name.dropFirst(disable.count)
    }
  }
}
