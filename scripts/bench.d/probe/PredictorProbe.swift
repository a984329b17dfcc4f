import Forecasting
import Glibc

/// Times one of the predictors on a series, a number a line.
struct PredictorProbe {
  private let what: String
  private let values: [Double]
  private let numbers: [Int]
  private let clock = ContinuousClock()

  /// Nil when the file holds no series.
  init?(_ arguments: [String]) {
    what = arguments[1]
    var values: [Double] = []
    guard let file = fopen(arguments[2], "r") else { return nil }
    defer { fclose(file) }
    var value = 0.0
    while withUnsafeMutablePointer(to: &value, { withVaList([$0]) { vfscanf(file, "%lf", $0) } })
      == 1
    {
      values.append(value)
    }
    guard !values.isEmpty else { return nil }
    self.values = values
    numbers = arguments.dropFirst(3).compactMap { Int($0) }
  }

  /// Prints the seconds of each run, one a line.
  func run() throws {
    switch what {
    case "arima": fit(runs: numbers[0])
    case "update": update(from: numbers[0])
    default: prophet(intervalSeconds: numbers[0], runs: numbers[1])
    }
  }

  /// One fit with its whole search, from nothing.
  private func fit(runs: Int) {
    for _ in 0..<runs {
      report { ARIMAPredictor(settings: PredictorSettings(), fittedTo: values).forecast(steps: 1) }
    }
  }

  /// Each value after the first `start`, and the forecast after it; those with a fit are few.
  private func update(from start: Int) {
    var predictor = ARIMAPredictor(
      settings: PredictorSettings(), fittedTo: Array(values[..<start]))
    for index in start..<values.count {
      report {
        predictor.observe(values[index], intervalEnd: index)
        return predictor.forecast(steps: 1)
      }
    }
  }

  private func prophet(intervalSeconds: Int, runs: Int) {
    var predictor = ProphetPredictor(
      settings: PredictorSettings(
        kind: .prophet, prophetWindow: values.count, intervalSeconds: intervalSeconds))
    for (index, value) in values.enumerated() {
      predictor.observe(value, intervalEnd: (index + 1) * intervalSeconds)
    }
    for _ in 0..<runs { report { predictor.forecast(steps: 1) } }
  }

  private func report(_ body: () -> [Double]) {
    var forecast: [Double] = []
    let elapsed = clock.measure { forecast = body() }
    // The forecast is used, so that it can't be optimised away.
    precondition(!forecast.isEmpty)
    print(elapsed / .seconds(1))
  }
}
