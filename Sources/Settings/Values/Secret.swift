/// A text that must not be seen: printing, interpolating or dumping it shows `***`.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The text itself, for the one place that sends it.
  public let revealed: String

  /// Hides `text`.
  public init(_ text: String) { revealed = text }

  /// What is shown instead.
  public static let mask = "***"

  /// Always ``mask``.
  public var description: String { Self.mask }
  /// Always ``mask``.
  public var debugDescription: String { Self.mask }
  /// Empty, so that `dump` shows nothing either.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
