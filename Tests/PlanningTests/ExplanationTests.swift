import Testing

@testable import Planning

@Suite("Explanations that a tired person reads")
struct ExplanationTests {
  private func sentences(_ text: String) -> [Substring] { text.split(separator: ". ") }

  @Test("at most two sentences of thirty words a component, by whichever rule it is sized")
  func short() throws {
    let decisions = [
      try DecisionRuleTests.growing(true).decision,
      try DecisionRuleTests.growing(true, backlog: 30_000).decision,
      try DecisionRuleTests.growing(true, budget: 6).decision,
      try DecisionRuleTests.growing(true, sizing: .capacity).decision,
      try ControlTests.decided([ControlTests.pin(12)]),
      try ControlTests.decided([ControlTests.pin(12)], budget: 8),
      try ControlTests.decided([ControlTests.control(.pause, nil)]),
    ]
    for decided in decisions.flatMap(\.components.values) {
      let sentences = sentences(decided.explanation)
      #expect(sentences.count <= 2, "\(decided.explanation)")
      for sentence in sentences {
        #expect(
          sentence.split(separator: " ").filter { $0 != "→" && $0 != "≤" && $0 != "×" }.count <= 30,
          "\(sentence)")
      }
    }
  }

  @Test(
    "what a person said comes before what the traffic needs, and a budget before both's numbers")
  func order() throws {
    let pinned = try ControlTests.decided([ControlTests.pin(12)]).components[.decode]
    #expect(pinned?.explanation.hasPrefix("decode 3 → 12: 3 wanted, pinned to 12 by anna") == true)
    let cut = try DecisionRuleTests.growing(true, budget: 6).decision.components[.prefill]
    #expect(
      cut?.explanation.contains("cut to the budget of 6 GPUs. ") == true,
      "\(cut?.explanation ?? "")")
  }

  @Test("a second sentence begins as one")
  func capitals() {
    #expect(Phrase.capitalised("the router shows") == "The router shows")
    #expect(Phrase.capitalised("12 requests") == "12 requests")
    #expect(Phrase.capitalised("") == "")
  }
}
