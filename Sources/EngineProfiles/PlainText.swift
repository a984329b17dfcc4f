/// A number as people write it: whole ones without a fraction, others with four digits or more.
func plain(_ value: Double) -> String {
  guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
  if value == value.rounded() { return "\(Int(value))" }
  var scale = 1.0
  while (value * scale).magnitude < 1000, scale < 1e9 { scale *= 10 }
  let rounded = (value * scale).rounded() / scale
  return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
}

/// The first warnings, and how many more there are: a long array of nonsense has one for each
/// point, and nobody reads more than a few.
func abridged(_ warnings: [String]) -> [String] {
  let limit = 20
  guard warnings.count > limit else { return warnings }
  return warnings.prefix(limit) + ["There are \(warnings.count - limit) more warnings like these."]
}
