/// Keeps counts from changing too fast (off by default).
struct ChangeLimiter {
  let damping: Damping
  /// Recommendations of the stabilisation window, this decision's included.
  let recommendations: [Recommendation]

  /// `wanted`, damped.
  ///
  /// Before a count shrinks, the highest recommendation of the stabilisation window counts, as in
  /// the Kubernetes horizontal pod autoscaler; it never raises a count above `current`. A loss too
  /// small to be worth a change waits for more. Then the step limits.
  func limit(_ wanted: Int, from current: Int?, component: Component) -> Int {
    guard let current else { return wanted }
    var limited = wanted
    if wanted < current {
      let highest = recommendations.compactMap { $0.replicas[component] }.max() ?? wanted
      limited = max(wanted, min(current, highest))
      let loss = Double(current - limited)
      if loss < (damping.smallestScaleDownShare ?? 0) * Double(current) { limited = current }
    }
    if let step = damping.maximumScaleUpStep, limited > current {
      limited = min(limited, current + step)
    }
    if let step = damping.maximumScaleDownStep, limited < current {
      limited = max(limited, current - step)
    }
    return limited
  }
}
