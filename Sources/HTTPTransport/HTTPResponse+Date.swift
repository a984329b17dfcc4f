import CCurl

extension HTTPResponse {
  /// When the answer was written by the server's clock, Unix seconds, whole; nil without a `Date`
  /// header that can be read (RFC 9110 §6.6.1).
  public var dateSeconds: Double? {
    guard let date = header("Date") else { return nil }
    let time = curl_getdate(date, nil)
    return time >= 0 ? Double(time) : nil
  }
}
