import Glibc

extension MetricsServer {
  /// Why no socket could be opened.
  struct ListenFailure: Error {
    let reason: String
  }

  /// A socket that takes connections over IPv6 and IPv4, or over IPv4 alone where there is no IPv6.
  static func listen(_ port: UInt16) throws(ListenFailure) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let dual = socket(AF_INET6, kind, 0)
    if dual >= 0 {
      set(dual, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      if bindAndListen(dual, &address) { return dual }
      let error = errno
      close(dual)
      guard error == EADDRNOTAVAIL || error == EAFNOSUPPORT else { throw failure(error) }
    }
    let plain = socket(AF_INET, kind, 0)
    guard plain >= 0 else { throw failure(errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    if bindAndListen(plain, &address) { return plain }
    let error = errno
    close(plain)
    throw failure(error)
  }

  /// The port that a listening socket was given.
  static func boundPort(_ listener: Int32) -> Int {
    var address = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(listener, $0, &length)
      }
    }
    // The port stands at the same place in both kinds of address.
    return Int(UInt16(bigEndian: address.sin6_port))
  }

  private static func bindAndListen<Address>(_ socket: Int32, _ address: inout Address) -> Bool {
    // The port of an invocation that has just ended can be taken over at once.
    set(socket, SOL_SOCKET, SO_REUSEADDR, 1)
    let length = socklen_t(MemoryLayout<Address>.size)
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) == 0 }
    }
    return isBound && Glibc.listen(socket, 16) == 0
  }

  private static func set(_ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func failure(_ number: Int32) -> ListenFailure {
    ListenFailure(reason: String(cString: strerror(number)))
  }
}
