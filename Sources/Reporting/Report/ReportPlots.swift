import Planning
import Presentation

/// The plots over time of a report.
struct ReportPlots {
  private let data: ReportData

  init(_ data: ReportData) { self.data = data }

  private func plot(
    _ id: String, _ title: String, _ unit: String, _ lines: [TimePlot.Line]
  ) -> TimePlot {
    TimePlot(
      id: id, title: title, unit: unit, clock: data.heading.clock, grid: data.grid, lines: lines)
  }

  /// One plot a component.
  var replicas: [String] {
    data.heading.mode.components.compactMap { component in
      guard let series = data.replicas[component] else { return nil }
      let name = component == .prefill ? "Prefill replicas" : "Decode replicas"
      var plot = plot(
        component.rawValue, name, "",
        [
          .init(
            name: "needed (throughput)", style: .area, samples: series.throughput, isStep: true),
          .init(name: "floor", style: .third, samples: series.floor, isStep: true),
          .init(name: "current", style: .under, samples: series.current, isStep: true),
          .init(name: "final", style: .first, samples: series.final, isStep: true),
        ])
      plot.isCount = true
      if data.heldParts.contains(true) {
        plot.shade = .init(
          name: "decisions held", value: Durations.short(seconds: data.heldSeconds),
          parts: data.heldParts)
      }
      return plot.html
    }
  }

  /// GPUs, and what they add up to.
  var gpus: [String] {
    var held = plot(
      "gpus", "GPUs held", "",
      [.init(name: "GPUs", style: .first, samples: data.gpus, isStep: true)])
    held.isCount = true
    held.rules = data.heading.gpuBudget.map { [.init(name: "budget", value: Double($0))] } ?? []
    let hours = plot(
      "gpu-hours", "GPU-hours since the beginning", "",
      [.init(name: "GPU-hours", style: .first, samples: data.gpuHours)])
    return [held.html, hours.html]
  }

  /// Request rate, lengths, and the errors of the forecast.
  var traffic: [String] {
    let traffic = data.traffic
    var rate = plot(
      "rate", "Request rate", "requests/s",
      [
        .init(name: "observed", style: .first, samples: traffic.rate),
        .init(name: "forecast", style: .second, samples: traffic.expectedRate, isMiddle: true),
      ])
    rate.band = .init(name: "9 in 10 past errors", low: traffic.low, high: traffic.high)
    let error = plot(
      "forecast-error", "Forecast error",
      "requests/s, mean of \(TrafficSeries.errorWindow) intervals",
      [
        .init(name: "predictor", style: .second, samples: traffic.predictorError),
        .init(name: "last value", style: .third, samples: traffic.lastValueError),
      ])
    return [
      rate.html,
      lengths("isl", "Input length (ISL)", traffic.isl, traffic.expectedISL),
      lengths("osl", "Output length (OSL)", traffic.osl, traffic.expectedOSL),
      error.html,
    ]
  }

  private func lengths(
    _ id: String, _ title: String, _ seen: SeriesSampler, _ expected: SeriesSampler
  ) -> String {
    var plot = plot(
      id, title, "tokens",
      [
        .init(name: "observed", style: .first, samples: seen),
        .init(name: "forecast", style: .second, samples: expected, isMiddle: true),
      ])
    plot.beginsAtZero = false
    return plot.html
  }

  /// TTFT and ITL with their targets.
  var latency: [String] {
    let targets = data.heading.targets
    return [
      latency("ttft", "TTFT", data.traffic.ttft, targets?.ttftMilliseconds),
      latency("itl", "ITL", data.traffic.itl, targets?.itlMilliseconds),
    ]
  }

  private func latency(
    _ id: String, _ title: String, _ seen: SeriesSampler, _ target: Double?
  ) -> String {
    var plot = plot(
      id, title, "ms, mean of an interval",
      [.init(name: "observed", style: .first, samples: seen)])
    plot.rules = target.map { [.init(name: "target", value: $0)] } ?? []
    return plot.html
  }

  /// Observed over profiled latency.
  var correction: [String] {
    let styles: [(Component, PlotStyle)] = [(.prefill, .first), (.decode, .second)]
    var plot = plot(
      "correction", "Correction factors", "observed / profiled",
      styles.compactMap { component, style in
        data.slowdown[component].map {
          .init(name: component.rawValue, style: style, samples: $0, isStep: true)
        }
      })
    plot.rules = [.init(name: "as profiled", value: 1)]
    return [plot.html]
  }
}
