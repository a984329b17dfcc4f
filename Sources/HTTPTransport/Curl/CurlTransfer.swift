import CCurl
import Glibc

/// A libcurl easy handle at work. It lives on the event loop's thread and nowhere else.
final class CurlTransfer {
  let order: TransferOrder
  let easy: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private let body: UnsafeMutablePointer<UInt8>?
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var destination: UnsafeMutablePointer<curl_slist>?
  private var answer: CurlAnswer
  private let start = ContinuousClock.now

  private var plan: TransferPlan { order.plan }

  /// Nil when libcurl has no memory for it or refuses an option.
  init?(_ order: TransferOrder) {
    guard let easy = curl_easy_init() else { return nil }
    self.order = order
    self.easy = easy
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    // libcurl reads the body where it lies: it must not move until the transfer is over.
    body = order.plan.body.map { bytes in
      let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
      copy.initialize(from: bytes, count: bytes.count)
      return copy
    }
    answer = CurlAnswer(
      maximumBodyBytes: order.plan.maximumBodyBytes, allowance: order.plan.allowance)
    guard setExchange(), setMethod(), setLimits(), setCallbacks() else { return nil }
    guard order.plan.url.scheme == "http" || setTLS() else { return nil }
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerList)
    curl_slist_free_all(destination)
    errorText.deallocate()
    body?.deallocate()
  }

  /// What the transfer came to, once libcurl has ended it with `code`.
  func result(_ code: CURLcode) -> TransferResult {
    guard code == CURLE_OK else { return .failure(failure(code, reason(code))) }
    // libcurl is content with a connection that ends there, and calls the body empty.
    guard answer.isHeaderComplete else {
      return .failure(failure(CURLE_PARTIAL_FILE, "the answer ended within its header"))
    }
    var status = 0
    ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    var response = HTTPResponse(status: status, headers: answer.headers, body: answer.body)
    response.share = answer.share
    return .success(response)
  }

  private func failure(_ code: CURLcode, _ reason: String) -> TransferFailure {
    CurlFailure(
      plan: plan, code: code, text: reason, excess: answer.excess,
      elapsedSeconds: (ContinuousClock.now - start) / .seconds(1)
    ).failure
  }

  private func reason(_ code: CURLcode) -> String {
    let detail = String(cString: errorText)
    let text = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}

// What libcurl is told; each function is false when libcurl refuses.
extension CurlTransfer {
  private func set(_ option: CURLoption, _ value: Int) -> Bool {
    ccurl_set_long(easy, option, value) == CURLE_OK
  }

  private func set(_ option: CURLoption, _ value: String?) -> Bool {
    ccurl_set_string(easy, option, value) == CURLE_OK
  }

  private func setExchange() -> Bool {
    for line in plan.headerLines {
      guard let longer = curl_slist_append(headerList, line) else { return false }
      headerList = longer
    }
    return set(CURLOPT_URL, plan.connection.url)
      && set(CURLOPT_PROTOCOLS_STR, "http,https")
      // HTTP/2 gains nothing for a handful of requests, and that of libcurl 7.88 was young.
      && set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
      && set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
      && set(CURLOPT_USERAGENT, plan.userAgent)
      && ccurl_set_list(easy, CURLOPT_HTTPHEADER, headerList) == CURLE_OK
      && set(CURLOPT_FRESH_CONNECT, plan.mayReuseConnection ? 0 : 1)
  }

  private func setMethod() -> Bool {
    if let body, let count = plan.body?.count {
      return ccurl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(count)) == CURLE_OK
        && ccurl_set_pointer(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK
        && set(CURLOPT_CUSTOMREQUEST, plan.method)
    }
    switch plan.method {
    case "GET": return true
    case "HEAD": return set(CURLOPT_NOBODY, 1)
    default: return set(CURLOPT_CUSTOMREQUEST, plan.method)
    }
  }

  private func setLimits() -> Bool {
    set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(plan.connectTimeoutSeconds))
      && set(CURLOPT_TIMEOUT_MS, Self.milliseconds(plan.timeoutSeconds))
      && set(CURLOPT_NOSIGNAL, 1)
      // Don't wait for the resolution of a name that nobody asks for any more.
      && set(CURLOPT_QUICK_EXIT, 1)
      && set(CURLOPT_BUFFERSIZE, 64 << 10)
      // What a proxy answers to CONNECT is not the answer.
      && set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
      && ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText) == CURLE_OK
  }

  /// At least 1: to libcurl, 0 means no limit.
  private static func milliseconds(_ seconds: Double) -> Int {
    Int(max(1, min(seconds * 1000, 1e9)).rounded(.up))
  }

  private func setCallbacks() -> Bool {
    let own = Unmanaged.passUnretained(self).toOpaque()
    return ccurl_set_pointer(easy, CURLOPT_HEADERDATA, own) == CURLE_OK
      && ccurl_set_pointer(easy, CURLOPT_WRITEDATA, own) == CURLE_OK
      && ccurl_set_write_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, own in
        CurlTransfer.take(bytes, size * count, own) { $0.answer.takeHeader($1) }
      } == CURLE_OK
      && ccurl_set_write_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, own in
        CurlTransfer.take(bytes, size * count, own) { $0.answer.takeBody($1) }
      } == CURLE_OK
  }

  /// Hands what libcurl received to the transfer that `own` points to; 0 stops the transfer.
  private static func take(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ own: UnsafeMutableRawPointer?,
    _ body: (CurlTransfer, UnsafeRawBufferPointer) -> Bool
  ) -> Int {
    guard let own else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(own).takeUnretainedValue()
    return body(transfer, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
  }

  /// Whether libcurl knows a file with the system's authorities that can be read.
  private static let hasSystemAuthorities: Bool = {
    guard let file = curl_version_info(CURLVERSION_SEVENTH)?.pointee.cainfo else { return false }
    return access(file, R_OK) == 0
  }()

  private func setTLS() -> Bool {
    let access = plan.access
    var isSet = set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    if access.skipsTLSVerification {
      isSet = isSet && set(CURLOPT_SSL_VERIFYPEER, 0) && set(CURLOPT_SSL_VERIFYHOST, 0)
    }
    if let file = access.caFile { isSet = isSet && set(CURLOPT_CAINFO, file) }
    if access.caFile != nil || Self.hasSystemAuthorities {
      // The folder of the system's authorities would otherwise be trusted besides the file, and
      // keep libcurl from reading the file once only (25 ms each time for Debian's).
      isSet = isSet && set(CURLOPT_CAPATH, nil)
    }
    if let file = access.certificateFile {
      // An encrypted key is an error; without a password OpenSSL would ask for one and wait.
      isSet = isSet && set(CURLOPT_SSLCERT, file) && set(CURLOPT_KEYPASSWD, "")
    }
    if let file = access.keyFile { isSet = isSet && set(CURLOPT_SSLKEY, file) }
    if let target = plan.connection.destination {
      destination = curl_slist_append(nil, target)
      isSet = isSet && ccurl_set_list(easy, CURLOPT_CONNECT_TO, destination) == CURLE_OK
    }
    return isSet
  }

  private func set(_ option: CURLoption, _ value: some RawRepresentable<UInt32>) -> Bool {
    set(option, Int(value.rawValue))
  }
}
