import Glibc
import HTTPTransport
import Invocation
import MetricSources
import Planning
import Settings
import StateStore

extension RunSettings {
  /// What the deployment of the virtual environment is called in the state file and in the output.
  package var deployment: String { self.dynamoNamespace }

  /// What the deployment is called there, wherever it is.
  func deployment(clusterNamespace: String?) -> String {
    guard let clusterNamespace, let deploymentName = self.deploymentName else { return deployment }
    return "\(clusterNamespace)/\(deploymentName)"
  }
}

extension InvocationSettings {
  /// What an invocation needs to know of the run's settings.
  ///
  /// - Parameter calendar: the windows of the settings with their time zones.
  package init(
    _ settings: RunSettings, deployment: String, calendar: PlanningCalendar? = nil
  ) {
    self.init(
      deployment: deployment, statePath: settings.state.path,
      planner: PlannerSettings(
        policy: settings.policy(), predictor: settings.throughput?.predictor ?? .init(),
        catchUpIntervals: max(1, settings.throughput?.catchUpIntervals ?? 1),
        settleSeconds: settings.throughput?.settleSeconds ?? 0,
        countsWorkersByRouter: settings.environment == .virtual && settings.load != nil,
        stabilizesByStartUp: settings.stabilizesByStartUp, calendar: calendar),
      modelName: settings.modelName, routerMetricsURL: settings.loadURL,
      metricSamples: settings.load?.metricSamples ?? 1,
      sampleSpreadSeconds: settings.waitsBetweenSamples ? settings.load?.intervalSeconds ?? 0 : 0,
      isDryRun: settings.isDryRun, onlyPublishes: settings.environment == .metric,
      leaseSeconds: settings.leaseSeconds,
      owner: "\(Self.hostName)/\(getpid())/\(UInt32.random(in: .min ... .max))")
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    return gethostname(&name, name.count - 1) == 0
      ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      : "host"
  }
}

extension StateFileSettings {
  package init(_ settings: StateSettings) {
    self.init(
      path: settings.path, journal: StateJournal(rawValue: settings.journal.rawValue) ?? .automatic,
      decisionRetentionDays: settings.decisionRetentionDays,
      observationRetentionDays: settings.observationRetentionDays,
      recoversFromDamage: settings.recovers)
  }
}

extension HTTPAccess {
  /// The access that the settings describe; files that hold the password or the value of a header
  /// are read here, once.
  init(_ access: ServerAccess, sendsUser: Bool = true) throws {
    self.init(
      token: access.token.map { .value($0.revealed) } ?? access.tokenFile.map { .file($0) },
      user: sendsUser ? access.user : nil,
      password: sendsUser ? try access.readPassword() : nil, caFile: access.caFile,
      certificateFile: access.certificateFile, keyFile: access.keyFile,
      skipsTLSVerification: access.skipsTLSVerification,
      headers: try access.headers.compactMap(Self.header))
  }

  private static func header(_ header: String) throws -> HTTPHeader? {
    guard let equals = header.firstIndex(of: "=") else { return nil }
    let value = String(header[header.index(after: equals)...])
    return HTTPHeader(
      String(header[..<equals]),
      value.hasPrefix("@") ? try Self.read(String(value.dropFirst()), "file of a header") : value)
  }

  /// The text of a small file, without line ends after it.
  fileprivate static func read(_ file: String, _ title: String) throws -> String {
    let bytes: [UInt8]
    do { bytes = try SmallFile.read(file, takesPipes: true) } catch {
      throw CommandFailure(.configuration, "The \(title) '\(file)' can't be read: \(error).")
    }
    var text = String(decoding: bytes, as: UTF8.self)
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }
}

extension ServerAccess {
  /// The password, from the setting or its file; nil when there is none.
  func readPassword() throws -> String? {
    try password?.revealed ?? passwordFile.map { try HTTPAccess.read($0, "password file") }
  }
}
