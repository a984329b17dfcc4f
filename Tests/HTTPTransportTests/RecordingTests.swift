import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct RecordingTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/recording" }

  init() throws { folder = try TemporaryFolder() }

  /// All files of the recording, by name.
  private func files() throws -> [String: String] { try Self.files(path) }

  @Test("what was recorded from a real server is replayed without it, byte for byte")
  func roundTrip() async throws {
    let binary = (0...255).map { UInt8($0) }
    let server = try StandInServer { .text("\($0.method) \($0.target) \($0.text)") }
    server.on("/binary", .proper(status: 200, headers: [("X-A", "1"), ("X-A", "2")], body: binary))
    server.on("/empty", .text("", status: 404))
    server.on("/broken", .raw(Array("garbage\r\n\r\n".utf8)))
    let requests = [
      HTTPRequest("GET", server.url + "/binary"), HTTPRequest("GET", server.url + "/empty"),
      HTTPRequest("GET", server.url + "/broken"), HTTPRequest("GET", server.url + "/q?query=a"),
      HTTPRequest("GET", server.url + "/q?query=b"),
      HTTPRequest("POST", server.url + "/q", body: Array("1".utf8)),
      HTTPRequest("POST", server.url + "/q", body: Array("2".utf8)),
      HTTPRequest("POST", server.url + "/q", body: []), HTTPRequest("POST", server.url + "/q"),
    ]
    func outcomes(_ client: any HTTPClient) async -> [Result<HTTPResponse, HTTPError>] {
      var results: [Result<HTTPResponse, HTTPError>] = []
      for request in requests {
        do throws(HTTPError) { results.append(.success(try await client.send(request))) } catch {
          results.append(.failure(error))
        }
      }
      return results
    }
    let recorder = try RecordingHTTPClient(wrapping: makeClient(), directory: path)
    let recorded = await outcomes(recorder)
    #expect(recorder.failure == nil)
    server.stop()
    #expect(await outcomes(try ReplayingHTTPClient(directory: path)) == recorded)
    #expect(try recorded[0].get().body == binary)
  }

  @Test("credentials are in no file, and a changed one still finds its answer")
  func credentials() async throws {
    func requests(_ secret: String) -> [HTTPRequest] {
      let json = [HTTPHeader("Content-Type", "application/json")]
      let form = [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")]
      let token = HTTPAccess(token: .value(secret))
      return [
        HTTPRequest("GET", "http://ann:\(secret)@prometheus:9090/a?token=\(secret)", access: token),
        HTTPRequest("GET", "http://host/path/\(secret)", access: token),
        HTTPRequest("GET", "http://host/b", headers: [HTTPHeader("Authorization", secret)]),
        HTTPRequest("GET", "http://host/c", access: HTTPAccess(user: "ann", password: secret)),
        HTTPRequest(
          "POST", "http://etcd:2379/v3/auth/authenticate", headers: json,
          body: Array(#"{"name":"root","password":"\#(secret)"}"#.utf8)),
        HTTPRequest(
          "POST", "http://host/form", headers: form, body: Array("password=\(secret)&a=1".utf8)),
        HTTPRequest("not a url", "http://ann:\(secret) @host"),
      ]
    }
    let secret = "hunter2hunter2"
    let basic = Data("ann:\(secret)".utf8).base64EncodedString()
    let real = ScriptedClient { request throws(HTTPError) in
      guard !request.url.hasSuffix("/b") else {
        throw .failed(request: "GET http://host/b", reason: "no reason")
      }
      return HTTPResponse(
        status: 200,
        headers: [
          HTTPHeader("Set-Cookie", "session=\(secret)"), HTTPHeader("X-Auth-Token", secret),
          HTTPHeader("Content-Type", "application/json"),
        ],
        body: Array(
          #"{"token":"\#(secret)","echo":"\#(request.access.token == nil ? basic : secret)"}"#.utf8)
      )
    }
    let recorder = try RecordingHTTPClient(wrapping: real, directory: path)
    for request in requests(secret) {
      _ = await httpError { () async throws(HTTPError) in try await recorder.send(request) }
    }
    // The echo of basic credentials is only known to be one where the request carried them.
    let holders = try files().filter {
      ($0.value + $0.key).contains(secret) || $0.key.contains("ann")
    }
    #expect(holders.isEmpty)
    let echo = try files().filter { $0.key.hasPrefix("GET-host-c") && $0.value.contains(basic) }
    #expect(echo.isEmpty)

    let replay = try ReplayingHTTPClient(directory: path)
    for request in requests("another-secret") {
      let error = await httpError { () async throws(HTTPError) in try await replay.send(request) }
      if request.url.hasSuffix("/b") {
        #expect(error == .failed(request: "GET http://host/b", reason: "no reason"))
      } else {
        #expect(error == nil)
      }
    }
  }

  @Test("equal requests get their answers in the order they were sent")
  func series() async throws {
    let counter = Counter()
    let real = ScriptedClient { _ in
      HTTPResponse(status: 200, body: Array("\(counter.next())".utf8))
    }
    let recorder = try RecordingHTTPClient(wrapping: real, directory: path)
    for _ in 1...3 { _ = try await recorder.send(HTTPRequest("GET", "http://host/series")) }
    _ = try await recorder.send(HTTPRequest("GET", "http://host/single"))

    let replay = try ReplayingHTTPClient(directory: path)
    for number in 1...3 {
      #expect(try await replay.send(HTTPRequest("GET", "http://host/series")).text == "\(number)")
    }
    let beyond = await httpError { () async throws(HTTPError) in
      try await replay.send(HTTPRequest("GET", "http://host/series"))
    }
    #expect(beyond == .notRecorded(request: "GET http://host/series"))
    for _ in 1...3 {
      #expect(try await replay.send(HTTPRequest("GET", "http://host/single")).text == "4")
    }
  }

  @Test("a request that was not recorded is named")
  func notRecorded() async throws {
    _ = try RecordingHTTPClient(wrapping: makeClient(), directory: path)
    let replay = try ReplayingHTTPClient(directory: path)
    let error = await httpError { () async throws(HTTPError) in
      try await replay.send(HTTPRequest("GET", "http://ann:pw@host/a?token=x"))
    }
    #expect(error == .notRecorded(request: "GET http://host/a?token=REDACTED"))
  }

  @Test(
    "every kind of error is replayed as it was",
    arguments: [
      HTTPError.unreadableFile(path: "/ca", reason: "gone"),
      .failed(request: "GET http://host/", reason: "refused"),
      .timedOut(request: "GET http://host/", seconds: 0.25),
      .tooLarge(request: "GET http://host/", limitBytes: 10),
      .untrusted(request: "GET http://host/", reason: "expired"),
      .cancelled(request: "GET http://host/"),
      .notRecorded(request: "GET http://host/"),
      .invalidURL("http://host/", reason: "ugly"),
    ])
  func errors(_ error: HTTPError) async throws {
    let real = ScriptedClient { _ throws(HTTPError) in throw error }
    let recorder = try RecordingHTTPClient(wrapping: real, directory: path)
    let request = HTTPRequest("GET", "http://host/")
    _ = await httpError { () async throws(HTTPError) in try await recorder.send(request) }
    let replay = try ReplayingHTTPClient(directory: path)
    #expect(
      await httpError { () async throws(HTTPError) in try await replay.send(request) } == error)
  }

  @Test("the same requests give the same files whatever the order they were answered in")
  func stable() async throws {
    let real = ScriptedClient { HTTPResponse(status: 200, body: Array($0.url.utf8)) }
    func record(_ name: String, _ urls: [String]) async throws -> [String: String] {
      let recorder = try RecordingHTTPClient(wrapping: real, directory: folder.path + "/" + name)
      for url in urls { _ = try await recorder.send(HTTPRequest("GET", url)) }
      return try RecordingTests.files(folder.path + "/" + name)
    }
    let urls = ["http://host/a", "http://host/b?x=1", "http://host/b?x=2"]
    let forth = try await record("one", urls)
    #expect(try await record("two", urls.reversed()) == forth)
    #expect(forth.keys.sorted().first == "GET-host-a-bf0dc9276859e0eb-1.body")
    #expect(forth.count == 7)
  }

  @Test("a recording reads well")
  func readable() async throws {
    let real = ScriptedClient { _ in
      HTTPResponse(status: 200, headers: [HTTPHeader("A", "b")], body: Array("{}".utf8))
    }
    let recorder = try RecordingHTTPClient(wrapping: real, directory: path)
    let body = Array("x=1".utf8)
    _ = try await recorder.send(HTTPRequest("POST", "http://host:90/api/v1?q=1", body: body))
    let files = try files()
    let name = try #require(files.keys.first { $0.hasPrefix("POST") && $0.hasSuffix(".json") })
    #expect(name.hasPrefix("POST-host-90-api-v1-"))
    #expect(
      files[name] == """
        {
          "request" : {
            "body" : "x=1",
            "bodyHash" : "bf0d7d197f62798d",
            "method" : "POST",
            "occurrence" : 1,
            "url" : "http://host:90/api/v1?q=1"
          },
          "response" : {
            "bodyBytes" : 2,
            "bodyFile" : "\(name.dropLast(5)).body",
            "headers" : [
              {
                "name" : "A",
                "value" : "b"
              }
            ],
            "status" : 200
          }
        }

        """)
  }

  @Test("a folder that holds a recording is not recorded into again")
  func occupied() throws {
    _ = try RecordingHTTPClient(wrapping: makeClient(), directory: path)
    #expect(throws: HTTPRecordingError.occupied(path: path + "/http")) {
      try RecordingHTTPClient(wrapping: makeClient(), directory: path)
    }
  }

  @Test("other files beside the folder don't matter")
  func others() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try "{}".write(toFile: path + "/manifest.json", atomically: true, encoding: .utf8)
    _ = try RecordingHTTPClient(wrapping: makeClient(), directory: path)
    _ = try ReplayingHTTPClient(directory: path)
  }

  @Test("a folder that can't be made or written is an error, and so is a lost answer")
  func unwritable() async throws {
    let file = try folder.write("file", "")
    #expect(throws: HTTPRecordingError.self) {
      try RecordingHTTPClient(wrapping: makeClient(), directory: file)
    }
    let real = ScriptedClient { _ in HTTPResponse(status: 200, body: [1]) }
    let recorder = try RecordingHTTPClient(wrapping: real, directory: path)
    try FileManager.default.removeItem(atPath: path)
    #expect(try await recorder.send(HTTPRequest("GET", "http://host/")).body == [1])
    guard case .unwritable(_, let reason) = recorder.failure else {
      Issue.record("the loss was not noticed")
      return
    }
    #expect(reason == "No such file or directory")
  }

  @Test("a missing, newer or damaged recording is told apart")
  func damaged() async throws {
    let http = path + "/http"
    #expect(throws: HTTPRecordingError.missing(path: http)) {
      try ReplayingHTTPClient(directory: path)
    }
    let real = ScriptedClient { _ in HTTPResponse(status: 200, body: Array("body".utf8)) }
    let recorder = try RecordingHTTPClient(wrapping: real, directory: path)
    _ = try await recorder.send(HTTPRequest("GET", "http://host/"))
    let names = try files().keys
    let answer =
      http + "/" + (try #require(names.first { $0.hasPrefix("GET") && $0.hasSuffix(".json") }))
    let body = http + "/" + (try #require(names.first { $0.hasSuffix(".body") }))
    let intact = try String(contentsOfFile: answer, encoding: .utf8)

    func damage(_ file: String, _ text: String?) throws -> HTTPRecordingError? {
      let before = try String(contentsOfFile: file, encoding: .utf8)
      try text?.write(toFile: file, atomically: true, encoding: .utf8)
      if text == nil { try FileManager.default.removeItem(atPath: file) }
      defer { try? before.write(toFile: file, atomically: true, encoding: .utf8) }
      do throws(HTTPRecordingError) {
        _ = try ReplayingHTTPClient(directory: path)
        return nil
      } catch { return error }
    }
    func isCorrupt(_ error: HTTPRecordingError?, _ file: String) -> Bool {
      if case .corrupt(file, _) = error { return true }
      Issue.record("\(String(describing: error))")
      return false
    }
    let format = http + "/format.json"
    #expect(
      try damage(format, #"{"format":"sla-planner HTTP recording","version":2}"#)
        == .unsupportedVersion(path: http, found: 2))
    for text in ["", "{", #"{"format":"other","version":1}"#, #"{"version":1}"#] {
      #expect(isCorrupt(try damage(format, text), format))
    }
    for text in [
      "", String(intact.dropLast(20)), "[]", "{}",
      #"{"request":{"method":"GET","url":"http://host/","occurrence":1}}"#,
      intact.replacingOccurrences(of: "\"bodyFile\" : \"", with: "\"bodyFile\" : \"../"),
    ] {
      #expect(isCorrupt(try damage(answer, text), answer))
    }
    for text in ["bod", nil] as [String?] { #expect(isCorrupt(try damage(body, text), body)) }
    let copy = answer.replacingOccurrences(of: ".json", with: "-copy.json")
    try intact.write(toFile: copy, atomically: true, encoding: .utf8)
    #expect(isCorrupt(try damage(answer, intact), http))
    try FileManager.default.removeItem(atPath: copy)

    // What a killed invocation leaves: a body that no file names yet, and a half-written file.
    try "half".write(toFile: http + "/GET-x-1.body", atomically: true, encoding: .utf8)
    try "half".write(toFile: http + "/.dat.nosync12.abc", atomically: true, encoding: .utf8)
    let replay = try ReplayingHTTPClient(directory: path)
    #expect(try await replay.send(HTTPRequest("GET", "http://host/")).text == "body")
  }

  @Test("requests at the same time are all recorded")
  func concurrent() async throws {
    let server = try StandInServer { .text($0.target) }
    let recorder = try RecordingHTTPClient(wrapping: makeClient(), directory: path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 {
        group.addTask {
          _ = try await recorder.send(HTTPRequest("GET", server.url + "/\(number % 20)"))
        }
      }
      try await group.waitForAll()
    }
    #expect(recorder.failure == nil)
    #expect(try files().count == 81)
  }

  private static func files(_ directory: String) throws -> [String: String] {
    var files: [String: String] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: directory + "/http") {
      let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/http/" + name))
      files[name] = String(decoding: data, as: UTF8.self)
    }
    return files
  }
}
