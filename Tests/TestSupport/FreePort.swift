import Glibc
import Synchronization

/// Finds TCP ports on the loopback interface that nobody listens on.
public enum FreePort {
  /// No port could be found or opened.
  public struct Unavailable: Error {}

  private static let handedOut = Mutex<Set<UInt16>>([])

  /// A port on 127.0.0.1 that is free now and that this process was not given before.
  ///
  /// It lies below the range that the kernel takes outgoing connections' ports from
  /// (32768 and up), so that a connection made meanwhile can't occupy it.
  public static func next() throws -> UInt16 {
    for _ in 0..<10_000 {
      let port = UInt16.random(in: 10_240..<32_768)
      guard handedOut.withLock({ !$0.contains(port) }), canBind(port) else { continue }
      if handedOut.withLock({ $0.insert(port).inserted }) { return port }
    }
    throw Unavailable()
  }

  private static func canBind(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
