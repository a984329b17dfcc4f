import ArgumentParser
import Simulation

/// Where the requests come from.
struct SimulateTraceOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "File with the requests, also compressed with gzip; - is standard input.",
      valueName: "trace"))
  var trace: String?

  @Option(help: "Format: auto, mooncake, azure or csv.")
  var format = "auto"

  @Option(help: "CSV: column of the arrival time.")
  var timeColumn = "timestamp"

  @Option(help: "CSV: column of the input sequence length.")
  var islColumn = "isl"

  @Option(help: "CSV: column of the output sequence length.")
  var oslColumn = "osl"

  @Option(
    help: "Unit of a number that is a time: s, ms, us or ns (default: s; ms for Mooncake's).")
  var timeUnit: String?

  @Flag(help: "Leave lines out that can't be used, and count them.")
  var skipBadLines = false

  @Flag(help: "Sort requests that are not in order of arrival.")
  var sort = false

  @Option(help: "Take requests from here on, in seconds from the first one.")
  var from = 0.0

  @Option(help: "Take requests before this time, in seconds from the first one.")
  var until: Double?

  @Option(name: .customLong("repeat"), help: "Play the requests this many times in a row.")
  var repetitions = 1

  @Option(help: "Requests that each one becomes on average.")
  var scale = 1.0

  @Option(
    help: ArgumentHelp(
      "Move each request by a random time of at most this, earlier or later (default: 15 with --scale above 1, else 0).",
      valueName: "seconds"))
  var jitter: Double?

  @Option(
    name: .customLong("scenario"),
    help: ArgumentHelp(
      "Make the traffic of a scenario up instead, or of several, separated by commas: \(Scenario.all.map(\.name).joined(separator: ", ")), or all. --scale multiplies its rates.",
      valueName: "name"))
  var scenarios: [String] = []

  @Option(
    help: ArgumentHelp("Scenario: length in hours (default: its own).", valueName: "hours"))
  var scenarioHours: Double?

  @Flag(help: "Make traffic up instead: a daily swing, drift, bursts (docs/guide/simulation.md).")
  var synthetic = false

  @Option(help: "Synthetic: length in hours.")
  var syntheticHours = 24.0

  @Option(help: "Synthetic: requests a second at the top of the day.")
  var syntheticRate = 20.0

  @Option(help: "Synthetic: share of that at the bottom.")
  var syntheticTrough = 0.2

  @Option(help: "Synthetic: bursts an hour.")
  var syntheticBursts = 2.0

  @Option(help: "Synthetic: mean input sequence length.")
  var syntheticIsl = 2000.0

  @Option(help: "Synthetic: mean output sequence length.")
  var syntheticOsl = 250.0

  /// What the traffic is called, unless it is a scenario.
  var name: String {
    switch trace {
    case nil: "synthetic traffic"
    case "-": "standard input"
    case let path?: path.split(separator: "/").last.map(String.init) ?? path
    }
  }
}

