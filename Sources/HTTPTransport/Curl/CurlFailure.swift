import CCurl

/// Translates what libcurl reports into an ``HTTPError`` and whether trying again can help.
struct CurlFailure {
  let plan: TransferPlan
  let code: CURLcode
  /// libcurl's own words.
  let text: String
  let excess: CurlAnswer.Excess?
  let elapsedSeconds: Double

  var failure: TransferFailure { TransferFailure(error: error, isTransient: isTransient) }

  private var error: HTTPError {
    switch (code, excess) {
    case (_, .body): .tooLarge(request: plan.shown, limitBytes: plan.maximumBodyBytes)
    case (_, .allBodies):
      .tooLarge(request: plan.shown, limitBytes: plan.allowance.limitBytes)
    case (_, .header): failed("the header of the answer is larger than 256 KiB")
    case (CURLE_OPERATION_TIMEDOUT, _): .timedOut(request: plan.shown, seconds: exceededSeconds)
    case (CURLE_PEER_FAILED_VERIFICATION, _): .untrusted(request: plan.shown, reason: text)
    case (CURLE_SSL_CACERT_BADFILE, _):
      .unreadableFile(
        path: plan.access.caFile ?? "the system's certificate authorities", reason: text)
    case (CURLE_SSL_CERTPROBLEM, _):
      .unreadableFile(
        path: plan.access.certificateFile ?? plan.access.keyFile ?? "client certificate",
        reason: text)
    default: failed(text)
    }
  }

  private func failed(_ reason: String) -> HTTPError {
    .failed(request: plan.shown, reason: reason)
  }

  /// The limit that ran out: that of the connection, or that of the whole exchange.
  private var exceededSeconds: Double {
    let seconds =
      elapsedSeconds < plan.timeoutSeconds - 0.001
      ? plan.connectTimeoutSeconds : plan.timeoutSeconds
    return (seconds * 1000).rounded() / 1000
  }

  private var isTransient: Bool {
    guard excess == nil else { return false }
    return [
      CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
      CURLE_OPERATION_TIMEDOUT, CURLE_SSL_CONNECT_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
      CURLE_RECV_ERROR, CURLE_PARTIAL_FILE,
    ].contains(code)
  }
}
