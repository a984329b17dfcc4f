import Invocation

extension DecisionDocument {
  /// What two deployments that are treated alike have in common: everything but the number and the
  /// deployment's name.
  var withoutIdentity: DecisionDocument {
    var document = self
    document.id = nil
    document.deployment = ""
    return document
  }
}
