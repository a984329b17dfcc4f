/// The JSON of Prometheus's HTTP API.
///
/// Source: https://prometheus.io/docs/prometheus/latest/querying/api/
struct PrometheusAnswer: Decodable {
  struct Payload: Decodable {
    let resultType: String
    /// Nil for scalars and strings, which have another shape.
    let result: [Series]?

    private enum CodingKeys: CodingKey { case resultType, result }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      resultType = try container.decode(String.self, forKey: .resultType)
      // Some servers write an empty result as null (Mimir before May 2024).
      result =
        ["matrix", "vector"].contains(resultType)
        ? try container.decodeIfPresent([Series].self, forKey: .result) ?? [] : nil
    }
  }

  struct Series: Decodable {
    let metric: [String: String]
    /// A range query's points.
    let values: [Point]?
    /// An instant query's point.
    let value: Point?
  }

  /// `[time, "value"]`.
  struct Point: Decodable {
    let time: Double
    let text: String

    init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      time = try container.decode(Double.self)
      // Values are text, so that NaN and Inf can be written; a proxy may still send numbers.
      if let text = try? container.decode(String.self) {
        self.text = text
      } else {
        text = String(try container.decode(Double.self))
      }
    }
  }

  let status: String
  let data: Payload?
  let errorType: String?
  let error: String?
  let warnings: [String]?
  /// VictoriaMetrics: whether a part of its storage did not answer.
  let isPartial: Bool?

  /// What says that series may be missing from the result; nil for a whole one.
  ///
  /// Prometheus reports remote storage that failed, Thanos and Mimir their stores and ingesters, as
  /// warnings beside a result without their series. What it says of the query itself is no such
  /// thing.
  var reasonOfPartiality: String? {
    if isPartial == true { return "it is marked as partial" }
    return warnings?.first { warning in
      let warning = warning.lowercased()
      return !warning.hasPrefix("promql ")
        && Self.signsOfPartiality.contains { warning.contains($0) }
    }.map { "it warns \(Excerpt.of($0.utf8, limit: 300))" }
  }

  private static let signsOfPartiality = [
    "partial", "incomplete", "truncated", "storeapi", "rpc error", "unavailable", "remote read",
    "remote_read", "receive series", "fetch series", "connection refused", "deadline exceeded",
    "timed out", "timeout", "not all", "some of", "failed to", "missing", "unhealthy",
  ]
}
