import Testing

@testable import Planning

@Suite("Search for the fewest replicas")
struct ReplicaSearchTests {
  @Test("the fewest are found from any guess, with and without a bound")
  func everyGuess() {
    for fewest in 1...40 {
      for guess in -3...60 {
        #expect(ReplicaSearch.fewest(near: guess) { $0 >= fewest } == fewest)
        for bound in fewest...(fewest + 9) {
          #expect(ReplicaSearch.fewest(near: guess, atMost: bound) { $0 >= fewest } == fewest)
        }
      }
    }
  }

  @Test("it asks little: about twice the digits of how far off the guess is", arguments: [0, 1, 5])
  func effort(off: Int) {
    var asked = 0
    let fewest = ReplicaSearch.fewest(near: 500 - off) {
      asked += 1
      return $0 >= 500
    }
    #expect(fewest == 500)
    #expect(asked <= 6)
  }

  @Test("what no number serves gets the largest, where none is asked for one")
  func extremes() {
    #expect(ReplicaSearch.fewest(near: 7) { _ in false } == ReplicaSizing.largestCount)
    #expect(ReplicaSearch.fewest(near: .max) { _ in true } == 1)
    #expect(ReplicaSearch.fewest(near: .min) { _ in true } == 1)
  }
}
