import Synchronization

/// The servers that credentials went to without encryption, each told of once.
final class ExposedCredentials: Sendable {
  private let origins = Mutex<[String]>([])

  /// What to say of `origin`; nil when it was said before.
  func sentence(for origin: String) -> String? {
    let isNew = origins.withLock { origins in
      if origins.contains(origin) { return false }
      origins.append(origin)
      return true
    }
    return isNew ? Self.sentence(origin) : nil
  }

  /// One sentence for each server so far, in alphabetical order.
  var sentences: [String] { origins.withLock { $0 }.sorted().map(Self.sentence) }

  private static func sentence(_ origin: String) -> String {
    "The credentials for \(origin) are sent without encryption: anybody on the way can read and use them. Use https there."
  }
}
