#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The closed formula for the mean wait in front of equal servers with constant service times
/// (M/D/c), half of what exponential ones make: `W ≈ S/2 · ρ^(√(2(c+1))−1) / (c·(1−ρ))`.
///
/// ``MultiServerQueue`` is closer, and knows more than the mean.
///
/// Source: H. Sakasegawa, "An approximation formula L_q ≈ α·ρ^β/(1−ρ)", Annals of the Institute of
/// Statistical Mathematics 29 (1977).
public enum Sakasegawa {
  /// The mean wait, in the unit of the service time; infinite from a utilisation of 1 on.
  public static func meanWait(
    servers: Int, utilisation: Double, constantService: Double
  ) -> Double {
    guard utilisation < 1 else { return .infinity }
    let count = Double(servers)
    return constantService / 2 * pow(utilisation, (2 * (count + 1)).squareRoot() - 1)
      / (count * (1 - utilisation))
  }
}
