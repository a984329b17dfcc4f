import Synchronization

/// The bytes that the answers of one client may hold together, from their first byte until nobody
/// uses them any more.
///
/// A limit for each answer alone would not do: thirteen answers of 64 MiB each, which as many
/// kilobytes of gzip can unfold to, are 832 MiB.
final class BodyAllowance: Sendable {
  let limitBytes: Int
  private let held = Mutex(0)

  init(limitBytes: Int) { self.limitBytes = max(0, limitBytes) }

  /// Takes `count` bytes; false when that many are not left.
  func take(_ count: Int) -> Bool {
    held.withLock { held in
      guard count <= limitBytes - held else { return false }
      held += count
      return true
    }
  }

  private func giveBack(_ count: Int) { held.withLock { $0 -= count } }

  /// What one answer holds of the allowance; given back when the last copy of it is gone.
  final class Share: Sendable {
    private let allowance: BodyAllowance
    private let bytes = Mutex(0)

    init(of allowance: BodyAllowance) { self.allowance = allowance }

    deinit { allowance.giveBack(bytes.withLock { $0 }) }

    /// Takes `count` bytes more; false when that many are not left.
    func grow(by count: Int) -> Bool {
      guard allowance.take(count) else { return false }
      bytes.withLock { $0 += count }
      return true
    }
  }
}
