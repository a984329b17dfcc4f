/// Where the planner's own metrics go: any of a port, a textfile and a push gateway.
public struct MetricsOutlets: Sendable {
  private let server: MetricsServer?
  private let textfile: MetricsTextfile?
  private let pushgateway: Pushgateway?

  /// Why the port is not served, as a sentence; nil when it is or need not be.
  public let portWarning: String?

  /// Opens the outlets; a port is served from now on.
  ///
  /// - Parameters:
  ///   - port: 0 for none.
  ///   - patienceSeconds: how long after a round, or the beginning, the next one has to have ended
  ///     for the port's `/healthz` to call the run alive.
  ///   - textfile: nil for none.
  ///   - pushgateway: nil for none.
  public init(
    port: Int = 0, patienceSeconds: Double = .infinity, textfile: MetricsTextfile? = nil,
    pushgateway: Pushgateway? = nil
  ) {
    self.textfile = textfile
    self.pushgateway = pushgateway
    guard port != 0 else {
      server = nil
      portWarning = nil
      return
    }
    do {
      server = try MetricsServer(port: port, patienceSeconds: patienceSeconds)
      portWarning = nil
    } catch {
      server = nil
      portWarning = error.description
    }
  }

  /// Whether there is nowhere to publish to, so that a page need not be made.
  public var isEmpty: Bool { server == nil && textfile == nil && pushgateway == nil }

  /// Serves `page` on the port unless there is one already; writes and sends it nowhere.
  func serveFirst(_ page: MetricsPage) {
    if let server, server.isBlank { server.publish(page) }
  }

  /// Notes what a round came to.
  func roundEnded(_ outcome: String) { server?.roundEnded(outcome) }

  /// Hands `page` to every outlet.
  ///
  /// - Returns: what went wrong, as sentences. Nothing of it concerns the decision.
  public func publish(_ page: MetricsPage) async -> [String] {
    server?.publish(page)
    var warnings: [String] = []
    do { try textfile?.write(page) } catch { warnings.append(error.description) }
    do { try await pushgateway?.push(page) } catch { warnings.append(error.description) }
    return warnings
  }

  /// Stops serving.
  public func stop() { server?.stop() }
}
