/// Chooses the order of an ARIMA model by a stepwise search for the smallest AIC.
///
/// The number of differences comes from repeated KPSS tests. Then five models are fitted, (2, d, 2)
/// the largest, and the search goes from the best one to its neighbours (p and q changed by one,
/// the mean added or left out) for as long as one of them is better.
///
/// Source: R. J. Hyndman, Y. Khandakar, "Automatic time series forecasting: the forecast package
/// for R", Journal of Statistical Software 27 (2008); order of the steps, limits for short series
/// and the bound of the roots as pmdarima's `auto_arima`.
struct StepwiseSearch {
  /// Largest autoregressive and moving-average order.
  static let maximumOrder = 5
  /// Most differences.
  static let maximumDifferences = 2
  /// A model with an inverse root beyond this is not chosen: it is next to not being stationary
  /// or invertible. A model that leaves next to nothing unexplained is exempt.
  static let largestInverseRoot = 0.99

  private let differences: DifferencedSeries
  private let warmStart: ARIMAFit?
  private let maximum: Int
  private var tried: Set<ARIMAOrder> = []
  private var best: ARIMAFit?
  /// The models that may be chosen, in the order in which they were tried.
  private var admissible: [ARIMAFit] = []

  /// Searches.
  ///
  /// A series whose differences are constant has the model (0, d, 0) with that constant as mean and
  /// no innovations.
  ///
  /// - Parameters:
  ///   - series: the values, oldest first.
  ///   - warmStart: an earlier fit; its parameters are one of the starts for its order.
  /// - Returns: the best model, then the others that might have been chosen, as they were tried; none
  ///   when none can be fitted, or the values are too large to be differenced.
  static func fits(for series: [Double], warmStart: ARIMAFit? = nil) -> [ARIMAFit] {
    let d = KPSSTest.differencesNeeded(by: series, atMost: maximumDifferences)
    let differences = DifferencedSeries(series, order: d)
    guard differences.values.allSatisfy(\.isFinite), !differences.values.isEmpty else { return [] }
    if differences.isConstant {
      let line = ARIMAFit(differences, order: ARIMAOrder(p: 0, d: d, q: 0, hasMean: true))
      return line.map { [$0] } ?? []
    }
    var search = StepwiseSearch(differences, length: series.count, warmStart: warmStart)
    search.run(length: series.count)
    guard let best = search.best else { return [] }
    return [best] + search.admissible.filter { $0.order != best.order }
  }

  private init(_ differences: DifferencedSeries, length: Int, warmStart: ARIMAFit?) {
    self.differences = differences
    self.warmStart = warmStart
    maximum = min(Self.maximumOrder, length / 3)
  }

  private mutating func run(length: Int) {
    let d = differences.order
    let first = min(length < 10 ? 1 : 2, maximum)
    var centre = ARIMAOrder(p: first, d: d, q: first, hasMean: d < 2)
    _ = improves(centre)
    var simple = [centre.moved(to: 0, 0)]
    if maximum > 0 { simple += [centre.moved(to: 1, 0), centre.moved(to: 0, 1)] }
    if centre.hasMean { simple.append(ARIMAOrder(p: 0, d: d, q: 0, hasMean: false)) }
    for order in simple where improves(order) { centre = centre.moved(to: order.p, order.q) }
    while let next = neighbours(of: centre).first(where: { improves($0) }) { centre = next }
  }

  /// The neighbours in the order in which they are tried.
  private func neighbours(of centre: ARIMAOrder) -> [ARIMAOrder] {
    let steps = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]
    var orders = steps.map { centre.moved(to: centre.p + $0.0, centre.q + $0.1) }
      .filter { (0...maximum).contains($0.p) && (0...maximum).contains($0.q) }
    var other = centre
    other.hasMean.toggle()
    orders.append(other)
    return orders
  }

  /// Fits a model that was not fitted before; whether it is the best one so far.
  private mutating func improves(_ order: ARIMAOrder) -> Bool {
    if !tried.insert(order).inserted { return false }
    let fit = ARIMAFit(
      differences, order: order,
      warmStart: warmStart?.order == order ? warmStart?.searchParameters : nil)
    guard let fit,
      fit.hasInverseRoots(within: Self.largestInverseRoot)
        || fit.innovationVariance < 1e-4 * differences.variance
    else { return false }
    admissible.append(fit)
    guard fit.aic < best?.aic ?? .infinity else { return false }
    best = fit
    return true
  }
}

extension ARIMAOrder {
  /// The same model with other p and q.
  fileprivate func moved(to p: Int, _ q: Int) -> ARIMAOrder {
    ARIMAOrder(p: p, d: d, q: q, hasMean: hasMean)
  }
}
