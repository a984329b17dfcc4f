import Forecasting
import Presentation
import Settings
import Simulation

/// The recorded requests of `--load-predictor-warmup-trace`.
package struct WarmUpTrace: Sendable {
  let path: String
  let intervalSeconds: Int

  /// Nil when the settings name no trace.
  package init?(_ settings: RunSettings) {
    guard let throughput = settings.throughput, let path = throughput.warmUpTrace else {
      return nil
    }
    self.path = path
    intervalSeconds = throughput.intervalSeconds
  }

  /// What the file holds.
  package struct Content: Sendable {
    /// The whole intervals, oldest first, at least one.
    package var intervals: [RecordedTraffic]
    var skipped: TraceReader.Skipped

    /// Requests in the intervals.
    var requests: Int { Int(intervals.reduce(0) { $0 + $1.requestCount }) }
  }

  /// Reads the file and counts its requests. Lines that can't be used are left out.
  ///
  /// - Throws: ``CommandFailure`` with exit code 65 when the file says nothing.
  package func read() throws -> Content {
    do {
      let (trace, skipped) = try TraceFile.read(
        path, format: nil, rules: TraceRules(skipsBadLines: true, sorts: true),
        takesPipes: false)
      let intervals = trace.traffic(intervalSeconds: intervalSeconds)
      guard !intervals.isEmpty else {
        throw failure(
          "it spans \(Int(trace.duration)) s, less than one --adjustment-interval (\(intervalSeconds) s); name a longer one, or leave the flag out"
        )
      }
      return Content(intervals: intervals, skipped: skipped)
    } catch TraceError.unknownFormat {
      throw failure("its first line is neither that of a Mooncake nor of an Azure trace")
    } catch let error as TraceError {
      throw CommandFailure(.unreadableInput, "The warm-up trace '\(path)': \(error)")
    }
  }

  private func failure(_ reason: String) -> CommandFailure {
    CommandFailure(.unreadableInput, "The warm-up trace '\(path)' can't be used: \(reason).")
  }
}

extension TraceReader.Skipped {
  /// What a person should know of the lines left out; nil for none.
  var warning: String? {
    guard count > 0, let first = examples.first else { return nil }
    return
      "\(Numbers.count(count, "line")) of the warm-up trace \(count == 1 ? "was" : "were") left out. \(first)"
  }
}
