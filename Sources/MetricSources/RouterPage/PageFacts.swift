import Planning

/// What a page says besides the worker gauges: which workers the router has registered, and which
/// models the frontend serves. Releases before 1.6 register nothing.
public struct PageFacts: Sendable, Equatable {
  /// A rank of a worker that the router can place requests on, with or without gauges of its load.
  public struct Registration: Sendable, Equatable {
    /// Label `router_worker_id`: the `worker_id` of the gauges.
    public var workerID: String
    /// Label `worker_type`.
    public var workerType: String
    /// Label `dynamo_namespace`; nil when it is missing or empty.
    public var dynamoNamespace: String?
  }

  /// Registered ranks in the order of the page.
  public var registrations: [Registration] = []
  /// The models that workers have registered for, sorted. Names that clients merely sent are not
  /// among them, as they are among the labels of request counters.
  public var models: [String] = []
  /// What the workers of each model state of their limits.
  public var limits: [String: EngineLimits] = [:]

  /// The gauge of a registered worker: 1 while it is.
  static let registered: StaticString = "dynamo_component_router_worker_registered"
  /// What the gauges that a frontend shows of each model begin with, as soon as a worker serves it.
  static let model: StaticString = "dynamo_frontend_model_"
  private static let limitNames: [String: WritableKeyPath<EngineLimits, Double?> & Sendable] = [
    "total_kv_blocks": \.blocks, "kv_cache_block_size": \.blockTokens,
    "context_length": \.contextTokens, "max_num_seqs": \.maximumSequences,
    "max_num_batched_tokens": \.maximumBatchedTokens,
  ]

  /// Takes a line of the page, if it is one of these two gauges.
  mutating func take(_ line: UnsafeBufferPointer<UInt8>) {
    guard let text = line.baseAddress, line.count > 40,
      text[7] == UInt8(ascii: "c") || text[7] == UInt8(ascii: "f")
    else {
      return
    }
    if Self.starts(line, with: Self.registered) {
      let labels = LabelledLine(line, nameCount: Self.registered.utf8CodeUnitCount)
      guard let labels, labels.value == 1, let worker = labels["router_worker_id"] else { return }
      registrations.append(
        Registration(
          workerID: worker, workerType: labels["worker_type"] ?? "",
          dynamoNamespace: labels["dynamo_namespace"]))
    } else if Self.isModelGauge(line) {
      takeLimit(line)
    }
  }

  private static func isModelGauge(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let text = line.baseAddress else { return false }
    return bytesAreEqual(text, model.utf8Start, model.utf8CodeUnitCount)
  }

  /// A limit of 0 is one that the worker did not state.
  private mutating func takeLimit(_ line: UnsafeBufferPointer<UInt8>) {
    let nameCount = line.firstIndex(of: Ascii.openBrace) ?? line.count
    let name = String(
      decoding: line[min(Self.model.utf8CodeUnitCount, nameCount)..<nameCount], as: UTF8.self)
    guard let limit = Self.limitNames[name], let labels = LabelledLine(line, nameCount: nameCount),
      let model = labels["model"]
    else { return }
    if name == "total_kv_blocks", !models.contains(model) {
      models.append(model)
      models.sort()
    }
    guard let value = labels.value, value.isFinite, value > 0 else { return }
    limits[model, default: EngineLimits()][keyPath: limit] = value
  }

  private static func starts(_ line: UnsafeBufferPointer<UInt8>, with name: StaticString) -> Bool {
    let count = name.utf8CodeUnitCount
    guard let text = line.baseAddress, line.count > count, text[count] == Ascii.openBrace else {
      return false
    }
    return bytesAreEqual(text, name.utf8Start, count)
  }
}

extension PageFacts {
  /// What the workers of the model that counts state of their limits; nil when they state nothing, or
  /// when there are several models and nobody said which one counts.
  func limits(of modelName: String?) -> EngineLimits? {
    let names = modelName.map(ModelNames.init)
    let chosen = limits.filter { names?.matches($0.key) ?? true }
    return chosen.count == 1 ? chosen.first?.value : nil
  }
}

/// A sample line read without haste: labels by name, and the value.
struct LabelledLine {
  private var labels: [String: String] = [:]
  let value: Double?

  /// - Parameters:
  ///   - line: the line with its name, labels in braces and value; a time stamp may follow.
  ///   - nameCount: bytes of the name.
  init?(_ line: UnsafeBufferPointer<UInt8>, nameCount: Int) {
    let bytes = Array(line[nameCount...])
    guard bytes.first == Ascii.openBrace else { return nil }
    var index = 1
    while index < bytes.count, bytes[index] != Ascii.closeBrace {
      guard let equals = bytes[index...].firstIndex(of: Ascii.equals), equals + 1 < bytes.count,
        bytes[equals + 1] == Ascii.quote
      else { return nil }
      var end = equals + 2
      while end < bytes.count, bytes[end] != Ascii.quote {
        end += bytes[end] == Ascii.backslash ? 2 : 1
      }
      guard end < bytes.count else { return nil }
      let name = bytes[index..<equals].filter { !Ascii.isBlank($0) && $0 != Ascii.comma }
      let value = String(decoding: bytes[(equals + 2)..<end], as: UTF8.self)
      if !value.isEmpty { labels[String(decoding: name, as: UTF8.self)] = value }
      index = end + 1
    }
    let rest = bytes[min(index + 1, bytes.count)...].split(whereSeparator: Ascii.isBlank)
    value = rest.first.flatMap { DecimalText.value(String(decoding: $0, as: UTF8.self)) }
  }

  subscript(name: String) -> String? { labels[name] }
}
