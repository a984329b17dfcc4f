/// A container of a pod template, as far as devices and arguments go.
struct PodContainer: Decodable {
  struct Resources: Decodable {
    var limits: [String: Quantity]?
    var requests: [String: Quantity]?
    var claims: [Claim]?
  }

  var name: String?
  var command: Words?
  var args: Words?
  var resources: Resources?
  /// `Always` for an init container that keeps running beside the others.
  var restartPolicy: String?

  /// Whole GPUs of whatever vendor; of several kinds together.
  var gpus: Quantity? {
    for list in [resources?.limits, resources?.requests] {
      let counts = (list ?? [:]).filter { Self.isGPU($0.key) }.compactMap(\.value.count)
      if !counts.isEmpty { return Quantity(count: counts.reduce(0) { $0.addingSaturated($1) }) }
    }
    return nil
  }

  /// Names of resources that sound of GPUs without counting whole ones, and of device claims.
  var uncountedDevices: [String] { uncountedResources + Claim.names(resources?.claims) }

  /// Names of the claims that it takes devices by.
  var claimNames: [String] { (resources?.claims ?? []).compactMap(\.name) }

  /// Names of resources that sound of GPUs without counting whole ones.
  var uncountedResources: [String] {
    let names = Set((resources?.limits ?? [:]).keys).union((resources?.requests ?? [:]).keys)
    let devices = names.filter { name in
      let device = name.split(separator: "/").last?.lowercased() ?? ""
      return !Self.isGPU(name) && name.contains("/")
        && (device.contains("gpu") || device.contains("mig-"))
    }
    return devices.sorted()
  }

  /// `nvidia.com/gpu`, `amd.com/gpu`, `gpu.intel.com/i915`, `habana.ai/gaudi`; shared ones
  /// (`nvidia.com/gpu.shared`) and slices are parts of one.
  private static func isGPU(_ resource: String) -> Bool {
    let parts = resource.lowercased().split(separator: "/")
    guard parts.count == 2 else { return false }
    return parts[1] == "gpu" || parts[1] == "gaudi"
      || parts[0] == "gpu.intel.com" && ["i915", "xe"].contains(parts[1])
  }

  /// Command and arguments as words: a shell's script counts with what it starts.
  var words: [String] { (command?.words ?? []) + (args?.words ?? []) }
}

/// A claim of devices that the scheduler allocates (dynamic resource allocation).
struct Claim: Decodable {
  var name: String?

  static func names(_ claims: [Claim]?) -> [String] {
    (claims ?? []).map { "the claim '\($0.name ?? "")'" }
  }
}

extension Int {
  func addingSaturated(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

/// A number of devices: Kubernetes writes it as text or as a number.
struct Quantity: Decodable {
  var count: Int?

  init(count: Int) { self.count = count }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      count = Int(text)
    } else {
      count = try? container.decode(Int.self)
    }
  }

  /// The count on all nodes together; nil when it is no whole number above 0.
  func times(nodes: Int) -> Int? {
    guard let count, count > 0 else { return nil }
    let (all, overflow) = count.multipliedReportingOverflow(by: max(1, nodes))
    return overflow ? nil : all
  }
}

/// A list of arguments, each of which may be a shell's command line; or one such line alone.
struct Words: Decodable {
  var words: [String]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let list = try? container.decode([String].self) {
      words = list.flatMap(ShellWords.split)
    } else {
      words = (try? container.decode(String.self)).map(ShellWords.split) ?? []
    }
  }
}
