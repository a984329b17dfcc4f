extension JSON {
  /// Why a JSON patch can't be applied.
  public struct PatchFailure: Error {}

  /// Applies a merge patch: members replace members, null removes them.
  ///
  /// Source: RFC 7396.
  public func merging(_ patch: JSON) -> JSON {
    guard case .object(let changes) = patch else { return patch }
    var members: [String: JSON] = [:]
    if case .object(let old) = self { members = old }
    for (key, change) in changes {
      members[key] = change == .null ? nil : (members[key] ?? .null).merging(change)
    }
    return .object(members)
  }

  /// Applies a JSON patch with the operations `test`, `add`, `replace` and `remove`, all or none.
  ///
  /// Source: RFC 6902.
  public func applying(_ patch: JSON) throws(PatchFailure) -> JSON {
    guard case .array(let operations) = patch else { throw PatchFailure() }
    var result = self
    for operation in operations {
      guard let name = operation["op"]?.string, let path = operation["path"]?.string,
        let parentEnd = path.lastIndex(of: "/"),
        result[path: String(path[..<parentEnd])] != nil
      else { throw PatchFailure() }
      let existing = result[path: path]
      switch name {
      case "test": guard existing == operation["value"] else { throw PatchFailure() }
      case "add": result[path: path] = operation["value"]
      case "replace":
        guard existing != nil else { throw PatchFailure() }
        result[path: path] = operation["value"]
      case "remove":
        guard existing != nil else { throw PatchFailure() }
        result[path: path] = nil
      default: throw PatchFailure()
      }
    }
    return result
  }
}
