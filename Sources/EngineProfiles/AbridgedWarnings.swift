/// The first warnings, and how many more there are: a long array of nonsense has one for each
/// point, and nobody reads more than a few.
func abridged(_ warnings: [String]) -> [String] {
  let limit = 20
  guard warnings.count > limit else { return warnings }
  return warnings.prefix(limit) + ["There are \(warnings.count - limit) more warnings like these."]
}
