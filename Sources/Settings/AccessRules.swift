/// What must hold between the options that say how to authenticate to a server.
enum AccessRules {
  static func check(
    _ values: OptionReader, _ servers: [AccessOptions]
  ) throws(SettingsError) {
    for options in servers {
      if let broken = brokenRule(values, options) { throw .rule(broken) }
    }
  }

  private static func brokenRule(
    _ values: OptionReader, _ options: AccessOptions
  ) -> SettingsRule? {
    let credentials = [options.token?.value, options.token?.file, options.user].compactMap { $0 }
    let skipsVerification = values.value(of: options.skipTLSVerify) == .boolean(true)
    return excess(of: credentials, values)
      ?? excess(of: [options.password, options.passwordFile], values)
      ?? lack(of: [options.password, options.passwordFile], for: options.user, values)
      ?? lack(of: [options.user], for: options.password, values)
      ?? lack(of: [options.user], for: options.passwordFile, values)
      ?? lack(of: [options.keyFile], for: options.certificateFile, values)
      ?? lack(of: [options.certificateFile], for: options.keyFile, values)
      ?? (skipsVerification ? excess(of: [options.skipTLSVerify, options.caFile], values) : nil)
  }

  /// Only one of `options` may be given.
  private static func excess(
    of options: [PlannerOption], _ values: OptionReader
  ) -> SettingsRule? {
    let given = options.filter(values.has)
    return given.count > 1 ? .exclusive(given[0].spelling, given[1].spelling) : nil
  }

  /// `option` may only be given with one of `others`.
  private static func lack(
    of others: [PlannerOption], for option: PlannerOption, _ values: OptionReader
  ) -> SettingsRule? {
    guard values.has(option), !others.contains(where: values.has) else { return nil }
    return .incomplete(option.spelling, needs: others.map(\.spelling))
  }
}
