/// The model's prior distributions, on the scaled history.
///
/// Source: the library's Stan program and defaults; Taylor & Letham (2018), §3.1.3 and §3.2.
enum ProphetPriors {
  /// Standard deviation of the normal priors of the rate k and the offset m.
  static let trendScale = 5.0
  /// Scale τ of the Laplace prior of the changes of rate δ.
  static let changepointScale = 0.05
  /// Standard deviation of the normal prior of the Fourier coefficients β.
  static let seasonalityScale = 10.0
  /// Standard deviation of the half-normal prior of the noise σ.
  static let noiseScale = 0.5
}
