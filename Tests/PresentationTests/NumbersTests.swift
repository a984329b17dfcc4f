import Presentation
import Testing

@Suite("Numbers")
struct NumbersTests {
  @Test(
    "decimals are rounded and padded",
    arguments: [
      (1.005, 1, "1.0"), (0.25, 1, "0.3"), (-0.04, 1, "0.0"), (-1.26, 1, "-1.3"),
      (99.996, 2, "100.00"),
      (7, 0, "7"), (0.05, 2, "0.05"), (.nan, 1, "–"),
    ])
  func decimals(value: Double, digits: Int, text: String) {
    #expect(Numbers.fixed(value, digits) == text)
  }

  @Test(
    "numbers are written as people read them",
    arguments: [
      (0.0, "0"), (1, "1"), (12.345, "12.35"), (0.01234, "0.012"), (123.456, "123.5"),
      (9999, "9999"), (1_234_567, "1\u{202F}234\u{202F}567"), (-12_345, "-12\u{202F}345"),
      (.nan, "–"),
    ])
  func grouped(_ value: Double, _ text: String) {
    #expect(Numbers.grouped(value) == text)
  }

  @Test(
    "zeros at the end are left out, and no exponent is written",
    arguments: [
      (12.50, 2, "12.5"), (12, 2, "12"), (100, 0, "100"), (-0.04, 1, "-0.04"), (0.02, 1, "0.02"),
      (1e-9, 1, "0"), (0.000_05, 6, "0.00005"),
      (1e17, 1, "1e+17"), (.nan, 1, "–"), (.infinity, 1, "inf"),
    ])
  func short(value: Double, decimals: Int, text: String) {
    #expect(Numbers.short(value, decimals) == text)
  }

  @Test(
    "what has to be exact is, without a fraction where it is whole",
    arguments: [(180, "180"), (0.1, "0.1"), (-3, "-3"), (1e17, "1e+17"), (1e-7, "1e-07")])
  func exact(value: Double, text: String) {
    #expect(Numbers.exact(value) == text)
  }

  @Test(
    "fractions have four digits or more",
    arguments: [
      (3000, "3000"), (12.3456, "12.35"), (1234.56, "1235"), (0.012_345_6, "0.01235"),
      (.nan, "nan"),
    ])
  func significant(value: Double, text: String) {
    #expect(Numbers.significant(value) == text)
  }

  @Test("shares are per cent, counts have their noun, times their unit")
  func words() {
    #expect(Numbers.percent(0.995) == "99.5 %" && Numbers.percent(.nan) == "–")
    #expect(Numbers.count(1, "replica") == "1 replica" && Numbers.count(0, "GPU") == "0 GPUs")
    #expect(
      [45, 119.6, 180, 3599, 9000, 11_400, 190_800, 1e15].map(Durations.short(seconds:)) == [
        "45 s", "2 min", "3 min", "1 h", "2 h 30 min", "3 h 10 min", "2 d 5 h", "an unknown time",
      ])
    #expect(
      [59, 3600, 360_061, -61].map(Durations.clock) == [
        "0:00:59", "1:00:00", "100:01:01", "-0:01:01",
      ])
  }

  @Test("markup can't be ended by what stands in it")
  func markup() {
    #expect(Markup.escaped("<a b=\"c\">'&\u{0}") == "&lt;a b=&quot;c&quot;&gt;&#39;&amp;\u{FFFD}")
  }
}
