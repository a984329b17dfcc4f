import HTTPTransport

/// A Prometheus push gateway, where what a short-lived job measured waits to be scraped.
///
/// The page takes the place of the deployment's last one (PUT), and touches no other deployment's.
///
/// Source: README of prometheus/pushgateway, sections "URL" and "PUT method".
public struct Pushgateway: Sendable {
  private let url: String
  private let job: String
  /// What follows the path of every request; empty or from the question mark on.
  private let query: String
  private let access: HTTPAccess
  private let client: any HTTPClient

  /// Names a gateway; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - url: its base URL, with the path prefix if it has one.
  ///   - isDryRun: whether the pages go to the group of dry runs, which may go on beside the
  ///     planner that scales.
  ///   - access: how to authenticate and whom to trust.
  ///   - queryParameters: fields of every request's query, each `NAME=VALUE` as it stands in a URL.
  public init(
    url: String, isDryRun: Bool = false, access: HTTPAccess = HTTPAccess(),
    queryParameters: [String] = [], client: any HTTPClient
  ) {
    self.url = url
    query = queryParameters.isEmpty ? "" : "?" + queryParameters.joined(separator: "&")
    job = isDryRun ? "sla-planner-dry-run" : "sla-planner"
    self.access = access
    self.client = client
  }

  /// Pushes `page` in the group of its deployment.
  public func push(_ page: MetricsPage) async throws(OwnMetricsError) {
    try await send(
      HTTPRequest(
        "PUT", Self.address(url, job: job, deployment: page.deployment) + query,
        headers: [HTTPHeader("Content-Type", MetricsPage.contentType)],
        body: Array(page.text.utf8), access: access, limits: Self.limits))
  }

  /// Why nothing could be pushed now, as a sentence; nil when the gateway says that it is ready.
  public func obstacle() async -> String? {
    do throws(OwnMetricsError) {
      try await send(
        HTTPRequest("GET", Self.base(url) + "/-/ready" + query, access: access, limits: Self.limits)
      )
      return nil
    } catch {
      return error.description
    }
  }

  private static let limits = HTTPLimits(
    connectTimeoutSeconds: 2, totalTimeoutSeconds: 5, attempts: 2)

  private func send(_ request: HTTPRequest) async throws(OwnMetricsError) {
    let response: HTTPResponse
    do {
      response = try await client.send(request)
    } catch {
      throw .notPushed(url: url, reason: "\(error)")
    }
    guard (200...299).contains(response.status) else {
      throw .refused(
        url: url, status: response.status, answer: Self.firstLine(response.text))
    }
  }

  /// The group's URL. A deployment is called `namespace/name`, and a path segment holds no slash:
  /// the gateway takes base64 in its place.
  static func address(_ url: String, job: String, deployment: String) -> String {
    "\(base(url))/metrics/job/\(job)/deployment@base64/\(base64URL(deployment))"
  }

  private static func base(_ url: String) -> String {
    var base = url[...]
    while base.last == "/" { base.removeLast() }
    return String(base)
  }

  /// RFC 4648 §5 with padding; a single `=` stands for the empty text.
  private static func base64URL(_ text: String) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty else { return "=" }
    var encoded: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        encoded.append(
          place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static func firstLine(_ text: String) -> String {
    String(text.prefix { !$0.isNewline }.prefix(200))
  }
}
