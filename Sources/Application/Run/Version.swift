/// The program's version, as `--version` and the `User-Agent` header say it.
public let plannerVersion = "0.2.0"
