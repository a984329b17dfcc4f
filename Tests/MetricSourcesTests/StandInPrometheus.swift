import HTTPTransport

@testable import MetricSources

/// Answers each traffic query with values that a test lays down, as a Prometheus would.
struct StandInPrometheus: Sendable {
  /// One series of an answer: its labels as JSON and its value at each time, nil for none.
  typealias Series = (labels: String, values: [String?])

  /// Answers by measure; a measure that is missing is answered with an empty matrix.
  var results: [TrafficMeasure: [Series]]
  /// Measures answered with something else.
  var other: [TrafficMeasure: Result<HTTPResponse, HTTPError>] = [:]
  /// The `warnings` of every answer, as JSON.
  var warnings = "[]"
  /// The answer to the question which labels there are: metrics as JSON.
  var listing: [String] = []
  /// The answer to the question for the raw samples: series as JSON.
  var samples: Result<[String], HTTPError> = .success([])

  /// Everything a single interval of healthy traffic has.
  static let healthy = StandInPrometheus(results: [
    .requests: [("{}", ["900"])], .timeToFirstToken: [("{}", ["0.21"])],
    .interTokenLatency: [("{}", ["0.018"])], .requestDuration: [("{}", ["3.2"])],
    .inputLength: [("{}", ["3000"])], .outputLength: [("{}", ["150"])],
    .presence: [("{}", ["4", "4"])],
  ])

  /// A client that answers so.
  func client() -> StandInHTTPClient {
    StandInHTTPClient { request, _ in
      let query = Self.parameter("query", of: request.url)
      guard let start = Double(Self.parameter("start", of: request.url)) else {
        if query.hasSuffix("s]") { return samples.map { Self.answer("matrix", $0) } }
        return .success(
          Self.answer("vector", listing.map { #"{"metric":\#($0),"value":[1,"1"]}"# }))
      }
      let measure = Self.measure(of: query)
      if let other = other[measure] { return other }
      let step = Double(Self.parameter("step", of: request.url)) ?? 0
      let series = (results[measure] ?? []).map { labels, values in
        let points = values.enumerated().compactMap { index, value in
          value.map { "[\(start + Double(index) * step),\"\($0)\"]" }
        }
        return #"{"metric":\#(labels),"values":[\#(points.joined(separator: ","))]}"#
      }
      return .success(Self.answer("matrix", series, warnings: warnings))
    }
  }

  /// Which measure a query asks for.
  static func measure(of query: String) -> TrafficMeasure {
    if query.contains("count_over_time") { return .presence }
    return TrafficMeasure.allCases.first { measure in
      measure.histogram.map { query.contains("\($0)_sum") } ?? false
    } ?? .requests
  }

  private static func answer(
    _ type: String, _ series: [String], warnings: String = "[]"
  ) -> HTTPResponse {
    let text =
      #"{"status":"success","warnings":\#(warnings),"data":{"resultType":"\#(type)","result":["#
      + series.joined(separator: ",") + "]}}"
    return HTTPResponse(status: 200, body: Array(text.utf8))
  }

  private static func parameter(_ name: String, of url: String) -> String {
    let query = url.split(separator: "?", maxSplits: 1).last ?? ""
    let pair = query.split(separator: "&").first { $0.hasPrefix("\(name)=") } ?? ""
    return PercentEncoding.decode(pair.dropFirst(name.count + 1))
  }
}
