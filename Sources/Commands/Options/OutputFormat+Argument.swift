import ArgumentParser
import Settings

extension OutputFormat: ExpressibleByArgument {}
