import Foundation
import Testing

@testable import Forecasting

@Suite("Numbers saved as their bits")
struct PackedNumbersTests {
  @Test(
    "they come back as they were",
    arguments: [[], [0, -0.0, 0.1 + 0.2, .leastNonzeroMagnitude, -.greatestFiniteMagnitude]])
  func roundTrip(_ numbers: [Double]) throws {
    let text = try JSONEncoder().encode([PackedNumbers<Double>(wrappedValue: numbers)])
    let read = try JSONDecoder().decode([PackedNumbers<Double>].self, from: text)
    #expect(read.first?.wrappedValue.map(\.bitPattern) == numbers.map(\.bitPattern))
  }

  @Test("the text is the bits, the low byte first")
  func format() throws {
    let text = try JSONEncoder().encode([PackedNumbers<Double>(wrappedValue: [1.5])])
    #expect(String(decoding: text, as: UTF8.self) == #"["AAAAAAAA+D8="]"#)
  }

  @Test(
    "what holds no finite numbers is refused",
    arguments: [#""AAAAAAAA+A==""#, #""AAAAAAAA+H8=""#, #""?""#, "[1.5]", "null"])
  func damaged(_ text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([PackedNumbers<Double>].self, from: Data("[\(text)]".utf8))
    }
  }
}
