// swift-tools-version: 6.1
import PackageDescription

// Dependencies, and why each is here:
// - swift-argument-parser: flags, help and usage errors as Swift users expect them.
// - swift-log: structured logging that a host can redirect.
// - GRDB.swift: SQLite access with migrations and transactions (only StateStore imports it).
// - Yams: YAML configuration files (only Settings imports it).
// System libraries: libcurl (CCurl), zlib (CZlib, deflated NPZ members), SQLite (through GRDB).

/// Cross-module optimisation keeps the numeric kernels as fast as if they stood in one module. Direct
/// calls for generic types' metadata save the runtime a search through all conformances for each
/// (4 ms of an invocation, docs/evidence/performance.md).
let optimised: [SwiftSetting] = [
  .unsafeFlags(
    [
      "-cross-module-optimization", "-Xfrontend",
      "-disable-concrete-type-metadata-mangled-name-accessors",
    ], .when(configuration: .release))
]

/// The model fits are numeric kernels: unoptimised, their tests alone take minutes.
let alwaysOptimised: [SwiftSetting] =
  optimised + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// One module of the planner together with the tests that mirror it.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], tests: [Target.Dependency] = [],
  settings: [SwiftSetting] = optimised
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: settings),
    .testTarget(name: name + "Tests", dependencies: [.init(stringLiteral: name)] + tests),
  ]
}

let package = Package(
  name: "sla-planner",
  products: [.executable(name: "sla-planner", targets: ["sla-planner"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "TestSupport", dependencies: ["EngineProfiles"], path: "Tests/TestSupport"),
    // Symbols that nobody links against cost 3 MB of an invocation's memory.
    .executableTarget(
      name: "sla-planner", dependencies: ["Application", "Commands"], swiftSettings: optimised,
      linkerSettings: [
        .unsafeFlags(
          ["-Xlinker", "--no-export-dynamic"], .when(platforms: [.linux], configuration: .release))
      ]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Presentation", "Planning", "Invocation", "StateStore", "TestSupport", "sla-planner",
      ]),
    .testTarget(
      name: "ManifestTests",
      dependencies: [
        "Planning", "HTTPTransport", "Settings", "Connectors", "OwnMetrics", "TestSupport", yams,
      ]),
  ]
    + module("Presentation")
    + module("NumericalMethods", tests: ["TestSupport"])
    + module("Forecasting", ["NumericalMethods"], tests: ["TestSupport"], settings: alwaysOptimised)
    + module(
      "EngineProfiles", ["NumericalMethods", "Presentation", "CZlib"], tests: ["TestSupport"])
    + module(
      "Planning", ["NumericalMethods", "Presentation", "Forecasting", "EngineProfiles"],
      tests: ["Presentation", "Forecasting", "EngineProfiles", "TestSupport"])
    + module("HTTPTransport", ["CCurl"], tests: ["TestSupport"])
    + module(
      "Invocation", ["Presentation", "Forecasting", "EngineProfiles", "Planning", logging],
      tests: ["Forecasting", "EngineProfiles", "Planning", "TestSupport", logging])
    + module(
      "Settings", ["Presentation", "Forecasting", "Planning", yams],
      tests: ["Forecasting", "Planning", "TestSupport"])
    + module(
      "MetricSources", ["Planning", "HTTPTransport", "Invocation"],
      tests: ["Planning", "HTTPTransport", "Invocation", "TestSupport"])
    + module(
      "Connectors", ["Presentation", "Planning", "HTTPTransport", "Invocation"],
      tests: ["Planning", "HTTPTransport", "Invocation", "TestSupport"])
    + module(
      "StateStore", ["Presentation", "Planning", "Invocation", grdb],
      tests: ["Forecasting", "Planning", "Invocation", "TestSupport", grdb])
    + module(
      "OwnMetrics", ["Presentation", "Planning", "HTTPTransport", "Invocation"],
      tests: ["Forecasting", "Planning", "HTTPTransport", "Invocation", "TestSupport"])
    + module(
      "Simulation",
      [
        "NumericalMethods", "Presentation", "Forecasting", "EngineProfiles", "Planning",
        "Invocation", "CZlib",
      ], tests: ["Forecasting", "EngineProfiles", "Planning", "Invocation", "TestSupport", logging])
    + module(
      "Reporting",
      [
        "NumericalMethods", "Presentation", "Forecasting", "EngineProfiles", "Planning",
        "Invocation", "Simulation",
      ],
      tests: [
        "Presentation", "Forecasting", "EngineProfiles", "Planning", "Invocation", "Simulation",
        "TestSupport",
      ])
    + module(
      "Application",
      [
        "Presentation", "Forecasting", "EngineProfiles", "Planning", "HTTPTransport", "Invocation",
        "Settings", "MetricSources", "Connectors", "StateStore", "OwnMetrics", "Simulation",
        logging,
      ], tests: ["Invocation", "Settings"])
    + module(
      "Commands",
      [
        "Presentation", "Forecasting", "EngineProfiles", "Planning", "HTTPTransport", "Invocation",
        "Settings", "Connectors", "StateStore", "Simulation", "Reporting", "Application",
        argumentParser, logging,
      ],
      tests: [
        "Forecasting", "EngineProfiles", "Planning", "Invocation", "Settings", "StateStore",
        "Simulation", "Reporting", "Application", "TestSupport", argumentParser,
      ]),
  swiftLanguageModes: [.v6]
)

// Only for scripts/bench: times the parser, the state store and the sizing inside one process.
if Context.environment["SLA_PLANNER_BENCH"] != nil {
  package.targets.append(
    .executableTarget(
      name: "sla-planner-probe",
      dependencies: [
        "EngineProfiles", "Forecasting", "Invocation", "MetricSources", "Planning", "StateStore",
      ],
      path: "scripts/bench.d/probe", swiftSettings: optimised))
}
