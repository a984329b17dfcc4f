import GRDB
import Invocation

extension StateError {
  /// Says in words what went wrong in the file at `path`; nil for what is not about the file.
  ///
  /// - Parameter waited: seconds that were spent waiting for a lock.
  init?(_ error: any Error, path: String, waited: Double) {
    switch error {
    case let error as DatabaseError: self.init(sqlite: error, path: path, waited: waited)
    case let error as ImplausibleRow: self = .corrupt(path: path, reason: error.description)
    case let error as RowDecodingError: self = .corrupt(path: path, reason: "\(error)")
    default: return nil
    }
  }

  private init(sqlite error: DatabaseError, path: String, waited: Double) {
    let message = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    switch error.extendedResultCode {
    case .SQLITE_IOERR_SHORT_READ, .SQLITE_IOERR_DATA, .SQLITE_IOERR_CORRUPTFS:
      self = .corrupt(path: path, reason: message)
      return
    default: break
    }
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
      self = .corrupt(path: path, reason: message)
    case .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_MISMATCH:
      // The statements are fixed: if SQLite finds fault with one, a table is not what it was.
      self = .corrupt(path: path, reason: "its tables are not as they were made: \(message)")
    default:
      self = .unusable(path: path, reason: Self.advice(error, message: message, waited: waited))
    }
  }

  /// What to say of a volume that takes no more.
  static let fullDisk =
    "The disk is full; nothing of this step was saved. Make room and run again."

  /// What happened and what to do, for a file that is whole as far as anybody knows.
  private static func advice(_ error: DatabaseError, message: String, waited: Double) -> String {
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
      "Another process has kept it locked for \(waited) s: a backup, a sqlite3 shell in a "
        + "transaction, or a hanging sla-planner. `fuser` names it; end it and run again."
    case .SQLITE_FULL: fullDisk
    case .SQLITE_READONLY:
      "It can't be written (\(message)). Check the permissions of the file and its folder, and "
        + "that the volume is not mounted read-only."
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      "It can't be opened (\(message)). Check that this user may read and write the file and "
        + "create files in its folder."
    case .SQLITE_IOERR:
      "Reading or writing failed (\(message), SQLite code \(error.extendedResultCode.rawValue)). "
        + "Check the volume it lies on."
    case .SQLITE_CONSTRAINT:
      "It refuses what was to be saved (\(message)); nothing of this step was saved. "
        + "This is a mistake in sla-planner: please report it."
    default:
      "SQLite reports \"\(message)\" (code \(error.extendedResultCode.rawValue))."
    }
  }
}

/// A row that no version of this program could have written.
struct ImplausibleRow: Error, CustomStringConvertible {
  /// Names the row and what is wrong with it.
  var description: String
}
