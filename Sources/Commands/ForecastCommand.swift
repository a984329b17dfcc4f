import ArgumentParser
import Forecasting
import Glibc

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `sla-planner forecast`: runs a predictor on a series and prints what it expects, as JSON.
struct ForecastCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast",
    abstract: "Run a load predictor on a series and print its forecast as JSON.",
    discussion: """
      The series is read from --series or from standard input: numbers, one a line; CSV with a \
      header (--column names the column); or JSON {"values": […], "interval_seconds": 180}.
      """)

  @Option(
    name: [.customLong("load-predictor"), .customLong("predictor")],
    help: "The predictor: \(PredictorKind.available.map(\.rawValue).joined(separator: ", ")).")
  var predictor = PredictorSettings().kind.rawValue

  @Option(help: ArgumentHelp("File with the series; - is standard input.", valueName: "file"))
  var series = "-"

  @Option(help: "Name of the CSV column with the values.")
  var column: String?

  @Option(
    help: ArgumentHelp(
      "Forecast every value from this index (counted from 0) on, each from the values before it.",
      valueName: "from"))
  var rolling: Int?

  @Option(help: "Length of an interval in seconds; wins over the series' own.")
  var adjustmentInterval: Int?

  @Flag(help: "Model log(1 + y) instead of y.")
  var loadPredictorLog1p = false

  @Option(help: "Points that Prophet is fitted to.")
  var prophetWindowSize = PredictorSettings().prophetWindow

  @Option(help: "Process noise of the Kalman filter's level.")
  var kalmanQLevel = PredictorSettings().kalmanLevelNoise

  @Option(help: "Process noise of the Kalman filter's trend.")
  var kalmanQTrend = PredictorSettings().kalmanTrendNoise

  @Option(help: "Measurement noise of the Kalman filter.")
  var kalmanR = PredictorSettings().kalmanMeasurementNoise

  @Option(help: "Points the Kalman filter takes before it forecasts with its own level.")
  var kalmanMinPoints = PredictorSettings().kalmanMinimumPoints

  func validate() throws {
    _ = try kind()
    if let rolling, rolling < 0 {
      throw ValidationError("--rolling is an index of the series, at least 0, not \(rolling).")
    }
    if let adjustmentInterval, adjustmentInterval < 1 {
      throw ValidationError(
        "--adjustment-interval is at least 1 second, not \(adjustmentInterval).")
    }
    if prophetWindowSize < 1 {
      throw ValidationError("--prophet-window-size is at least 1, not \(prophetWindowSize).")
    }
    if kalmanMinPoints < 1 {
      throw ValidationError("--kalman-min-points is at least 1, not \(kalmanMinPoints).")
    }
    for (flag, noise) in [("--kalman-q-level", kalmanQLevel), ("--kalman-q-trend", kalmanQTrend)]
    where !(noise.isFinite && noise >= 0) {
      throw ValidationError("\(flag) is a variance, a finite number of at least 0, not \(noise).")
    }
    if !(kalmanR.isFinite && kalmanR > 0) {
      throw ValidationError("--kalman-r is a variance, a finite number above 0, not \(kalmanR).")
    }
  }

  func run() throws {
    let input: SeriesInput
    do {
      input = try SeriesInput.parse(try readText(), column: column)
    } catch {
      let message = Array("Error: \(error)\n".utf8)
      _ = write(STDERR_FILENO, message, message.count)
      throw ExitCode(65)
    }
    let settings = PredictorSettings(
      kind: try kind(), usesLog1p: loadPredictorLog1p, kalmanLevelNoise: kalmanQLevel,
      kalmanTrendNoise: kalmanQTrend, kalmanMeasurementNoise: kalmanR,
      kalmanMinimumPoints: kalmanMinPoints, prophetWindow: prophetWindowSize,
      intervalSeconds: adjustmentInterval ?? input.intervalSeconds
        ?? PredictorSettings().intervalSeconds)
    if let rolling {
      try printJSON(RollingForecast(of: input.values, from: rolling, settings: settings))
    } else {
      try printJSON(SeriesForecast(of: input.values, settings: settings))
    }
  }

  private func kind() throws -> PredictorKind {
    if let kind = PredictorKind(rawValue: predictor), PredictorKind.available.contains(kind) {
      return kind
    }
    let names = PredictorKind.available.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("There is no predictor '\(predictor)'; choose one of: \(names).")
  }

  private func readText() throws -> String {
    guard series != "-" else {
      var text = ""
      while let line = readLine(strippingNewline: false) { text += line }
      return text
    }
    do {
      return String(decoding: try Data(contentsOf: URL(fileURLWithPath: series)), as: UTF8.self)
    } catch {
      throw SeriesFileError(path: series)
    }
  }

  private func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// The series' file can't be read.
private struct SeriesFileError: Error, CustomStringConvertible {
  var path: String

  var description: String {
    "The series file '\(path)' can't be read; check that it exists and is readable."
  }
}
