import Invocation
import Planning
import Presentation

/// The trail of a component's decision, a line for each limit that had its say.
struct TrailText {
  let trail: [Adjustment]
  var times = TimeStyle.utc

  /// The lines; none where nothing limited or held it.
  var lines: [String] {
    trail.map { adjustment in
      func text(_ count: Int?) -> String { count.map { String($0) } ?? "none" }
      let change =
        adjustment.from == adjustment.to
        ? "stays at \(text(adjustment.to))"
        : "\(text(adjustment.from)) → \(text(adjustment.to))"
      let until = adjustment.until.map { ", until \(times.text($0.rounded(.up))) at the latest" }
      return "    \(adjustment.by): \(change) (\(adjustment.reason.rawValue))\(until ?? "")"
    }
  }
}
