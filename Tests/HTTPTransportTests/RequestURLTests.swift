import Testing

@testable import HTTPTransport

@Suite struct RequestURLTests {
  @Test(
    "a URL is taken apart",
    arguments: [
      ("http://prometheus:9090/api?query=up", "http", "prometheus", 9090, "/api?query=up"),
      ("https://Kubernetes.Default.SVC", "https", "kubernetes.default.svc", 443, "/"),
      ("http://[::1]:8000/metrics", "http", "[::1]", 8000, "/metrics"),
      ("http://host/?u=http:///x", "http", "host", 80, "/?u=http:///x"),
      ("HTTP://10.0.0.1/a/b", "http", "10.0.0.1", 80, "/a/b"),
    ])
  func parts(_ text: String, _ scheme: String, _ host: String, _ port: Int, _ target: String) throws
  {
    let url = try RequestURL(text)
    #expect(url.scheme == scheme)
    #expect(url.host == host)
    #expect(url.port == port)
    #expect(url.target == target)
  }

  @Test("credentials and fragment are taken out of the URL that is sent")
  func credentials() throws {
    let url = try RequestURL("http://ann:s%40cret@host:90/p?q=1#frag")
    #expect(url.user == "ann")
    #expect(url.password == "s@cret")
    #expect(url.text == "http://host:90/p?q=1")
    #expect(url.shown == "http://host:90/p?q=1")
    #expect(url.authority == "host:90")
  }

  @Test(
    "an unusable URL is refused with a reason and without its credentials",
    arguments: [
      ("", "http:// or https://"),
      ("localhost:9090", "http:// or https://"),
      ("ftp://host/file", "http:// or https://"),
      ("file:///etc/passwd", "http:// or https://"),
      ("unknown://host", "http:// or https://"),
      ("http://", "host"),
      ("http:///path", "host"),
      ("HTTPS:///path", "host"),
      ("http://host:port/", "ort number"),
      ("http://host:0/", "port"),
      ("http://host:99999/", "ort number"),
      ("http://host/a b", "blanks"),
      ("http://host/\nHost: evil", "blanks"),
      ("http://host/\0", "blanks"),
      ("http://[::1/", "IPv6"),
      ("http://ann:sec/ret@host/", "ort number"),
      ("ann:secret@host", "http:// or https://"),
      ("http://ann:secret@ho st/", "blanks"),
    ])
  func refused(_ text: String, _ reason: String) throws {
    let error = #expect(throws: HTTPError.self) { try RequestURL(text) }
    let message = "\(try #require(error))"
    #expect(message.contains(reason))
    #expect(!message.contains("sec"))
    #expect(!message.contains("ann"))
  }

  @Test(
    "a redirect's place is relative to the URL",
    arguments: [
      ("/other?x=1", "http://host:90/other?x=1"),
      ("next", "http://host:90/a/next"),
      ("//elsewhere/x", "http://elsewhere/x"),
      ("https://host:90/", "https://host:90/"),
    ])
  func redirected(_ location: String, _ expected: String) throws {
    #expect(try RequestURL("http://u:p@host:90/a/b").redirected(to: location).text == expected)
  }

  @Test("messages leave out a query that would bury them")
  func longQuery() throws {
    let short = "http://host/a?query=up"
    #expect(try RequestURL(short).shown("GET") == "GET " + short)
    let long = "http://host/a?query=" + String(repeating: "x", count: 500)
    #expect(try RequestURL(long).shown("GET") == "GET http://host/a?…")
    #expect(try RequestURL(long).shown == long)
  }
}
