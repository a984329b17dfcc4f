import HTTPTransport

/// Why a request gave nothing usable. It is the world's fault, so it is told, not thrown.
struct FetchFailure: Error, Equatable {
  /// What happened, as a sentence.
  let sentence: String
  /// Whether the server can't do what it was asked for at all: asking again gives the same.
  let isRefusal: Bool

  init(sentence: String, isRefusal: Bool = false) {
    self.sentence = sentence
    self.isRefusal = isRefusal
  }

  /// The failure behind an error of the client.
  ///
  /// - Throws: the error itself where the user has to mend it (URL, unreadable file, a recording
  ///   that lacks the answer) and where the invocation is being stopped.
  init(_ error: HTTPError) throws(HTTPError) {
    switch error {
    case .invalidURL, .unreadableFile, .cancelled, .notRecorded: throw error
    default:
      sentence = error.description
      // As large the next time: what would be asked for in vain again and again.
      if case .tooLarge = error { isRefusal = true } else { isRefusal = false }
    }
  }

  /// An answer with a status that is none of success.
  init(status: Int, _ body: [UInt8], of url: String) {
    let said = body.isEmpty ? "an empty body" : Excerpt.of(body)
    // Mimir, Cortex and Loki say "no org id".
    let wantsTenant = ["org id", "tenant"].contains(where: said.lowercased().contains)
    let hint =
      switch status {
      case 401 where wantsTenant, 403 where wantsTenant:
        " The store has tenants: name yours with --prometheus-header, as X-Scope-OrgID=NAME."
      case 401, 403: " Check the credentials."
      case 404: " Check the address."
      default: ""
      }
    sentence = "GET \(url) answered HTTP \(status): \(said).\(hint)"
    isRefusal = false
  }
}
