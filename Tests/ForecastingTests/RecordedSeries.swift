import TestSupport

/// The recorded traffic series of `Tests/Fixtures/golden/series`, as a planner sees them: every
/// interval's request count, and the lengths of the intervals that had requests.
struct RecordedSeries {
  var name: String
  var intervalSeconds: Int
  var values: [Double]

  private struct File: Decodable {
    struct Columns: Decodable {
      var request_count: [Double]
      var avg_isl: [Double]
      var avg_osl: [Double]
    }
    var trace: String
    var interval_s: Int
    var dense: Columns
    var peer: Columns
  }

  static func load() throws -> [RecordedSeries] {
    var all: [RecordedSeries] = []
    for trace in ["azure_code", "mooncake_conversation"] {
      for seconds in [10, 30, 60, 180] {
        let file = try Fixture.json(File.self, "golden/series/\(trace)_\(seconds)s.json")
        for (column, values) in [
          ("requests", file.dense.request_count), ("isl", file.peer.avg_isl),
          ("osl", file.peer.avg_osl),
        ] {
          all.append(
            RecordedSeries(
              name: "\(trace) \(seconds)s \(column)", intervalSeconds: seconds, values: values))
        }
      }
    }
    return all
  }
}
