import Foundation
import Glibc
import Synchronization
import TestSupport

/// A headless Chromium, spoken to over its debugging pipe (`--remote-debugging-pipe`: JSON messages
/// that end in NUL, on descriptors 3 and 4).
///
/// Source: <https://chromedevtools.github.io/devtools-protocol/>.
final class ReportBrowser: Sendable {
  /// A message of the browser, or the reason why it is no use.
  struct ProtocolError: Error, CustomStringConvertible {
    let description: String
  }

  /// Whether Debian's package is installed.
  static let isInstalled = ["/usr/bin/chromium", "/usr/local/bin/chromium"]
    .contains { FileManager.default.isExecutableFile(atPath: $0) }

  private let process: ChildProcess
  private let folder: URL
  private let commands: FileHandle
  private let session = Mutex("")
  private let lastID = Mutex(0)

  init() async throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("report-browser-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let pipe = folder.appendingPathComponent("commands").path
    guard mkfifo(pipe, 0o600) == 0 else { throw ProtocolError(description: "no pipe") }
    // Opened for reading too, so that neither side waits for the other.
    let descriptor = Glibc.open(pipe, O_RDWR | O_CLOEXEC)
    commands = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    process = try ChildProcess(
      "sh",
      [
        "-c",
        "exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --no-first-run --disable-background-networking --user-data-dir=\"$0/profile\" --remote-debugging-pipe about:blank 3<\"$0/commands\" 4>\"$0/answers\"",
        folder.path,
      ])
    let target = try await send(
      "Target.createTarget", ["url": "about:blank"], to: nil)
    let attached = try await send(
      "Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true], to: nil)
    session.withLock { $0 = attached["sessionId"] as? String ?? "" }
    for domain in ["Page", "Runtime", "Network", "Log"] { try await call("\(domain).enable") }
  }

  deinit {
    process.kill()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Opens a file as a device of that width shows it.
  func open(_ file: URL, width: Int, isPhone: Bool, isDark: Bool) async throws {
    try await call(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": 844, "deviceScaleFactor": 1, "mobile": isPhone])
    try await call(
      "Emulation.setEmulatedMedia",
      ["features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]])
    let before = try messages().count
    try await call("Page.navigate", ["url": file.absoluteString])
    try await waitUntil("the page is loaded") {
      try self.messages().dropFirst(before).contains {
        $0["method"] as? String == "Page.loadEventFired"
      }
    }
  }

  /// The value of a script, as JSON has it.
  func evaluate(_ script: String) async throws -> String {
    let answer = try await call(
      "Runtime.evaluate",
      ["expression": "JSON.stringify((\(script)) ?? null)", "returnByValue": true])
    guard let result = answer["result"] as? [String: Any], let value = result["value"] as? String
    else { throw ProtocolError(description: "\(script) gave \(answer)") }
    return value
  }

  /// The whole page as PNG.
  func screenshot() async throws -> Data {
    let answer = try await call(
      "Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
    return Data(base64Encoded: answer["data"] as? String ?? "") ?? Data()
  }

  /// Presses a key.
  func press(_ key: String) async throws {
    // Enter does nothing without the character that it types.
    let text = key == "Enter" ? ["text": "\r"] : [:]
    let down = ["type": "keyDown", "key": key, "code": key].merging(text) { $1 }
    try await call("Input.dispatchKeyEvent", down)
    try await call("Input.dispatchKeyEvent", ["type": "keyUp", "key": key, "code": key])
  }

  /// What went wrong in the page: exceptions, console errors, refused content.
  func complaints() throws -> [String] {
    try messages().compactMap { message in
      let parameters = message["params"] as? [String: Any] ?? [:]
      switch message["method"] as? String {
      case "Runtime.exceptionThrown", "Runtime.consoleAPICalled": return "\(parameters)"
      case "Log.entryAdded":
        return (parameters["entry"] as? [String: Any]).map { "\($0["text"] ?? $0)" }
      default: return nil
      }
    }
  }

  /// Every address that was asked for.
  func requests() throws -> [String] {
    try messages().compactMap { message in
      guard message["method"] as? String == "Network.requestWillBeSent" else { return nil }
      let parameters = message["params"] as? [String: Any]
      return (parameters?["request"] as? [String: Any])?["url"] as? String
    }
  }

  @discardableResult
  private func call(_ method: String, _ parameters: [String: Any] = [:]) async throws
    -> [String: Any]
  {
    try await send(method, parameters, to: session.withLock { $0 })
  }

  private func send(
    _ method: String, _ parameters: [String: Any], to session: String?
  ) async throws -> [String: Any] {
    let id = lastID.withLock { id in
      id += 1
      return id
    }
    var message: [String: Any] = ["id": id, "method": method, "params": parameters]
    if let session { message["sessionId"] = session }
    try commands.write(contentsOf: try JSONSerialization.data(withJSONObject: message) + [0])
    try await waitUntil("the browser has answered \(method)", within: 60) {
      guard self.process.isRunning else {
        throw ProtocolError(description: "Chromium ended: \(self.process.errorOutput)")
      }
      return try self.messages().contains { $0["id"] as? Int == id }
    }
    let answer = try messages().first { $0["id"] as? Int == id } ?? [:]
    if let error = answer["error"] { throw ProtocolError(description: "\(method): \(error)") }
    return answer["result"] as? [String: Any] ?? [:]
  }

  /// Every whole message so far.
  private func messages() throws -> [[String: Any]] {
    guard let bytes = try? Data(contentsOf: folder.appendingPathComponent("answers")) else {
      return []
    }
    guard let end = bytes.lastIndex(of: 0) else { return [] }
    return try bytes[..<end].split(separator: 0).compactMap {
      try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
    }
  }
}
