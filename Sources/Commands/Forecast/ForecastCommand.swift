import Application
import ArgumentParser
import Forecasting
import Presentation
import Glibc
import Reporting
import Settings

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

  @Option(help: ArgumentHelp("File with the series; - is standard input.", valueName: "file"))
  var series = "-"

  @Option(help: "Name of the CSV column with the values.")
  var column: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Forecast every value from this index (counted from 0) on, each from the values before it.",
      valueName: "from"))
  var rolling: Int?

  @Flag(
    help: "Rank all predictors by the errors of their forecasts (from index 5 or --rolling on).")
  var compare = false

  @Flag(help: "Print the ranking as JSON.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Also draw the series, its one-step forecasts and their interval; with --compare those of all.",
      valueName: "file.svg"))
  var plot: String?

  @OptionGroup var options: SectionFlags<ForecastSettings>

  func validate() throws {
    _ = try settings(seriesInterval: nil)
    if let rolling, rolling < 0 {
      throw ValidationError("--rolling is an index of the series, at least 0, not \(rolling).")
    }
    if json, !compare {
      throw ValidationError("--json goes with --compare; a forecast is JSON anyway.")
    }
  }

  func run() throws {
    do {
      try forecast()
    } catch let error as UnreadableSeries {
      let message = Array("Error: \(error)\n".utf8)
      _ = write(STDERR_FILENO, message, message.count)
      throw ExitCode(65)
    }
  }

  private func forecast() throws {
    let input = try readSeries()
    let settings = try settings(seriesInterval: input.intervalSeconds)
    if let plot, !compare { try draw(input.values, settings, to: plot) }
    if compare {
      let comparison = ForecastComparison(
        of: input.values, from: try firstScored(input.values), settings: settings)
      if let plot {
        try draw(
          ForecastPlot(
            values: input.values, backtests: comparison.backtests,
            title: "One-step forecasts, the smallest error first"), to: plot)
      }
      if json { try printJSON(comparison) } else { printText(comparison.text) }
    } else if let rolling {
      guard rolling < input.values.count else {
        throw UnreadableSeries(
          "There is nothing to forecast from index \(rolling) on: the series has \(Numbers.count(input.values.count, "value")), the last of which has index \(input.values.count - 1)."
        )
      }
      try printJSON(RollingForecast(of: input.values, from: rolling, settings: settings))
    } else {
      try printJSON(SeriesForecast(of: input.values, settings: settings))
    }
  }

  /// The settings for a series whose own interval is `seriesInterval` seconds, if it says one.
  private func settings(seriesInterval: Int?) throws -> PredictorSettings {
    do {
      let given = try GivenSettings(flags: options.layer).read(ForecastSettings.self)
      var predictor = given.predictor
      predictor.intervalSeconds =
        given.intervalSeconds ?? seriesInterval ?? predictor.intervalSeconds
      return predictor
    } catch {
      throw ValidationError("\(error)")
    }
  }

  private func draw(_ values: [Double], _ settings: PredictorSettings, to path: String) throws {
    let backtest = ForecastBacktest(
      of: values, from: try firstScored(values), settings: settings)
    try draw(
      ForecastPlot(
        values: values, backtests: [(settings.kind.rawValue, backtest)],
        title: "One-step forecasts by \(settings.kind.rawValue)"), to: path)
  }

  private func draw(_ picture: ForecastPlot, to path: String) throws {
    do {
      try Data(picture.svg.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw ValidationError(
        "The picture can't be written to '\(path)'; check that its folder exists and is writable.")
    }
  }

  /// Index of the first value whose forecast counts: by then every model has something to go by.
  private func firstScored(_ values: [Double]) throws -> Int {
    let first = max(1, rolling ?? min(5, values.count - 1))
    guard first < values.count else {
      throw UnreadableSeries(
        "There is nothing to compare: the series has \(Numbers.count(values.count, "value")), and the first to forecast has index \(first)."
      )
    }
    return first
  }

  private func readSeries() throws -> SeriesInput {
    let text: String
    if series == "-" {
      var read = ""
      while let line = readLine(strippingNewline: false) { read += line }
      text = read
    } else if let data = try? Data(contentsOf: URL(fileURLWithPath: series)) {
      text = String(decoding: data, as: UTF8.self)
    } else {
      throw UnreadableSeries(
        "The series file '\(series)' can't be read; check that it exists and is readable.")
    }
    do {
      return try SeriesInput.parse(text, column: column)
    } catch {
      throw UnreadableSeries("\(error)")
    }
  }

  private func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    Application.printJSON(
      String(decoding: try encoder.encode(Versioned(value: value)), as: UTF8.self))
  }
}

/// A document with the version of its format beside its own keys.
private struct Versioned<Value: Encodable>: Encodable {
  private enum CodingKeys: String, CodingKey { case schema }

  var value: Value

  func encode(to encoder: any Encoder) throws {
    try value.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(1, forKey: .schema)
  }
}

/// The series can't be read or used (exit code 65).
private struct UnreadableSeries: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
