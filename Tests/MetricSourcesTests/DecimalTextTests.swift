import Glibc
import TestSupport
import Testing

@testable import MetricSources

@Suite("Numbers of a metrics page")
struct DecimalTextTests {
  @Test(
    "are read as what they say",
    arguments: [
      ("0", 0), ("-0", 0), ("7", 7), ("+24864.0", 24864), ("1.", 1), (".5", 0.5), ("-.5", -0.5),
      ("4.396200e+04", 43962), ("1E3", 1000), ("1e-320", Double(bitPattern: 2024)),
      ("1e308", 1e308),
      ("1e309", .infinity), ("-1e309", -.infinity), ("1e-400", 0),
      ("1e999999999999999999", .infinity),
      ("0e999999999999999999", 0), ("Inf", .infinity), ("+Inf", .infinity), ("-inf", -.infinity),
      ("INFINITY", .infinity), ("9007199254740993", 9_007_199_254_740_992),
      ("9007199254740995", 9_007_199_254_740_996), ("18446744073709551615", 18446744073709551616),
      ("123456789012345678901234567890", 1.2345678901234568e29),
      ("0.00000000000000000000000000000000000000000001", 1e-44),
      ("17976931348623157" + String(repeating: "0", count: 292), .greatestFiniteMagnitude),
    ])
  func valid(_ text: String, _ expected: Double) {
    #expect(DecimalText.value(text) == expected)
  }

  @Test("keep the sign of zero") func negativeZero() {
    #expect(DecimalText.value("-0")?.sign == .minus)
    #expect(DecimalText.value("-0.000e5")?.sign == .minus)
  }

  @Test("may be NaN in any case", arguments: ["NaN", "nan", "NAN", "+NaN", "-nan"])
  func nan(_ text: String) {
    #expect(DecimalText.value(text)?.isNaN == true)
  }

  @Test(
    "are nothing else",
    arguments: [
      "", "+", "-", ".", "-.", "e5", "1e", "1e+", "--1", "+-1", "1,5", "1_000", "0x10", "1 ", " 1",
      "1e5.0", "1.2.3", "٣", "infinit", "nanx", "nan(1)", "1f", "Server", "inf1",
    ])
  func invalid(_ text: String) {
    #expect(DecimalText.value(text) == nil)
  }

  @Test("are the nearest double, as the C library's strtod gives it") func nearest() {
    var generator = SeededRandom(seed: 1)
    let numbers = (0..<50_000).map { _ in randomNumber(&generator) }
    #expect(numbers.filter { DecimalText.value($0) != strtod($0, nil) } == [])
    let doubles = (0..<20_000).map { _ in Double(bitPattern: generator.next()) }
      .filter(\.isFinite)
    #expect(doubles.filter { DecimalText.value("\($0)") != $0 } == [])
  }

  private func randomNumber(_ generator: inout SeededRandom) -> String {
    var text = ["", "-", "+"][generator.below(3)]
    let whole = generator.below(22)
    let fraction = generator.below(22)
    for _ in 0..<max(whole, fraction == 0 ? 1 : 0) { text += String(generator.below(10)) }
    if fraction > 0 {
      text += "."
      for _ in 0..<fraction { text += String(generator.below(10)) }
    }
    if generator.below(2) == 0 { text += "e\(generator.below(80) - 40)" }
    return text
  }
}
