import HTTPTransport

/// The client that the planner itself uses.
func realHTTPClient() -> CurlHTTPClient { CurlHTTPClient(version: "tests") }
