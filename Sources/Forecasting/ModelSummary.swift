/// What a model is made of, for people and for the JSON output of `forecast` and `run`.
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

  /// One of the models that `auto` or `arima` listens to.
  public struct Member: Codable, Sendable, Equatable {
    /// Which model.
    public var name: String
    /// Its share in the forecast, 0…1.
    public var weight: Double
    /// Its recent mean absolute error; nil before it was ever wrong or right, and for `arima`.
    public var mae: Double?

    /// Creates a member.
    public init(name: String, weight: Double, mae: Double? = nil) {
      self.name = name
      self.weight = weight
      self.mae = mae
    }
  }

  /// Order (p, d, q) of an ARIMA model, of the best one where there are several.
  public var order: [Int]?
  /// The models that a forecast is the weighted mean of.
  public var members: [Member]?
  /// The parameters, in the model's own order; nil where they were left out.
  public var parameters: [Parameter]?
  /// Akaike's information criterion of the last fit.
  public var aic: Double?
  /// Scale that the model works on: `linear` or `log1p`; nil where it is the series' own.
  public var scale: String?
  /// What else a person should know (why a fallback was taken).
  public var note: String?

  /// Creates a summary.
  public init(
    order: [Int]? = nil, members: [Member]? = nil, parameters: [Parameter] = [],
    aic: Double? = nil, scale: String? = nil, note: String? = nil
  ) {
    self.order = order
    self.members = members
    self.parameters = parameters
    self.aic = aic
    self.scale = scale
    self.note = note
  }

  /// The summary without the parameters, which nobody reads in every decision.
  public var brief: ModelSummary {
    var summary = self
    summary.parameters = nil
    return summary
  }

  /// What the model chose, in a few words: `(2,1,1)`, or the three heaviest members; nil where it
  /// has no choice or made none.
  public var choice: String? {
    if let order {
      let numbers = order.map { "\($0)" }.joined(separator: ",")
      return "(\(numbers))\(scale == "log1p" ? " on log(1 + y)" : "")"
    }
    guard let members else { return nil }
    let heaviest = members.enumerated().sorted {
      ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset)
    }
    let shares = heaviest.prefix(3).compactMap { _, member in
      let percent = Int((100 * member.weight).rounded())
      return percent > 0 ? "\(member.name) \(percent) %" : nil
    }
    return shares.isEmpty ? nil : shares.joined(separator: ", ")
  }
}