/// What the traffic runs on.
struct SimulateClusterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Seconds from the order of a worker until it takes requests: a number, lognormal:MEDIAN,SIGMA (SIGMA of the logarithm) or uniform:LOW,HIGH.",
      valueName: "time"))
  var workerStartup = "60"

  @Option(help: "Share of starts that fail at their end and begin again.")
  var startFailures = 0.0

  @Option(
    help: ArgumentHelp(
      "Share of starts that never end: the worker holds its GPUs until it is ordered away.",
      valueName: "share"))
  var neverStart = 0.0

  @Option(
    help: ArgumentHelp(
      "How many times as long as profiled the engines take: FACTOR, or prefill=FACTOR,decode=FACTOR.",
      valueName: "factors"))
  var engineSlowdown: String?

  @Option(
    help: ArgumentHelp(
      "The profile that the simulated engines follow, while the planner believes that of --profile-results-dir.",
      valueName: "folder"))
  var plantProfile: String?

  @Option(help: "How requests find workers: least-loaded, round-robin or random.")
  var router = "least-loaded"

  @Option(
    help: ArgumentHelp(
      "Workers at the beginning: PREFILL,DECODE, or a single number with --mode agg (default: 1.4 times what the first interval keeps busy).",
      valueName: "counts"))
  var initial: String?

  @Option(help: "Most sequences that an engine decodes at once (default: what its KV cache holds).")
  var maxNumSeqs: Int?

  @Option(
    help: ArgumentHelp(
      "Blocks of 512 prompt tokens that the cache of a worker which prefills holds, by the trace's hash_ids (Mooncake); the router knows the caches. 0 for none.",
      valueName: "blocks"))
  var prefixCache = 0

  @Option(
    help: ArgumentHelp(
      "Seconds between two scrapes of the metrics, whose increase is extrapolated as Prometheus does it; 0 for exact counts.",
      valueName: "seconds"))
  var scrapeInterval = 0.0

  @Option(
    help: ArgumentHelp(
      "Seconds after the end of an interval before its metrics are known.", valueName: "seconds"))
  var metricsLateness = 0.0

  @Option(help: "Tokens of a KV block, as the gauges count them.")
  var blockSize = 16

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Simulate once for each of these seeds (1..5 or 1,2,7) and print means and spreads.",
      valueName: "seeds"))
  var seeds: String?
}

/// Who decides, and what is printed.
struct SimulateOutputOptions: ParsableArguments {
  @Option(
    name: .customLong("policy"),
    help: ArgumentHelp(
      "Who decides, NAME or NAME:KEY=VALUE,… ; several make a comparison. planner (modes=throughput|load|both, every=SECONDS, any option of run), original (modes=…), hpa (target=, tolerance=, stabilization=), keda (llm-d's rule: growth=one|double, queue=SECONDS, kv=), reactive (no forecast: margin=, window=, hold=SECONDS), fixed (prefill=, decode= or peak=SHARE of what the oracle needs at most), oracle (goal=), oracle-past (goal=, margin=).",
      valueName: "policy"))
  var policies: [String] = []

  @Flag(help: "Compare the standard set of policies (and those of --policy).")
  var compare = false

  @Option(
    name: .customLong("sweep"),
    help: ArgumentHelp(
      "Values of an option of 'planner' to try out; several options make every combination. Implies --frontier.",
      valueName: "option=value,…"))
  var sweeps: [String] = []

  @Flag(
    help:
      "Hold every policy against the reactive frontier: 'reactive' with all margins from 0 to 1, its GPU-hours at the attainment that the policy reached. Adds the policy 'oracle'."
  )
  var frontier = false

  @Option(
    help: ArgumentHelp(
      "How often the planner is invoked (default: the adjustment interval, or 60 with load-based scaling).",
      valueName: "seconds"))
  var every: Double?

  @Option(
    help: ArgumentHelp(
      "Length of the reported intervals (default: the adjustment interval).", valueName: "seconds"))
  var reportInterval: Int?

  @Option(
    help: ArgumentHelp(
      "Leave the requests of this time at the beginning out of the totals.", valueName: "seconds"))
  var warmUp = 0.0

  @Option(help: "How results are printed: text or json.")
  var output = "text"

  @Option(help: ArgumentHelp("Write the Pareto plot, an SVG file.", valueName: "file"))
  var plot: String?

  @Option(
    help: ArgumentHelp(
      "Write everything as one HTML file with plots, for several policies compared.",
      valueName: "file"))
  var report: String?

  @Option(
    help: ArgumentHelp("Write every interval of every policy, a CSV file.", valueName: "file"))
  var timeline: String?

  @Option(help: "Policies that are simulated at the same time (default: the machine's cores).")
  var jobs: Int?

  @Option(help: ArgumentHelp("The planner's configuration file, as for run.", valueName: "file"))
  var config: String?

  /// Whether the policies are held against the reactive frontier.
  var drawsFrontier: Bool { frontier || !sweeps.isEmpty }
}
