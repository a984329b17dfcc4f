/// Hides a request's own credentials in what the server sends back: in error pages that quote the
/// request, in redirects, in reasons.
///
/// It happens where the answer enters, so that nothing behind it (messages, log, state, recordings)
/// can show them.
struct CredentialEchoes {
  /// Tokens: nothing that is decided on contains one by chance.
  private let tokens: [String]
  /// Passwords: one may be an ordinary word, which in the data that was asked for has to stay.
  private let passwords: [String]

  init(of request: HTTPRequest) {
    let (tokens, passwords) = Credentials.secretsByKind(of: request)
    self.tokens = tokens.flatMap(Self.spellings)
    self.passwords = passwords.flatMap(Self.spellings)
  }

  /// `response` without them. Passwords stay in an answer of success.
  func hidden(in response: HTTPResponse) -> HTTPResponse {
    let isData = (200..<300).contains(response.status)
    let secrets = isData ? tokens : tokens + passwords
    var response = response
    response.body = Redaction.scrubbed(response.body, of: secrets)
    for index in response.headers.indices {
      response.headers[index].value = Redaction.scrubbed(
        response.headers[index].value, of: tokens + passwords)
    }
    return response
  }

  /// `error` without them.
  func hidden(in error: HTTPError) -> HTTPError {
    func hidden(_ text: String) -> String { Redaction.scrubbed(text, of: tokens + passwords) }
    return switch error {
    case .invalidURL(let url, let reason): .invalidURL(hidden(url), reason: hidden(reason))
    case .failed(let request, let reason):
      .failed(request: hidden(request), reason: hidden(reason))
    case .untrusted(let request, let reason):
      .untrusted(request: hidden(request), reason: hidden(reason))
    case .unreadableFile, .timedOut, .tooLarge, .cancelled, .notRecorded: error
    }
  }

  /// `secret` as it stands in text, in a URL and in JSON.
  private static func spellings(_ secret: String) -> [String] {
    var encoded = ""
    var escaped = ""
    for byte in secret.utf8 {
      let character = Character(UnicodeScalar(byte))
      let isPlain = character.isASCII && (character.isLetter || character.isNumber)
      let hex = String(byte, radix: 16, uppercase: true)
      encoded +=
        isPlain || "-._~".contains(character)
        ? String(character) : "%" + (hex.count == 1 ? "0" : "") + hex
    }
    for character in secret {
      escaped += "/\"\\".contains(character) ? "\\\(character)" : String(character)
    }
    return [secret, encoded, escaped].reduce(into: []) { found, spelling in
      if !found.contains(spelling) { found.append(spelling) }
    }
  }
}
