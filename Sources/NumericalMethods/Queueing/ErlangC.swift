/// Erlang's delay formula: the chance that an arrival at an M/M/c queue has to wait.
public enum ErlangC {
  /// The share of arrivals that find every server busy.
  ///
  /// Summed from the largest state down, so that nothing overflows and the work is about the
  /// square root of the number of servers where it matters; accurate to rounding.
  ///
  /// - Parameters:
  ///   - servers: c, at least 1.
  ///   - offeredLoad: arrival rate × mean service time, in servers.
  /// - Returns: 0…1; 1 when the load is at least the number of servers (or is NaN), 0 for no load.
  ///
  /// Source: A. K. Erlang (1917); I. Angus, "An Introduction to Erlang B and Erlang C" (2001).
  public static func delayProbability(servers: Int, offeredLoad load: Double) -> Double {
    guard load > 0 else { return load.isNaN ? 1 : 0 }
    let count = Double(servers)
    guard servers > 0, load < count else { return 1 }
    // 1/B = Σ c!/((c−k)! aᵏ): what an arrival finds, relative to all servers busy.
    var term = 1.0
    var sum = 1.0
    for k in 0..<servers {
      term *= (count - Double(k)) / load
      sum += term
      if term < sum * 1e-17 { break }
      guard sum < 1e300 else { return 0 }
    }
    let blocking = 1 / sum
    return blocking / (1 - load / count * (1 - blocking))
  }
}
