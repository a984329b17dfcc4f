import HTTPTransport
import Invocation
import Planning

/// Reads the load of each worker from the router's metrics page.
public struct RouterPageSource: WorkerSource {
  private let client: any HTTPClient
  private let access: HTTPAccess
  private let limits: HTTPLimits
  private let dynamoNamespace: String
  private let now: @Sendable () -> Double
  private let sleep: @Sendable (_ seconds: Double) async throws -> Void

  /// Creates a source.
  ///
  /// - Parameters:
  ///   - client: sends the requests.
  ///   - dynamoNamespace: keeps the workers of this Dynamo namespace where the series carry one;
  ///     empty keeps all.
  ///   - access: credentials and trust for the router's page.
  ///   - limits: limits of each fetch. A page of 20,000 workers has about 14 MB.
  ///   - now: Unix seconds, the time stamp of a sample.
  ///   - sleep: waits between two samples.
  public init(
    client: any HTTPClient, dynamoNamespace: String, access: HTTPAccess = HTTPAccess(),
    limits: HTTPLimits = HTTPLimits(), now: @escaping @Sendable () -> Double,
    sleep: @escaping @Sendable (_ seconds: Double) async throws -> Void
  ) {
    self.client = client
    self.dynamoNamespace = dynamoNamespace
    self.access = access
    self.limits = limits
    self.now = now
    self.sleep = sleep
  }

  /// Takes the samples one after another. A fetch that fails is named in a warning and left out;
  /// when the last one fails, the report has a failure.
  ///
  /// - Throws: an unusable URL, an unreadable file (``HTTPError``), a cancelled invocation.
  public func sampleWorkers(
    url: String, modelName: String?, count: Int, spacingSeconds: Double
  ) async throws -> WorkerReport {
    let count = max(1, count)
    var report = WorkerReport(samples: [])
    for number in 1...count {
      let start = now()
      switch try await fetch(url) {
      case .success(let page):
        let found = page.workers(modelName: modelName, dynamoNamespace: dynamoNamespace)
        // A filter that matches nothing says nothing of our workers: unknown, not none.
        report.failure = fault(of: page, at: start, url) ?? found.fault ?? found.mismatch
        // What can't be told whose it is must not be learned from either.
        if report.failure == nil || found.fault == nil && found.mismatch != nil {
          report.samples.append(WorkerSample(time: start, workers: found.live))
        }
        report.limits = page.facts.limits(of: modelName) ?? report.limits
        for warning in found.warnings where !report.warnings.contains(warning) {
          report.warnings.append(warning)
        }
      case .failure(let failure) where number == count:
        report.failure = failure.sentence
      case .failure(let failure):
        report.warnings.append("Sample \(number) of \(count) is missing: \(failure.sentence)")
      }
      if number < count, spacingSeconds > 0 {
        // The time of the fetch is part of the spacing. A clock that stands still or jumps can
        // make a pause longer or shorter by one spacing, never more.
        let elapsed = min(max(now() - start, 0), spacingSeconds)
        if elapsed < spacingSeconds { try await sleep(spacingSeconds - elapsed) }
      }
    }
    return report
  }

  /// As old as a sample with a time stamp may be: two scrapes of a collector in between.
  private static let oldestSampleSeconds = 120.0

  /// What is wrong with a page as a whole; nil when nothing is.
  private func fault(of page: RouterPage, at time: Double, _ url: String) -> String? {
    let shown = EndpointURL(url).url
    if page.series.isEmpty, page.facts.registrations.isEmpty {
      let others =
        page.namesWithOtherPrefix.isEmpty
        ? "" : "; it has \(page.namesWithOtherPrefix.joined(separator: ", ")) instead"
      return "GET \(shown): the page shows none of the gauges \(RouterGauge.prefix)active_* and "
        + "\(RouterGauge.prefix)last_* that tell the workers' load\(others). They appear with the first "
        + "request; else check that it is the frontend's page and that nothing renames its metrics."
    }
    if let stamp = page.oldestStamp, time - stamp > Self.oldestSampleSeconds {
      return
        "GET \(shown): the page's samples are dated up to \(Int((time - stamp).rounded())) s ago, "
        + "so they are no load of now. Name the frontend's own page."
    }
    return nil
  }

  /// Reads the page, or all of several whose addresses are separated by commas: each frontend's
  /// router counts only the load that it placed itself, so they add up.
  private func fetch(_ urls: String) async throws -> Result<RouterPage, FetchFailure> {
    let urls = urls.split(separator: ",").map(String.init)
    guard urls.count > 1 else { return try await fetchPage(urls.first ?? "") }
    return try await withThrowingTaskGroup(of: (Int, Result<RouterPage, FetchFailure>).self) {
      for (index, url) in urls.enumerated() { $0.addTask { (index, try await fetchPage(url)) } }
      var pages = [RouterPage?](repeating: nil, count: urls.count)
      for try await (index, page) in $0 {
        switch page {
        case .success(let page): pages[index] = page
        case .failure(let failure): return .failure(failure)
        }
      }
      return .success(RouterPage(merging: pages.compactMap(\.self)))
    }
  }

  private func fetchPage(_ url: String) async throws -> Result<RouterPage, FetchFailure> {
    let endpoint = EndpointURL(url)
    let request = HTTPRequest(
      "GET", endpoint.url, headers: [HTTPHeader("Accept", "text/plain;version=0.0.4,*/*;q=0.1")],
      access: endpoint.adding(to: access), limits: limits)
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await client.send(request)
    } catch {
      return .failure(try FetchFailure(error))
    }
    guard response.status == 200 else {
      return .failure(FetchFailure(status: response.status, response.body, of: endpoint.url))
    }
    do {
      return .success(try RouterPage.parse(response.body))
    } catch {
      return .failure(FetchFailure(sentence: "GET \(endpoint.url): \(error)"))
    }
  }
}
