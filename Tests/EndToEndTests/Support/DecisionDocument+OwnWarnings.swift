import Invocation

extension DecisionDocument {
  /// The warnings, less that of the other models which the servers' history holds beside
  /// ``KnownTraffic/wave``.
  var ownWarnings: [String] { warnings.filter { !$0.contains("were of other models") } }
}
