/// What the profiled engines can do: the prefill curve, the decode surface, and what looked odd.
///
/// A profile folder holds one prefill and one decode file, either as NPZ or as JSON (as a
/// ConfigMap mounts them); ``fileCandidates`` says where. Reading the files is the caller's work:
///
/// ```swift
/// let profile = try EngineProfile(
///   prefillFile: .init(name: "prefill_raw_data.json", bytes: prefillBytes),
///   decodeFile: .init(name: "decode_raw_data.json", bytes: decodeBytes))
/// let ttft = profile.prefill?.ttftMilliseconds(isl: 3000)
/// ```
public struct EngineProfile: Sendable {
  /// A file of the profile, already read.
  public struct File: Sendable, Equatable {
    /// The name, for messages; one that ends in `.json` is read as JSON, any other as NPZ.
    public var name: String
    /// The content.
    public var bytes: [UInt8]

    /// Creates a file.
    public init(name: String, bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  /// Where the files of a profile folder may be, relative to it, in the order of preference.
  public static let fileCandidates = (
    prefill: ["selected_prefill_interpolation/raw_data.npz", "prefill_raw_data.json"],
    decode: ["selected_decode_interpolation/raw_data.npz", "decode_raw_data.json"]
  )

  /// Largest file that is looked at, in bytes; real profiles have a few thousand.
  public static let largestFile = 1 << 20

  /// Prefill performance; nil when no prefill file was given.
  public let prefill: PrefillCurve?
  /// Decode performance; nil when no decode file was given.
  public let decode: DecodeSurface?

  /// What contradicts itself in the data, each a sentence with the point; ``unitFaults`` first.
  public var warnings: [String] {
    unitFaults + (prefill?.warnings ?? []) + (decode?.warnings ?? [])
  }

  /// Creates a profile of curves that exist already.
  public init(prefill: PrefillCurve? = nil, decode: DecodeSurface? = nil) {
    self.prefill = prefill
    self.decode = decode
  }

  /// Reads the files of a profile. A mode that scales one component needs only its file.
  ///
  /// - Parameters:
  ///   - prefillFile: arrays `prefill_isl`, `prefill_ttft` (ms), `prefill_thpt_per_gpu`.
  ///   - decodeFile: arrays `x_kv_usage`, `y_context_length`, `z_itl` (ms), `z_thpt_per_gpu`, and
  ///     the number `max_kv_tokens` (as an array of one, too).
  /// - Throws: ``ProfileError/file(_:_:)`` with the reason.
  public init(prefillFile: File?, decodeFile: File?) throws(ProfileError) {
    self.init(
      prefill: try prefillFile.map(Self.readPrefill), decode: try decodeFile.map(Self.readDecode))
  }

  private static func readPrefill(_ file: File) throws(ProfileError) -> PrefillCurve {
    do throws(ProfileError) {
      let arrays = try ProfileArrays(
        file, names: ["prefill_isl", "prefill_ttft", "prefill_thpt_per_gpu"])
      return try PrefillCurve(
        isl: arrays.array("prefill_isl"), ttftMilliseconds: arrays.array("prefill_ttft"),
        throughputPerGPU: arrays.array("prefill_thpt_per_gpu"))
    } catch {
      throw .file(file.name, error)
    }
  }

  private static func readDecode(_ file: File) throws(ProfileError) -> DecodeSurface {
    do throws(ProfileError) {
      let arrays = try ProfileArrays(
        file,
        names: ["x_kv_usage", "y_context_length", "z_itl", "z_thpt_per_gpu", "max_kv_tokens"])
      guard let maximumKVTokens = try arrays.array("max_kv_tokens").first else {
        throw ProfileError.badMaximumKVTokens(.nan)
      }
      return try DecodeSurface(
        kvUsage: arrays.array("x_kv_usage"), contextLength: arrays.array("y_context_length"),
        itlMilliseconds: arrays.array("z_itl"), throughputPerGPU: arrays.array("z_thpt_per_gpu"),
        maximumKVTokens: maximumKVTokens)
    } catch {
      throw .file(file.name, error)
    }
  }
}
