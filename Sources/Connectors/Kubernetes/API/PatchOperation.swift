/// One operation of a JSON patch (RFC 6902).
struct PatchOperation: Encodable {
  enum Value: Encodable {
    case text(String)
    case number(Int)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      }
    }
  }

  /// A member's name as one step of a path (RFC 6901).
  static func step(_ name: String) -> String {
    name.replacing("~", with: "~0").replacing("/", with: "~1")
  }

  var op: String
  var path: String
  var value: Value

  init(_ op: String, _ path: String, _ value: Value) {
    self.op = op
    self.path = path
    self.value = value
  }
}
