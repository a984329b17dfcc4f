/// Follows the redirects of one request as long as they stay on the same scheme, host and port.
struct Redirects {
  private static let maximum = 5

  /// Where the request goes now.
  private(set) var url: RequestURL
  private var count = 0

  init(from url: RequestURL) { self.url = url }

  /// The request that `response` asks for instead of `request`; nil when `response` is final.
  ///
  /// - Throws: ``HTTPError/failed(request:reason:)`` for a redirect that must not be followed.
  mutating func next(
    _ request: HTTPRequest, _ response: HTTPResponse
  ) throws(HTTPError) -> HTTPRequest? {
    guard [301, 302, 303, 307, 308].contains(response.status),
      let location = response.header("Location")
    else { return nil }
    func refuse(_ reason: String) -> HTTPError {
      .failed(request: url.shown(request.method), reason: reason)
    }
    let target: RequestURL
    do throws(HTTPError) { target = try url.redirected(to: location) } catch {
      throw refuse(
        "it was redirected to '\(Redaction.unparsable(location))', which is not a URL")
    }
    guard target.origin == url.origin else {
      throw refuse(
        "it was redirected to \(target.shown), another server; name that one in the "
          + "configuration if it is to be trusted")
    }
    count += 1
    guard count <= Self.maximum else {
      throw refuse("it was redirected more than \(Self.maximum) times")
    }
    var next = request
    let keepsMethod =
      [307, 308].contains(response.status) || ["GET", "HEAD"].contains(next.method)
    if !keepsMethod {
      guard response.status == 303 else {
        throw refuse(
          "it was redirected to \(target.shown) with status \(response.status), "
            + "which does not say whether to send its body there")
      }
      next.method = "GET"
      next.body = nil
    }
    url = target
    return next
  }
}
