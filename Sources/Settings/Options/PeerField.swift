/// A field of Dynamo's `PlannerConfig` that this planner has no option for.
///
/// Such fields are accepted, with a warning that says what takes their place, so that an existing
/// file works as it is. Those that would protect the deployment (a floor, a power limit) are
/// refused instead: ignoring them would do harm.
///
/// Source: `PlannerConfig` of Dynamo releases 1.0.0 to 1.6.1.
struct PeerField: Sendable {
  let key: String
  /// What takes its place, as the rest of a sentence.
  let instead: String
  /// Values that ask for nothing, accepted without a word.
  let harmless: [String]
  /// Whether any other value is an error.
  let isRefused: Bool
  /// The value that Dynamo 1.6.1 writes where nobody said anything; nil where that is null or a
  /// table. All fields that have it share one warning.
  let defaultValue: String?
  /// Whether Dynamo had it in 1.0.0 already, when replicas followed the targets without being asked.
  let isOld: Bool

  private static func ignored(
    _ key: String, _ instead: String, harmless: [String] = [], default defaultValue: String? = nil,
    isOld: Bool = false
  ) -> PeerField {
    PeerField(
      key: key, instead: instead, harmless: harmless, isRefused: false, defaultValue: defaultValue,
      isOld: isOld)
  }

  private static func refused(
    _ key: String, _ instead: String, harmless: [String] = []
  ) -> PeerField {
    PeerField(
      key: key, instead: instead, harmless: harmless, isRefused: true, defaultValue: nil,
      isOld: false)
  }

  /// Whether `text` is what Dynamo writes where nobody said anything, as YAML or JSON spell it.
  func isDefault(_ text: String) -> Bool {
    guard let defaultValue else { return false }
    if text.lowercased() == defaultValue { return true }
    return Double(text).flatMap { number in Double(defaultValue).map { $0 == number } } ?? false
  }

  /// Why a nested value can't be ignored, as the rest of a sentence; nil when it can: what is
  /// registered there may hold replicas within bounds that nobody here would know of.
  func danger(in value: DocumentTree) -> String? {
    let plugins =
      switch key {
      case "scheduling": ["external_plugins", "gateway/enabled"]
      case "plugin_registration": ["in_process_plugins"]
      default: [String]()
      }
    return plugins.first { value.asksForSomething(at: $0) }.map {
      "'\($0)' registers plugins, which may constrain replicas and don't exist here; put their bounds into min_endpoint and max_gpu_budget and leave them out"
    }
  }

  static let all: [PeerField] =
    process + models + [
      refused(
        "enable_power_awareness", "power limits aren't supported; use max_gpu_budget",
        harmless: ["false"]),
      refused("total_gpu_power_limit", "power limits aren't supported; use max_gpu_budget"),
    ]

  private static let process: [PeerField] = [
    ignored("log_dir", "logs go to stderr, and decisions into the state file", isOld: true),
    ignored(
      "global_planner_namespace", "each run scales one deployment by itself", isOld: true),
    ignored(
      "control_api_port", "change the options of the next run instead", harmless: ["0"],
      default: "9086"),
    ignored(
      "live_dashboard_port", "decisions are in the state file", harmless: ["0"], default: "8080"),
    ignored("report_interval_hours", "decisions are in the state file", default: "24.0"),
    ignored(
      "report_output_dir", "decisions are in the state file", default: "./planner_reports"),
    ignored("report_filename", "decisions are in the state file"),
    ignored(
      "report_write_gzip_log", "decisions are in the state file", harmless: ["false"],
      default: "true"),
    ignored("scheduling", "the job's schedule sets the pace"),
    ignored("plugin_registration", "there are no plugins"),
    ignored(
      "metric_pulling_prometheus_request_timeout_seconds",
      "the deadline option bounds the whole run"),
  ]

  private static let models: [PeerField] = [
    ignored(
      "pre_deployment_sweeping_mode",
      "profile beforehand and name the folder in profile_results_dir",
      isOld: true),
    ignored("aic_interpolation", "name profiling data in profile_results_dir"),
    ignored("aic_perf_model", "name profiling data in profile_results_dir"),
    ignored("ais_perf_model", "name profiling data in profile_results_dir"),
    ignored("max_num_fpm_samples", "use loadbased_learning_window", default: "64"),
    ignored(
      "fpm_sample_bucket_size", "the newest observations count, all alike", default: "16"),
    ignored("speculative_nextn", "the profile holds what speculation gains", harmless: ["0"]),
  ]
}

extension DocumentTree {
  /// Whether what stands at `path` (keys with slashes between them) is neither absent nor empty nor
  /// false.
  fileprivate func asksForSomething(at path: String) -> Bool {
    var place = self
    for key in path.split(separator: "/") {
      guard case .table(let members) = place, let member = members[String(key)] else {
        return false
      }
      place = member
    }
    switch place {
    case .nothing, .flag(false): return false
    case .list(let elements): return !elements.isEmpty
    case .table(let members): return !members.isEmpty
    case .flag(true), .text: return true
    }
  }
}
