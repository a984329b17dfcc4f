/// A model that learns a series value by value and forecasts the values to come.
///
/// A model is a value: copying it copies what it learned, and encoding and decoding it changes
/// no forecast by a single bit. It sees only finite values and works on the scale it is fed;
/// ``SeriesPredictor`` wraps it for counts and lengths (idle skip, log scale, bounds).
///
/// A new model is one new file and one line in ``PredictorKind/makeModel(_:)``.
public protocol LoadPredictor: Codable, Sendable, Equatable {
  /// Learns the next value.
  ///
  /// - Parameters:
  ///   - value: a finite number.
  ///   - intervalEnd: end of the interval that the value belongs to, Unix seconds, later than that
  ///     of the value before.
  mutating func observe(_ value: Double, intervalEnd: Int)

  /// Forecasts the next intervals.
  ///
  /// - Parameter steps: intervals ahead, at least 1.
  /// - Returns: `steps` values, the next interval's first; empty before the first value. A value
  ///   may be negative.
  func forecast(steps: Int) -> [Double]

  /// What the model is made of at the moment.
  var summary: ModelSummary { get }
}

extension LoadPredictor {
  /// A summary without any parameter.
  public var summary: ModelSummary { ModelSummary() }
}

/// What a model is made of, for people and for the JSON output of `forecast`.
public struct ModelSummary: Codable, Sendable, Equatable {
  /// A named number.
  public struct Parameter: Codable, Sendable, Equatable {
    /// Name of the parameter, as its literature spells it.
    public var name: String
    /// Its value, finite.
    public var value: Double

    /// Creates a parameter.
    public init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// Order (p, d, q) of an ARIMA model.
  public var order: [Int]?
  /// The parameters, in the model's own order.
  public var parameters: [Parameter]
  /// Akaike's information criterion of the last fit.
  public var aic: Double?
  /// Scale that the model works on: `linear` or `log1p`; nil where it is the series' own.
  public var scale: String?
  /// What else a person should know (why a fallback was taken).
  public var note: String?

  /// Creates a summary.
  public init(
    order: [Int]? = nil, parameters: [Parameter] = [], aic: Double? = nil, scale: String? = nil,
    note: String? = nil
  ) {
    self.order = order
    self.parameters = parameters
    self.aic = aic
    self.scale = scale
    self.note = note
  }
}
