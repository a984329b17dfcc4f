/// The raw samples that came back for a range selector.
struct SampleAnswer: Equatable {
  /// One sample; its value is NaN where Prometheus wrote something else than a number.
  struct Sample: Equatable {
    /// Unix seconds.
    var time: Double
    var value: Double
  }

  /// One series, oldest sample first.
  struct Series: Equatable {
    var labels: [String: String]
    var samples: [Sample]
  }

  var series: [Series] = []
  /// How far the server's clock is ahead of the own one, in seconds, by the answer's `Date`; nil
  /// when they agree within what the header can tell, or when there is no telling.
  var clockSkewSeconds: Double?
}
