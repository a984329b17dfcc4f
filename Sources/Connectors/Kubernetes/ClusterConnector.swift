import Invocation

/// A connector to something in a cluster.
public protocol ClusterConnector: Connector {
  /// Makes sure that every change of an order may be written, before the first one is.
  ///
  /// - Throws: ``ConnectorError/permissionDenied(_:)``.
  func checkRights(for order: ScalingOrder) async throws

  /// The permissions that it needs for what it observed last.
  ///
  /// - Parameters:
  ///   - lease: the name of the Lease, if one is used.
  ///   - isDryRun: whether nothing will be written.
  func requiredPermissions(lease: String?, isDryRun: Bool) async -> [KubernetesPermission]
}
