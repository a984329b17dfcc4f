#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The posterior of the model's parameters given a scaled history, and its mode.
///
///     log p = −n ln σ − RSS / 2σ² − (k² + m²) / 2·5² − Σβ² / 2·10² − Σ|δ| / 0.05 − σ² / 2·0.5²
///
/// without constants: what Stan reports as `lp__` for the library's program, whose `~` statements
/// drop every term that holds no parameter, and whose optimiser adds no Jacobian.
enum ProphetPosterior {
  /// Log posterior density, higher is better, without constants.
  ///
  /// - Parameters:
  ///   - residualSquare: sum of the squared residuals.
  ///   - count: number of points.
  ///   - sigma: the noise, above 0.
  ///   - penalty: minus the log of the coefficients' priors.
  static func logDensity(
    residualSquare: Double, count: Int, sigma: Double, penalty: Double
  ) -> Double {
    let noise = sigma / ProphetPriors.noiseScale
    return -Double(count) * log(sigma) - residualSquare / (2 * sigma * sigma) - penalty
      - 0.5 * noise * noise
  }

  /// The mode that is reached first when the noise falls from σ = 1.
  struct Mode {
    var coefficients: [Double]
    var sigma: Double
    var residuals: [Double]
    var logDensity: Double
    /// Coefficients not held at 0.
    var freeCount: Int
  }

  /// The best coefficients for a noise variance.
  private struct Fit {
    var selection: ChangepointSelection
    var variance: Double
    var residuals: [Double]

    var residualSquare: Double { residuals.reduce(0) { $0 + $1 * $1 } }

    var mode: Mode {
      let sigma = variance.squareRoot()
      return Mode(
        coefficients: selection.coefficients, sigma: sigma, residuals: residuals,
        logDensity: logDensity(
          residualSquare: residualSquare, count: residuals.count, sigma: sigma,
          penalty: selection.priorPenalty),
        freeCount: selection.freeCount)
    }
  }

  /// Noise below the rounding of the scaled values has no meaning: a history that the trend fits
  /// exactly would otherwise take σ to 0 and the density to infinity.
  private static let smallestVariance = 0x1p-104

  /// Finds the mode.
  ///
  /// For given v = σ² the best coefficients are unique; the best v satisfies
  /// h(v) = n v + 4 v² − RSS(v) = 0, with 4 = 1 / 0.5². h(1) > 0, since the scaled squares sum to
  /// at most n. RSS falls with v, so h has a largest zero below 1; smaller ones exist now and then
  /// (overfitted histories), with densities below it in every case seen. As long as no δ enters or
  /// leaves, RSS is a quadratic in v, up to the normal priors' small part, and the step to the
  /// zero is a closed form.
  static func mode(of design: ProphetDesign) -> Mode {
    var selection = ChangepointSelection(design)
    let count = Double(design.times.count)
    var (variance, below, above) = (1.0, 0.0, 1.0)
    var best = Fit(selection: selection, variance: variance, residuals: [])
    // Histories take 2 to 20 rounds; the bound only guards against rounding.
    for _ in 0..<200 {
      var candidates: [Double] = []
      if selection.minimise(noiseVariance: variance) {
        best = Fit(
          selection: selection, variance: variance,
          residuals: design.residuals(selection.coefficients))
        let residualSquare = best.residualSquare
        let excess =
          count * variance + noisePrecision * variance * variance - residualSquare
        if excess >= 0 { above = variance } else { below = variance }
        candidates = [
          freeRoot(selection, variance, residualSquare, count), heldRoot(residualSquare, count),
        ]
        if candidates.contains(where: { abs($0 - variance) <= 1e-12 * variance }) { break }
      } else {
        below = variance
        selection = best.selection
      }
      let inside = candidates.first { $0 > below && $0 < above }
      let next = max(
        smallestVariance, inside ?? (max(below, smallestVariance) * above).squareRoot())
      if next == variance || above - below <= 1e-12 * above { break }
      variance = next
    }
    return best.mode
  }

  private static let noisePrecision = 1 / (ProphetPriors.noiseScale * ProphetPriors.noiseScale)

  /// The zero of h when RSS is held. With h(v) ≥ 0 it lies between the largest zero and v.
  private static func heldRoot(_ residualSquare: Double, _ count: Double) -> Double {
    let root = (count * count + 4 * noisePrecision * residualSquare).squareRoot()
    return 2 * residualSquare / (count + root)
  }

  /// The zero of h when the set of δ and their signs are held, so that
  /// RSS(u) = RSS(v) + 2 (u − v) · v g·w + (u − v)² · ‖Xw‖², with −w = dθ/dv and g the gradient of
  /// the priors; NaN where there is none.
  private static func freeRoot(
    _ selection: ChangepointSelection, _ variance: Double, _ residualSquare: Double,
    _ count: Double
  ) -> Double {
    let response = selection.response(noiseVariance: variance)
    let drift = variance * response.withPriors
    let constant =
      residualSquare - 2 * variance * drift + variance * variance * response.squaredFit
    let linear = count - 2 * drift + 2 * variance * response.squaredFit
    let square = noisePrecision - response.squaredFit
    return 2 * constant / (linear + (linear * linear + 4 * square * constant).squareRoot())
  }
}
