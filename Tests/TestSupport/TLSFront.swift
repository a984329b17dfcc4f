import Foundation

/// Puts TLS in front of a plain server on the loopback interface: what arrives is decrypted and
/// passed on. Needs `python3`.
public final class TLSFront: Sendable {
  /// The port it listens on.
  public let port: UInt16
  private let process: ChildProcess

  /// Starts it and returns when it listens.
  ///
  /// - Parameters:
  ///   - target: the plain server's port on 127.0.0.1.
  ///   - host: the loopback address to listen on.
  ///   - certificate: file with the certificate, PEM.
  ///   - key: file with its key, PEM.
  ///   - clientAuthority: file with the authority that clients' certificates must come from; nil
  ///     if clients need none.
  public init(
    to target: UInt16, host: String = "127.0.0.1", certificate: String, key: String,
    clientAuthority: String? = nil
  ) async throws {
    let process = try ChildProcess(
      "python3",
      ["-c", Self.program, "\(target)", host, certificate, key, clientAuthority ?? ""])
    self.process = process
    port = try await waitFor("the TLS front listens") {
      guard process.isRunning else {
        throw ChildProcess.StartError(program: "python3", reason: process.errorOutput)
      }
      let lines = process.output.split(separator: "\n", omittingEmptySubsequences: false)
      return lines.count > 1 ? UInt16(lines[0]) : nil
    }
  }

  /// The server names that clients asked for, in order; an empty one where they named none.
  public var serverNames: [String] {
    process.output.split(separator: "\n").compactMap { line in
      line.hasPrefix("name ") ? String(line.dropFirst(5)) : nil
    }
  }

  /// The common names of the clients' certificates, in order.
  public var clientNames: [String] {
    process.output.split(separator: "\n").compactMap { line in
      line.hasPrefix("client ") ? String(line.dropFirst(7)) : nil
    }
  }

  private static let program = """
    import socket, ssl, sys, threading
    target, host, certificate, key, authority = sys.argv[1:6]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if authority:
        context.load_verify_locations(authority)
        context.verify_mode = ssl.CERT_REQUIRED
    def named(connection, name, _):
        print("name", name or "", flush=True)
    context.sni_callback = named
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
    def serve(plain):
        try:
            outer = context.wrap_socket(plain, server_side=True)
            for field in (outer.getpeercert() or {}).get("subject", ()):
                print("client", dict(field).get("commonName"), flush=True)
            inner = socket.create_connection(("127.0.0.1", int(target)))
        except OSError:
            plain.close()
            return
        threading.Thread(target=pump, args=(outer, inner), daemon=True).start()
        pump(inner, outer)
    listener = socket.create_server(
        (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    print(listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
    """
}
