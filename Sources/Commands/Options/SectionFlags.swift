import ArgumentParser
import Settings

/// The flags of one section of the settings, as its declarations ask for them.
///
/// The argument parser finds the flags of a type by reflection; here the reflection shows what the
/// option table holds, so that no flag is declared a second time.
struct SectionFlags<Section: SettingsSection>: ParsableArguments, CustomReflectable, Sendable {
  /// What was given on the command line, by the options' names; one value a line for what can be
  /// repeated.
  private(set) var layer: [String: String] = [:]

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FlagKey.self)
    for option in Self.options {
      let key = FlagKey(stringValue: option.name)
      layer[option.name] =
        switch option.flagStyle {
        case .value where option.kind.isRepeatable:
          Self.joined(try container.decode(Option<[String]>.self, forKey: key).wrappedValue)
        case .value: try container.decode(Option<String?>.self, forKey: key).wrappedValue
        case .toggle:
          try container.decode(Flag<Bool>.self, forKey: key).wrappedValue ? "true" : nil
        case .pair:
          try container.decode(Flag<Bool?>.self, forKey: key).wrappedValue.map {
            $0 ? "true" : "false"
          }
        case .none: nil
        }
    }
  }

  /// The flags as the argument parser looks for them: properties with a wrapper, whose names begin
  /// with an underscore.
  var customMirror: Mirror {
    Mirror(self, children: Self.options.map { (label: "_" + $0.name, value: $0.declaration) })
  }

  private static var options: [PlannerOption] {
    OptionSection(of: Section.self).options.filter { $0.flagStyle != .none }
  }

  private static func joined(_ values: [String]) -> String? {
    values.isEmpty ? nil : values.joined(separator: "\n")
  }
}

/// The key of a flag: the option's name.
private struct FlagKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension PlannerOption {
  /// The option as the argument parser knows options.
  ///
  /// Numbers may begin with a dash. Texts may not, lest `--model-name --dry-run` swallow a flag.
  fileprivate var declaration: Any {
    switch flagStyle {
    case .value where kind.isRepeatable:
      Option<[String]>(wrappedValue: [], name: flagNames, help: argumentHelp)
    case .value:
      Option<String?>(
        name: flagNames, parsing: kind.isNumeric ? .unconditional : .next,
        help: argumentHelp, completion: completion)
    case .toggle, .none:
      Flag<Bool>(wrappedValue: false, name: flagNames, help: argumentHelp)
    case .pair:
      Flag<Bool?>(
        name: .customLong(String(name.dropFirst("enable-".count))),
        inversion: .prefixedEnableDisable, exclusivity: .exclusive, help: argumentHelp)
    }
  }

  private var flagNames: NameSpecification {
    let names = [name] + aliases.filter { $0.scope == .flag }.map(\.name)
    return NameSpecification(names.map { .customLong($0) })
  }

  private var argumentHelp: ArgumentHelp {
    ArgumentHelp(
      "\(helpWithDefault)", valueName: unit.isEmpty ? nil : unit,
      visibility: isCommon ? .default : .hidden)
  }

  private var completion: CompletionKind? {
    if case .choice(let words, _) = kind { .list(words) } else { nil }
  }
}
