import Testing

@testable import Settings

@Suite("Addresses and names")
struct TextRuleTests {
  @Test(
    "usable addresses",
    arguments: [
      "http://localhost", "http://localhost:9090", "HTTPS://a.b-c.d/prefix/", "http://10.0.0.1:1",
      "http://[::1]:9090", "http://[fe80::1]/x", "http://a_b:65535/%20", "https://a/",
    ])
  func usable(text: String) {
    #expect(HTTPAddress.isUsable(text))
  }

  @Test(
    "unusable addresses",
    arguments: [
      "", "http", "http:", "http://", "http:/a", "://a", "a.b", "ftp://a", "httpss://a",
      "http://:80", "http:///x", "http://a:", "http://a:0", "http://a:65536", "http://a:x",
      "http://a:80:80", "http://a b", "http://a/\n", "http://ä", "http://u@a", "http://u:p@a/",
      "http://a/?x=1", "http://a#b", "http://[::1", "http://[::1]x", "http://[]", "http://[a]",
      "http://a\\b", "http://a/{x}",
    ])
  func unusable(text: String) {
    #expect(!HTTPAddress.isUsable(text))
  }

  @Test(
    "credentials are blotted out",
    arguments: [
      ("http://a/b", "http://a/b"), ("http://u:p@a/b", "http://***@a/b"),
      ("u:p@a", "***@a"), ("http://u:p@x@a", "http://***@a"), ("a?t=1", "a?***"),
      ("http://u:p@a,http://u:q@b", "http://***@b"), ("@", "***@"),
    ])
  func redacted(text: String, shown: String) {
    #expect(HTTPAddress.redacted(text) == shown)
  }

  @Test(
    "edit distances",
    arguments: [
      ("", "", 0), ("a", "", 1), ("", "abc", 3), ("ttft", "ttft", 0), ("tftt", "ttft", 1),
      ("kitten", "sitting", 3), ("ca", "abc", 3), ("itl", "ttl", 1),
    ])
  func distance(left: String, right: String, distance: Int) {
    #expect(NearestName.distance(left, right) == distance)
    #expect(NearestName.distance(right, left) == distance)
  }

  @Test("the nearest of several equally near names is the first, and there may be none")
  func nearest() {
    #expect(NearestName.find("b", among: ["a", "c"]) == "a")
    #expect(NearestName.find("b", among: []) == nil)
    #expect(
      NearestName.find(String(repeating: "x", count: 100_000), among: ["a", "x"]) == "x")
  }
}
