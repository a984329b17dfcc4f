/// What is planned for where that is more than the forecast of the next interval.
public struct ForecastPlan: Codable, Sendable, Equatable {
  /// Forecast of the next interval's requests.
  public var nextRequestCount: Double
  /// Intervals whose largest forecast counts, from the next one on; 1 without a start-up delay.
  public var intervals: Int
  /// Share of the coming values that the plan is to cover; nil without one.
  public var quantile: Double?
  /// Share of the past values that were covered; nil without a quantile and before there is any.
  public var coverage: Double?

  /// Creates a plan.
  public init(
    nextRequestCount: Double, intervals: Int, quantile: Double? = nil, coverage: Double? = nil
  ) {
    self.nextRequestCount = nextRequestCount
    self.intervals = intervals
    self.quantile = quantile
    self.coverage = coverage
  }

  private enum CodingKeys: String, CodingKey {
    case nextRequestCount = "next_num_req"
    case intervals, quantile, coverage
  }
}

/// What the models of the three series were made of.
public struct ForecastModels: Codable, Sendable, Equatable {
  /// That of the request count.
  public var requestCount: ModelSummary
  /// That of the input sequence length.
  public var isl: ModelSummary
  /// That of the output sequence length.
  public var osl: ModelSummary

  /// Names the models.
  public init(requestCount: ModelSummary, isl: ModelSummary, osl: ModelSummary) {
    self.requestCount = requestCount
    self.isl = isl
    self.osl = osl
  }

  private enum CodingKeys: String, CodingKey {
    case requestCount = "num_req"
    case isl, osl
  }
}
