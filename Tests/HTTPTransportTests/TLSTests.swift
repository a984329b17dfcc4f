import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct TLSTests {
  let client = makeClient()

  /// A plain server with TLS before it.
  private struct Site {
    let certificates: TestCertificates
    let server: StandInServer
    let front: TLSFront

    init(host: String = "127.0.0.1", requiresClientCertificate: Bool = false) async throws {
      certificates = try await TestCertificates()
      server = try StandInServer { _ in .text("secret page") }
      front = try await TLSFront(
        to: server.port, host: host, certificate: certificates.server.certificate,
        key: certificates.server.key,
        clientAuthority: requiresClientCertificate ? certificates.authority.certificate : nil)
    }

    func url(_ host: String) -> String { "https://\(host):\(front.port)/" }
  }

  private func get(_ url: String, _ access: HTTPAccess) async -> Result<HTTPResponse, HTTPError> {
    do throws(HTTPError) {
      return .success(try await client.send(HTTPRequest("GET", url, access: access)))
    } catch { return .failure(error) }
  }

  private func isUntrusted(_ result: Result<HTTPResponse, HTTPError>, _ word: String) -> Bool {
    guard case .failure(.untrusted(_, let reason)) = result else {
      Issue.record("\(result)")
      return false
    }
    return reason.contains(word)
  }

  @Test("a server whose authority is in the CA file is trusted, any other is not")
  func authorities() async throws {
    let site = try await Site()
    let own = HTTPAccess(caFile: site.certificates.authority.certificate)
    #expect(try await get(site.url("127.0.0.1"), own).get().text == "secret page")
    #expect(try await get(site.url("localhost"), own).get().text == "secret page")
    #expect(isUntrusted(await get(site.url("127.0.0.1"), HTTPAccess()), "issuer certificate"))
    let other = HTTPAccess(caFile: site.certificates.otherAuthority.certificate)
    #expect(isUntrusted(await get(site.url("127.0.0.1"), other), "issuer certificate"))
    #expect(site.server.requests.count == 2)
  }

  @Test("connections that were verified differently are not shared")
  func separate() async throws {
    let site = try await Site()
    let careless = HTTPAccess(skipsTLSVerification: true)
    #expect(try await get(site.url("127.0.0.1"), careless).get().status == 200)
    #expect(isUntrusted(await get(site.url("127.0.0.1"), HTTPAccess()), "issuer certificate"))
  }

  @Test("a certificate for another name is not accepted, unless that name is asked for")
  func names() async throws {
    let site = try await Site(host: "127.0.0.2")
    let authority = site.certificates.authority.certificate
    let own = HTTPAccess(caFile: authority)
    #expect(isUntrusted(await get(site.url("127.0.0.2"), own), "127.0.0.2"))
    let named = HTTPAccess(caFile: authority, tlsServerName: "planner.test")
    #expect(try await get(site.url("127.0.0.2"), named).get().status == 200)
    #expect(site.front.serverNames.last == "planner.test")
    #expect(site.server.requests.last?.header("host") == "127.0.0.2:\(site.front.port)")
    let wrong = HTTPAccess(caFile: authority, tlsServerName: "other.test")
    #expect(isUntrusted(await get(site.url("127.0.0.2"), wrong), "other.test"))
    let broken = HTTPAccess(caFile: authority, tlsServerName: "planner.test/..")
    guard case .failure(.failed(_, let reason)) = await get(site.url("127.0.0.2"), broken) else {
      Issue.record("a path was taken for a name")
      return
    }
    #expect(reason.contains("planner.test/.."))
  }

  @Test("a name to verify works with an IPv6 address too")
  func ipv6() async throws {
    let site = try await Site(host: "::1")
    let named = HTTPAccess(
      caFile: site.certificates.authority.certificate, tlsServerName: "planner.test")
    #expect(try await get(site.url("[::1]"), named).get().status == 200)
    #expect(site.server.requests.last?.header("host") == "[::1]:\(site.front.port)")
  }

  @Test("a client certificate is shown to a server that requires one")
  func clientCertificate() async throws {
    let site = try await Site(requiresClientCertificate: true)
    let certificates = site.certificates
    let without = HTTPAccess(caFile: certificates.authority.certificate)
    guard case .failure(.failed) = await get(site.url("127.0.0.1"), without) else {
      Issue.record("no certificate was needed")
      return
    }
    #expect(site.server.requests.isEmpty)
    var with = without
    with.certificateFile = certificates.client.certificate
    with.keyFile = certificates.client.key
    #expect(try await get(site.url("127.0.0.1"), with).get().text == "secret page")
    #expect(site.front.clientNames == ["planner"])
  }

  @Test("files that are missing, broken, encrypted or don't fit are named, without any question")
  func files() async throws {
    let site = try await Site()
    let certificates = site.certificates
    let folder = try TemporaryFolder()
    let junk = try folder.write("junk.pem", "not a certificate\n")
    let authority = certificates.authority.certificate
    for (access, path) in [
      (HTTPAccess(caFile: folder.path + "/none"), folder.path + "/none"),
      (HTTPAccess(caFile: junk), junk),
      (HTTPAccess(caFile: authority, certificateFile: junk), junk),
      (
        HTTPAccess(
          caFile: authority, certificateFile: certificates.client.certificate,
          keyFile: folder.path + "/none"), folder.path + "/none"
      ),
      (
        HTTPAccess(
          caFile: authority, certificateFile: certificates.client.certificate,
          keyFile: certificates.server.key), certificates.client.certificate
      ),
      (
        HTTPAccess(
          caFile: authority, certificateFile: certificates.client.certificate,
          keyFile: certificates.clientWithEncryptedKey.key), certificates.client.certificate
      ),
    ] {
      guard case .failure(.unreadableFile(path, _)) = await get(site.url("127.0.0.1"), access)
      else {
        Issue.record("\(path): \(await get(site.url("127.0.0.1"), access))")
        continue
      }
    }
    #expect(site.server.requests.isEmpty)
  }

  @Test("a connection over TLS is kept as well")
  func keepAlive() async throws {
    let site = try await Site()
    let own = HTTPAccess(caFile: site.certificates.authority.certificate)
    for _ in 1...3 { _ = try await get(site.url("127.0.0.1"), own).get() }
    #expect(site.server.acceptedConnections == 1)
  }

  @Test("files for TLS don't matter to plain HTTP")
  func plain() async throws {
    let server = try StandInServer { _ in .text("") }
    let access = HTTPAccess(caFile: "/none", certificateFile: "/none", tlsServerName: "x.test")
    #expect(try await get(server.url, access).get().status == 200)
    #expect(server.requests.first?.header("host") == "127.0.0.1:\(server.port)")
  }
}
