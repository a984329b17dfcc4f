/// One sample of one of the router's worker gauges, as it stands on the page.
struct GaugeLine {
  /// Which gauge.
  var gauge = RouterGauge.activePrefillTokens
  /// Its value, possibly not finite.
  var value = 0.0
  /// Its time stamp as it stands there; 0 without one.
  var stamp = 0.0
  /// All labels with their braces; absent when there are none or the name stands among them.
  var labels = ByteSlice()
  /// Whether ``labels`` are, byte for byte, those that were expected. They are then not read
  /// again: the following slices are absent.
  var hasExpectedLabels = false
  /// Label `worker_id`.
  var workerID = ByteSlice()
  /// Label `dp_rank`.
  var rank = ByteSlice()
  /// Label `worker_type`.
  var workerType = ByteSlice()
  /// Label `model`.
  var model = ByteSlice()
  /// Label `dynamo_namespace`.
  var dynamoNamespace = ByteSlice()

  /// Takes a label's value if the label is one of ours; false when it was there already.
  @inline(__always)
  mutating func take(
    _ value: ByteSlice, forLabel name: UnsafePointer<UInt8>, _ count: Int
  ) -> Bool {
    switch count {
    case 5 where bytes(name, count, spell: "model"): Self.set(&model, value)
    case 7 where bytes(name, count, spell: "dp_rank"): Self.set(&rank, value)
    case 9 where bytes(name, count, spell: "worker_id"): Self.set(&workerID, value)
    case 11 where bytes(name, count, spell: "worker_type"): Self.set(&workerType, value)
    case 16 where bytes(name, count, spell: "dynamo_namespace"):
      Self.set(&dynamoNamespace, value)
    default: true
    }
  }

  @inline(__always)
  private static func set(_ slot: inout ByteSlice, _ value: ByteSlice) -> Bool {
    guard !slot.isPresent else { return false }
    slot = value
    return true
  }
}

/// What a line of a metrics page turned out to be.
enum LineKind {
  /// Nothing, a comment, HELP, TYPE, UNIT or EOF.
  case silent
  /// A sample of a metric that nobody asked for.
  case otherSample
  /// A sample of a worker gauge.
  case gauge
  /// Not a line of the text exposition format.
  case malformed
}
