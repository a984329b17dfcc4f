import Foundation
import GRDB
import Invocation
import Testing

@testable import StateStore

@Suite("How changes get into the file")
struct JournalTests {
  let scene: StateScene
  let now = StateScene.now

  init() throws { scene = try StateScene() }

  private func mode() throws -> [String] { try scene.rows("PRAGMA journal_mode") }

  @Test("the journal is the one asked for, also when the file had the other one")
  func journalIsChosen() throws {
    for journal in [StateJournal.wal, .delete, .wal, .delete] {
      let store = scene.store { $0.journal = journal }
      _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
      try store.end(owner: "a")
      try store.close()
      #expect(try mode() == [#""\#(journal)""#])
    }
  }

  @Test("a journal that can't be changed because the file is in use is an error after a while")
  func journalInUse() throws {
    try scene.fill(.wal)
    let reader = scene.store()
    #expect(try reader.decisions(limit: 9).count == 2)
    expectError("unusable", saying: "locked") {
      try scene.store {
        $0.journal = .delete
        $0.lockPatienceSeconds = 0.05
      }.begin(owner: "a", now: now, leaseSeconds: 60)
    }
    try reader.close()
  }

  @Test("looking back doesn't change the journal")
  func readersLeaveTheJournal() throws {
    try scene.fill(.delete)
    let before = try scene.bytes()
    let reader = scene.store { $0.journal = .wal }
    #expect(try reader.decisions(limit: 9).count == 2)
    try reader.close()
    #expect(try scene.bytes() == before)
  }

  @Test("a closed file is one file")
  func closedFile() throws {
    try scene.fill(.wal)
    #expect(try scene.files().keys.sorted() == ["planner.sqlite"])
  }

  @Test("with WAL the lease alone is written without waiting for the disk")
  func durability() throws {
    for journal in [StateJournal.wal, .delete] {
      let store = scene.store { $0.journal = journal }
      let level = { (durability: StateConnection.Durability) in
        try store.connection.write(durability) { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
      }
      #expect(try level(.full) == 2)
      #expect(try level(.lease) == (journal == .wal ? 1 : 2))
      #expect(try level(.full) == 2)
      try store.close()
    }
  }

  static let mountTable = """
    21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
    22 21 0:20 / /proc rw,nosuid - proc proc rw
    30 21 0:41 / /mnt/nfs rw shared:5 master:1 - nfs4 server:/export rw,vers=4.2
    31 30 254:1 / /mnt/nfs/disk rw - xfs /dev/vdb rw
    32 21 0:50 / /mnt/with\\040space rw - cifs //server/share rw
    33 21 254:2 / /over rw - ext4 /dev/vdc rw
    34 33 0:60 / /over rw - fuse.sshfs host: rw
    35 21 0:61 / /9p rw - 9p share rw
    36 21 0:62 / /ceph rw - ceph mon:/ rw
    37 21 0:63 / /tmp rw - tmpfs tmpfs rw
    short line
    38 21 0:64 / /broken rw
    """

  @Test(
    "the file system is the one of the innermost mount",
    arguments: [
      ("/", "ext4"), ("/var/lib", "ext4"), ("/mnt", "ext4"), ("/mnt/nfs", "nfs4"),
      ("/mnt/nfs/state", "nfs4"), ("/mnt/nfs/disk/x", "xfs"), ("/mnt/nfsx", "ext4"),
      ("/mnt/with space/x", "cifs"), ("/over/x", "fuse.sshfs"), ("/9p/a", "9p"),
      ("/ceph", "ceph"), ("/tmp/x", "tmpfs"), ("/broken/x", "ext4"),
    ])
  func fileSystem(path: String, type: String) {
    #expect(VolumeKind.type(of: path, mountTable: Array(Self.mountTable.utf8)) == type)
  }

  @Test(
    "where nothing is known of the volume, it counts as a network's",
    arguments: [
      "", "garbage", "1 2 3 4 5 6 - ", "- - - - - - - -",
    ])
  func unknownFileSystem(table: String) {
    #expect(VolumeKind.type(of: "/state", mountTable: Array(table.utf8)) == nil)
  }

  @Test("this host's table can be read, and a pseudo file system is no place for a WAL")
  func thisHost() {
    #expect(!VolumeKind.isLocal("/proc"))
    #expect(!VolumeKind.isLocal("/no/such/folder"))
  }

  @Test("the automatic choice follows the volume")
  func automaticChoice() throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    try store.close()
    #expect(try mode() == [VolumeKind.isLocal(scene.folder.path) ? #""wal""# : #""delete""#])
  }
}
