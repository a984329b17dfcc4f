import Planning

extension DeploymentStatus {
  /// Why the page at `url`, or the pages, separated by commas, don't tell all of the workers' load;
  /// nil when they do.
  public func unreadFrontends(url: String) -> String? {
    let pages = url.split(separator: ",").count
    guard let frontends, frontends > pages else { return nil }
    return "There are \(frontends) frontends, and each one's router counts only the load that it "
      + "placed itself, but \(pages) of their pages \(pages == 1 ? "is" : "are") read. Leave "
      + "--loadbased-router-metrics-url out and let the planner list pods, name all pages there, "
      + "separated by commas, or start the frontends with --router-replica-sync."
  }
}
