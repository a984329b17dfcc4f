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
      result =
        ["matrix", "vector"].contains(resultType)
        ? try container.decode([Series].self, forKey: .result) : nil
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
}
