@testable import Settings

/// Values that options of a kind take, all different.
func samples(of kind: ValueKind) -> [String] {
  switch kind {
  case .text: ["one", "two", "three", "four"]
  case .metricsFile: ["a.prom", "b.prom", "/c/d.prom", "e f.prom"]
  case .workload: ["deployment/a", "lws/b", "statefulset.apps/c", "x/d"]
  case .kubernetesName: ["a", "b-1", "c.d", "4"]
  case .share: ["0.5", "0.9", "0.95", "0.25"]
  case .boolean: ["true", "no"]
  case .choice(let words, _): words
  case .integer(let range): (1...4).map { String(min(range.upperBound, $0 + 1)) }
  case .number(let range) where range.upperBound <= 1: ["0.5", "0.75", "9e-1", "0.99"]
  case .number, .positive: ["1.5", "2", "3e0", "0.25"]
  case .repetition: ["1.5", "2s", "forever", "0.25"]
  case .duration: ["1.5", "2s", "3e0s", "0.25"]
  case .address: ["http://a", "https://b:1", "http://[::1]:9090/x", "http://d.e/f"]
  case .addressList: ["http://a", "b:2379", "https://c:1,https://d:1", "http://d/"]
  case .addresses: ["http://a", "https://b:1", "http://a/m,http://b/m", "http://d.e/f"]
  case .instant: ["0", "1.5", "2026-11-23T20:30:00Z", "4"]
  case .windows:
    [
      "name=a;cron=0 8 * * 1-5;for=10h;decode=4..",
      "name=b;cron=*/5 0 1 jan *;for=1d;max-gpu-budget=4",
    ]
  case .pairs: ["a=1", "b=2\nc=3", "d=", "e=f=g"]
  case .replicaCounts: ["current", "1,2", "3,4", "5,6"]
  }
}

/// The least that makes `run` valid, so that a test can add what it is about.
let minimalFlags = ["environment": "virtual"]

/// Settings from flags alone.
func resolve(
  _ flags: [String: String], environment: [String: String] = [:], file: String? = nil
) throws -> (settings: RunSettings, warnings: [String]) {
  try RunSettings.resolve(
    flags: flags, environment: environment,
    file: file.map { try ConfigurationFile.parse($0, name: "planner.yaml") })
}

/// The error that `body` ends in; nil when it doesn't.
func settingsError(_ body: () throws -> Void) -> SettingsError? {
  do {
    try body()
    return nil
  } catch {
    return error as? SettingsError
  }
}

/// Reads every option from `layers`.
func readAll(_ layers: [SettingsLayer]) throws -> RunSettings {
  var reader = OptionReader(layers)
  return try RunSettings(&reader)
}
