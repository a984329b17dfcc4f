import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct CancellationTests {
  @Test("cancelling the task ends the transfer and closes its connection")
  func cancelled() async throws {
    let server = try StandInServer { _ in .silence }
    let client = makeClient()
    let task = Task {
      await httpError { () async throws(HTTPError) in
        try await client.send(HTTPRequest("GET", server.url))
      }
    }
    try await waitUntil("the request has arrived") { server.requests.count == 1 }
    task.cancel()
    #expect(await task.value == .cancelled(request: "GET \(server.url)/"))
    try await waitUntil("the connection is closed") { server.openConnections == 0 }
  }

  @Test("cancelling one transfer leaves the others alone")
  func others() async throws {
    let gate = StandInServer.Gate()
    let server = try StandInServer { $0.path == "/kept" ? .after(gate, .text("fine")) : .silence }
    let client = makeClient()
    async let kept = client.send(HTTPRequest("GET", server.url + "/kept"))
    let task = Task { try await client.send(HTTPRequest("GET", server.url + "/dropped")) }
    try await waitUntil("both requests have arrived") { server.requests.count == 2 }
    task.cancel()
    _ = await task.result
    gate.open()
    #expect(try await kept.text == "fine")
  }

  @Test("a task that is cancelled already sends nothing")
  func before() async throws {
    let server = try StandInServer { _ in .text("") }
    let client = makeClient()
    let gate = StandInServer.Gate()
    let task = Task {
      while !gate.isOpen { await Task.yield() }
      return await httpError { () async throws(HTTPError) in
        try await client.send(HTTPRequest("GET", server.url))
      }
    }
    task.cancel()
    gate.open()
    #expect(await task.value == .cancelled(request: "GET \(server.url)/"))
    #expect(server.requests.isEmpty)
  }

  @Test("shutting down ends the transfers and refuses new ones")
  func shutdown() async throws {
    let server = try StandInServer { _ in .silence }
    let client = makeClient()
    let task = Task {
      await httpError { () async throws(HTTPError) in
        try await client.send(HTTPRequest("GET", server.url))
      }
    }
    try await waitUntil("the request has arrived") { server.requests.count == 1 }
    client.shutdown()
    #expect(await task.value == .cancelled(request: "GET \(server.url)/"))
    client.shutdown()
    client.prepare()
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", server.url))
    }
    #expect(error == .cancelled(request: "GET \(server.url)/"))
  }

  @Test("shutting down a client that never sent anything is fine")
  func unused() {
    makeClient().shutdown()
    let prepared = makeClient()
    prepared.prepare()
    prepared.shutdown()
  }

  @Test("neither threads nor descriptors are left behind by clients that are gone")
  func leaks() async {
    await #expect(processExitsWith: .success) {
      let server = try StandInServer { _ in .text("") }
      func count(_ what: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/\(what)").count
      }
      func use() async throws {
        let client = makeClient()
        for _ in 1...3 { _ = try await client.send(HTTPRequest("GET", server.url)) }
      }
      try await use()
      try await waitUntil("the server's side is closed") { server.openConnections == 0 }
      let threads = try count("task")
      let descriptors = try count("fd")
      for _ in 1...100 { try await use() }
      try await waitUntil("the server's side is closed") { server.openConnections == 0 }
      // Swift's own pool may have grown by a thread or two meanwhile.
      #expect(try count("task") <= threads + 4)
      #expect(try count("fd") <= descriptors + 2)
    }
  }
}
