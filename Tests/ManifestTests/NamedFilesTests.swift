import Foundation
import Testing

@Suite("Files that the program and its documents name")
struct NamedFilesTests {
  /// Swift sources and documents of the repository.
  static let texts: [String] = {
    let listed = ["Sources", "docs", "k8s", "examples"].flatMap { folder in
      FileManager.default.enumerator(atPath: Manifests.path(folder))?.compactMap { file in
        (file as? String).map { folder + "/" + $0 }
      } ?? []
    }
    return (listed + ["README.md", "CHANGELOG.md"])
      .filter { name in [".swift", ".md", ".yaml"].contains { name.hasSuffix($0) } }.sorted()
  }()

  @Test("every manifest that a message or a document names exists")
  func everyManifestThatAMessageOr() throws {
    var named: Set<String> = []
    for text in Self.texts {
      for match in try Manifests.text(text).matches(of: /(?:k8s|examples)\/[A-Za-z0-9\/_-]+\.yaml/)
      {
        let file = String(match.output)
        named.insert(file)
        #expect(FileManager.default.fileExists(atPath: Manifests.path(file)), "\(text): \(file)")
      }
    }
    #expect(named.isSuperset(of: ["k8s/base/role.yaml", "k8s/base/lease.yaml"]))
  }
}
