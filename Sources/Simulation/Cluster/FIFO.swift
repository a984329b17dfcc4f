/// A first-in, first-out queue that gives its memory back as it empties.
struct FIFO<Element>: Sendable where Element: Sendable {
  private var elements: [Element] = []
  private var start = 0

  var count: Int { elements.count - start }
  var isEmpty: Bool { start == elements.count }
  var first: Element? { isEmpty ? nil : elements[start] }

  /// Combines the elements in line.
  func reduce<Result>(_ initial: Result, _ combine: (Result, Element) -> Result) -> Result {
    elements[start...].reduce(initial, combine)
  }

  mutating func append(_ element: Element) { elements.append(element) }

  /// Removes the first element; it must exist, or nil.
  mutating func popFirst() -> Element? {
    guard start < elements.count else { return nil }
    let element = elements[start]
    start += 1
    if start == elements.count {
      elements.removeAll(keepingCapacity: start <= 64)
      start = 0
    } else if start >= 64, start * 2 >= elements.count {
      elements.removeFirst(start)
      start = 0
    }
    return element
  }
}
