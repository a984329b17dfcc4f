import Glibc

/// Finds TCP ports on the loopback interface that nobody else will listen on.
public enum FreePort {
  /// No port could be reserved.
  public struct Unavailable: Error {
    /// The system's reason.
    public let reason: String
  }

  /// A port on 127.0.0.1 that this process keeps reserved until it ends.
  ///
  /// The port stays bound by a socket that never listens: connections to it are refused, a server
  /// that sets `SO_REUSEADDR` (as every server does, to restart at once) can listen on it, and
  /// nobody else, this process's next call and outgoing connections included, is given it. A port
  /// that was only looked at could be taken before the server starts.
  public static func next() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure() }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    // Only now: set before, the kernel could hand out a port that another reservation holds.
    var yes: Int32 = 1
    guard isBound, setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4) == 0 else {
      defer { close(descriptor) }
      throw failure()
    }
    return UInt16(bigEndian: address.sin_port)
  }

  private static func failure() -> Unavailable {
    Unavailable(reason: String(cString: strerror(errno)))
  }
}
