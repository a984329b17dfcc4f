import Foundation

/// What is known of the file system that a folder lies on.
///
/// The list names file systems that belong to one host, not those that don't (NFS, SMB, FUSE, 9P,
/// Ceph, cluster file systems, …): one that nobody thought of then costs a few milliseconds, where
/// the other way round it could cost the state.
enum VolumeKind {
  /// Types, as the mount table spells them, that are one host's own storage.
  private static let localTypes = [
    "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs", "tmpfs", "ramfs", "overlay",
  ]

  /// Whether `folder` is known to lie on storage of this host alone; false when nothing can be
  /// found out.
  static func isLocal(_ folder: String) -> Bool {
    guard let real = realpath(folder, nil) else { return false }
    defer { free(real) }
    guard let type = type(of: String(cString: real), mountTable: mountTable()) else { return false }
    return localTypes.contains(type)
  }

  /// The file system type of the mount that `path` lies on; nil when the table doesn't tell.
  ///
  /// - Parameters:
  ///   - path: absolute, without symbolic links.
  ///   - mountTable: the bytes of `/proc/self/mountinfo`.
  ///     Source: proc_pid_mountinfo(5): the mount point is the fifth field, the type follows ` - `.
  static func type(of path: String, mountTable: [UInt8]) -> String? {
    let path = Array(path.utf8)
    var best: (mountPoint: [UInt8], type: ArraySlice<UInt8>)?
    for line in mountTable.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " "))
      guard fields.count > 6, let dash = fields[6...].firstIndex(of: [UInt8(ascii: "-")]),
        fields.indices.contains(dash + 1)
      else { continue }
      let mountPoint = unescaped(fields[4])
      // The longest mount point counts, and of two on the same one the later, which covers it.
      if contains(mountPoint, path), mountPoint.count >= best?.mountPoint.count ?? 0 {
        best = (mountPoint, fields[dash + 1])
      }
    }
    return best.map { String(decoding: $0.type, as: UTF8.self) }
  }

  /// The bytes of the mount table of this process; none where there is no such table.
  private static func mountTable() -> [UInt8] {
    guard let file = fopen("/proc/self/mountinfo", "r") else { return [] }
    defer { fclose(file) }
    var table: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      table.append(contentsOf: buffer[..<count])
    }
    return table
  }

  private static func contains(_ mountPoint: [UInt8], _ path: [UInt8]) -> Bool {
    let slash = UInt8(ascii: "/")
    guard mountPoint != [slash] else { return true }
    return path.starts(with: mountPoint)
      && (path.count == mountPoint.count || path[mountPoint.count] == slash)
  }

  /// Undoes the table's `\040` for a space, `\011`, `\012` and `\134`.
  private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
    guard field.contains(UInt8(ascii: "\\")) else { return Array(field) }
    var bytes: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(3), as: UTF8.self)
      if byte == UInt8(ascii: "\\"), let code = UInt8(digits, radix: 8) {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }
}
