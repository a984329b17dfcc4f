import Glibc

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The answers that an invocation got, as files in the folder `http` of a recording's directory.
///
/// Format 1:
/// - `format.json`: `{"format": "sla-planner HTTP recording", "version": 1}`.
/// - `METHOD-place-KEY-N.json` for the Nth request with the same method, URL and body:
///   `request` (`method`, `url`, `bodyHash`, `body`, `occurrence`) and either `response`
///   (`status`, `headers`, `bodyFile`, `bodyBytes`) or `error` (`kind` and its values).
///   The name is for people; readers go by what is inside.
/// - The same name ending in `.body` holds the body's bytes, decompressed.
///
/// There are no credentials in it: no request headers, no user information in URLs, no values of
/// query fields, JSON fields, environment variables and response headers that are named like a
/// credential, and no occurrence of the request's own token or password. Every file appears
/// whole or not at all, and a body before the file that names it, so that the recording of a
/// killed invocation can be read. Other names are ignored.
public struct HTTPRecording: Sendable {
  /// The version of the format that this planner writes and reads.
  public static let formatVersion = 1
  /// The folder inside a recording's directory that holds the HTTP answers.
  public static let folder = "http"

  private static let formatName = "sla-planner HTTP recording"
  private static let formatFile = "format.json"

  private struct Format: Codable {
    var format: String
    var version: Int
  }

  /// The folder that holds the files.
  let path: String

  /// Makes the folder of a new recording inside `directory`.
  init(creatingIn directory: String) throws(HTTPRecordingError) {
    path = directory + "/" + Self.folder
    if let names = try? FileManager.default.contentsOfDirectory(atPath: path), !names.isEmpty {
      throw .occupied(path: path)
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch { throw HTTPRecordingError(writing: path, error) }
    try write(Format(format: Self.formatName, version: Self.formatVersion), to: Self.formatFile)
  }

  /// Opens the recording inside `directory`.
  init(openingIn directory: String) throws(HTTPRecordingError) {
    path = directory + "/" + Self.folder
    guard FileManager.default.fileExists(atPath: path + "/" + Self.formatFile) else {
      throw .missing(path: path)
    }
    let format = try read(Format.self, from: Self.formatFile)
    guard format.format == Self.formatName else {
      throw .corrupt(
        path: path + "/" + Self.formatFile, reason: "it does not say '\(Self.formatName)'")
    }
    guard format.version == Self.formatVersion else {
      throw .unsupportedVersion(path: path, found: format.version)
    }
  }

  /// Adds one answer: first its body, then the file that names it.
  func add(_ answer: RecordedAnswer, body: [UInt8], named name: String) throws(HTTPRecordingError) {
    var answer = answer
    if !body.isEmpty {
      answer.response?.bodyFile = name + ".body"
      try write(Data(body), to: name + ".body")
    }
    try write(answer, to: name + ".json")
  }

  /// All answers with their bodies.
  func answers() throws(HTTPRecordingError) -> [(answer: RecordedAnswer, body: [UInt8])] {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
      throw .corrupt(path: path, reason: "the folder can't be listed")
    }
    var found: [(answer: RecordedAnswer, body: [UInt8])] = []
    for name in names.sorted() where name.hasSuffix(".json") && name != Self.formatFile {
      let answer = try read(RecordedAnswer.self, from: name)
      guard (answer.response == nil) != (answer.error == nil) else {
        throw .corrupt(path: path + "/" + name, reason: "it must hold a response or an error")
      }
      found.append((answer, try body(of: answer.response, named: name)))
    }
    return found
  }

  private func body(
    of response: RecordedAnswer.Response?, named name: String
  ) throws(HTTPRecordingError) -> [UInt8] {
    guard let response else { return [] }
    guard let file = response.bodyFile else {
      guard response.bodyBytes == 0 else {
        throw .corrupt(path: path + "/" + name, reason: "it names no file with the body")
      }
      return []
    }
    guard !file.contains("/") else {
      throw .corrupt(path: path + "/" + name, reason: "its body lies in another folder")
    }
    let bytes = [UInt8](try contents(of: file))
    guard bytes.count == response.bodyBytes else {
      throw .corrupt(
        path: path + "/" + file,
        reason: "it has \(bytes.count) bytes instead of \(response.bodyBytes)")
    }
    return bytes
  }
}

extension HTTPRecording {
  private func contents(of name: String) throws(HTTPRecordingError) -> Data {
    do { return try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)) } catch {
      throw .corrupt(path: path + "/" + name, reason: "it can't be read")
    }
  }

  private func read<Value: Decodable>(
    _ type: Value.Type, from name: String
  ) throws(HTTPRecordingError) -> Value {
    let data = try contents(of: name)
    do { return try JSONDecoder().decode(type, from: data) } catch {
      throw .corrupt(path: path + "/" + name, reason: "it does not have the expected fields")
    }
  }

  private func write(_ value: some Encodable, to name: String) throws(HTTPRecordingError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data: Data
    do { data = try encoder.encode(value) } catch {
      throw .unwritable(path: path + "/" + name, reason: "an answer can't be written as JSON")
    }
    try write(data + Data("\n".utf8), to: name)
  }

  private func write(_ data: Data, to name: String) throws(HTTPRecordingError) {
    let file = path + "/" + name
    do { try data.write(to: URL(fileURLWithPath: file), options: .atomic) } catch {
      throw HTTPRecordingError(writing: file, error)
    }
  }
}
