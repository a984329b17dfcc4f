import Testing

@testable import Forecasting

@Suite struct StepwiseSearchTests {
  /// Cases whose order the reference keeps under a tighter optimiser, and where ours is another.
  /// The search takes the reference's way in every case; what differs is the likelihood at the
  /// optimum.
  static let otherOrders: [String: String] = [
    "azure_code_30s_request_count[0:50]": better, "mooncake_conversation_60s_avg_osl[0:24]": better,
    "mooncake_conversation_30s_avg_isl[0:60]": diffuse,
    "mooncake_conversation_30s_avg_isl[32:82]": diffuse, "pmdarima_taylor[0:48]": diffuse,
    "pmdarima_taylor[0:400]": diffuse, "synthetic_irw_n120 log1p": better,
    "tiny_scale_n30": better, "pmdarima_airpassengers_full log1p": bound,
    "mooncake_conversation_30s_request_count[0:80] log1p": bound,
    "pmdarima_heartrate[31:131]": bound, "pmdarima_heartrate[31:131] log1p": bound,
    "synthetic_arma_n33 log1p": bound, "huge_scale_n30": bound,
  ]
  private static let better = "our AIC is lower: the reference's optimiser missed it"
  private static let diffuse =
    "the reference's start variance of 10⁶ is not diffuse at this scale and changes its likelihoods"
  private static let bound =
    "the reference stopped before the optimum, which has an inverse root above 0.99: not admissible"

  /// Cases whose AIC is more than 0.5 above the reference's tight optimum.
  static let higherAIC: [String: String] = [
    "mooncake_conversation_10s_request_count[89:189]": bound, "pmdarima_heartrate[31:131]": bound,
    "pmdarima_heartrate[31:131] log1p": bound, "pmdarima_sunspots[827:832]": bound,
    "synthetic_arma_n33 log1p": bound, "huge_scale_n30": bound,
  ]

  @Test("orders and AICs are the reference's where its optimiser converged")
  func ordersAndAICsAreTheReferencesWhereItsOptimiserConverged() throws {
    let fits = try ARIMAReference.load().fits
    var stable = 0
    var equal = 0
    var high: Set<String> = []
    var different: Set<String> = []
    for reference in fits {
      let fit = try #require(StepwiseSearch.fits(for: reference.series).first, "\(reference.title)")
      let order = fit.order
      if reference.selection_stable {
        stable += 1
        if [order.p, order.d, order.q] == reference.order {
          equal += 1
        } else {
          different.insert(reference.title)
          try checkTheReason(reference, ours: fit)
        }
      }
      let tight = reference.model(reference.tight_optimum.params)
      let aic = ARIMAReference.aic(of: reference.series, tight) ?? reference.tight_optimum.aic
      // A series without innovations has no likelihood; whatever the AIC, the fit is perfect.
      if fit.innovationVariance > 0, fit.aic > aic + 0.5 { high.insert(reference.title) }
    }
    #expect(high == Set(Self.higherAIC.keys))
    #expect(different == Set(Self.otherOrders.keys))
    #expect(Double(fits.count - high.count) >= 0.95 * Double(fits.count))
    // 87.7 %; for the fourteen others see `otherOrders`.
    #expect(Double(equal) >= 0.87 * Double(stable))
  }

  /// The reference's choice, fitted to its optimum, has the higher AIC or is refused by its own
  /// rule.
  private func checkTheReason(_ reference: ARIMAReference.Fit, ours: ARIMAFit) throws {
    let order = reference.arimaOrder
    let differences = DifferencedSeries(reference.series, order: order.d)
    let theirs = try #require(ARIMAFit(differences, order: order), "\(reference.title)")
    let isAdmissible = theirs.hasInverseRoots(within: StepwiseSearch.largestInverseRoot)
    #expect(
      isAdmissible == (Self.otherOrders[reference.title] != Self.bound), "\(reference.title)")
    if isAdmissible, !Self.otherPath.contains(reference.title) {
      #expect(ours.aic < theirs.aic, "\(reference.title)")
    }
  }

  /// A case whose order differs because the likelihoods on the way did: there the reference's
  /// choice is 1.1 better, but with ours the search never comes by it.
  private static let otherPath: Set<String> = ["mooncake_conversation_30s_avg_isl[32:82]"]

  @Test("it finds the order of a long process")
  func itFindsTheOrderOfALongProcess() throws {
    var noise = SeededNoise(seed: 22)
    let series = noise.process(400, ar: [0.7], mean: 50)
    let fit = try #require(StepwiseSearch.fits(for: series).first)
    #expect(fit.order.d == 0 && fit.order.p >= 1)
    var lagOne = ARIMAFilter(fit)
    for value in series { lagOne.update(value) }
    let expected = 50 + 0.7 * ((series.last ?? 0) - 50)
    #expect(abs(lagOne.forecast(steps: 1).values[0] - expected) < 0.3)
  }

  @Test("scaling by a power of two scales the forecast exactly", arguments: [-40, -3, 12, 200])
  func scalingByAPowerOfTwoScalesTheForecastExactly(_ exponent: Int) throws {
    var noise = SeededNoise(seed: 9)
    let series = noise.process(60, ar: [0.5], ma: [0.4], mean: 20)
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    let plain = try #require(StepwiseSearch.fits(for: series).first)
    let scaled = try #require(StepwiseSearch.fits(for: series.map { $0 * scale }).first)
    #expect(scaled.order == plain.order)
    #expect(scaled.ar == plain.ar && scaled.ma == plain.ma)
    #expect(scaled.mean == plain.mean * scale)
  }

  @Test("shifting a stationary series shifts its mean")
  func shiftingAStationarySeriesShiftsItsMean() throws {
    var noise = SeededNoise(seed: 10)
    let series = noise.process(80, ar: [0.6], mean: 20)
    let plain = try #require(StepwiseSearch.fits(for: series).first)
    let shifted = try #require(StepwiseSearch.fits(for: series.map { $0 + 1000 }).first)
    #expect(shifted.order == plain.order)
    #expect(abs(shifted.mean - plain.mean - 1000) < 1e-6)
    #expect(abs(shifted.aic - plain.aic) < 1e-6)
  }

  @Test("values too large to be differenced have no model")
  func valuesTooLargeToBeDifferencedHaveNoModel() {
    let huge = Double.greatestFiniteMagnitude
    #expect(
      StepwiseSearch.fits(for: [huge, -huge, huge, -huge, huge, huge, huge, -huge]).isEmpty)
  }
}
