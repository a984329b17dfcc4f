#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// A periodic part of the series: a Fourier sum of so many harmonics of the period.
///
/// Source: Taylor & Letham (2018), equation 5; orders and the automatic rule are the library's.
public enum ProphetSeasonality: String, Codable, Sendable, CaseIterable {
  /// Period 365.25 days, 10 harmonics.
  case yearly
  /// Period 7 days, 3 harmonics.
  case weekly
  /// Period 1 day, 4 harmonics.
  case daily

  private static let day = 86_400

  /// Length of the period in seconds, in UTC.
  public var periodSeconds: Int {
    switch self {
    case .yearly: 31_557_600
    case .weekly: 7 * Self.day
    case .daily: Self.day
    }
  }

  /// Number of harmonics; each has a sine and a cosine.
  public var fourierOrder: Int {
    switch self {
    case .yearly: 10
    case .weekly: 3
    case .daily: 4
    }
  }

  /// The seasonalities that a history can tell, in the order of their coefficients: those with
  /// two periods in its span (yearly: 730 days) and more than one point in a period.
  ///
  /// - Parameters:
  ///   - span: time from the first to the last point, seconds.
  ///   - spacing: smallest time between two points, seconds.
  public static func automatic(span: Int, spacing: Int) -> [ProphetSeasonality] {
    allCases.filter { seasonality in
      switch seasonality {
      case .yearly: span >= 730 * day
      case .weekly, .daily:
        span >= 2 * seasonality.periodSeconds && spacing < seasonality.periodSeconds
      }
    }
  }

  /// Appends the sine and cosine of each harmonic at a time (Unix seconds), lowest first.
  func appendFeatures(at time: Int, to features: inout [Double]) {
    // Whole seconds within the period: no digits are lost to the decades since the epoch.
    let angle = 2 * Double.pi * Double(time % periodSeconds) / Double(periodSeconds)
    let (sine, cosine) = (sin(angle), cos(angle))
    var harmonic = (sine: sine, cosine: cosine)
    for order in 1...fourierOrder {
      features.append(harmonic.sine)
      features.append(harmonic.cosine)
      guard order < fourierOrder else { break }
      harmonic = (
        harmonic.sine * cosine + harmonic.cosine * sine,
        harmonic.cosine * cosine - harmonic.sine * sine
      )
    }
  }
}
