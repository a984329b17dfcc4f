/// A part of very many workers that stands for all of them: what is learned from and what is kept of
/// a decision stays bounded, however large the deployment.
///
/// Up to ``exactCount`` workers it holds every one. Above, it holds those whose id has a hash below a
/// bound, so about ``exactCount`` of them, and nearly the same ones from one look to the next: a
/// worker is compared with what it showed before. Of 50,000 workers, with a bound at a hundredth of
/// the hashes, 500 are held, give or take 45.
///
/// The decision itself counts every worker.
public struct WorkerSketch: Sendable, Equatable {
  /// The most workers that are all held.
  public static let exactCount = 500

  private let bound: UInt64

  /// A sketch of so many workers.
  public init(of count: Int) {
    bound =
      count <= Self.exactCount
      ? .max : UInt64(Double(UInt64.max) * (Double(Self.exactCount) / Double(count)))
  }

  /// Whether it holds every worker.
  public var isExact: Bool { bound == .max }

  /// Whether it holds the worker with this id.
  public func holds(_ workerID: String) -> Bool { isExact || Self.hash(workerID) <= bound }

  /// FNV-1a (Fowler, Noll, Vo) and the finaliser of MurmurHash3 after it: ids that differ in their
  /// last digits only are far apart. Not the library's hash, which is another one in every process.
  private static func hash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return hash ^ (hash >> 33)
  }
}

extension WorkerSample {
  /// The sample with the workers that stand for all; itself where those are all.
  public var sketched: WorkerSample {
    let sketch = WorkerSketch(of: workers.count)
    guard !sketch.isExact else { return self }
    var sample = self
    sample.workers = workers.filter { sketch.holds($0.workerID) }
    sample.omittedWorkers = (omittedWorkers ?? 0) + workers.count - sample.workers.count
    return sample
  }
}

extension LoadSide {
  /// The side with the workers that stand for all; itself where those are all.
  public var sketched: LoadSide {
    let sketch = WorkerSketch(of: loads.count)
    guard !sketch.isExact else { return self }
    var side = self
    side.loads = loads.filter { sketch.holds($0.workerID) }
    side.omittedLoads = (omittedLoads ?? 0) + loads.count - side.loads.count
    return side
  }
}
