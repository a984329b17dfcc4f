import ArgumentParser
import Settings

/// A command that takes the flags of `run`. They carry texts only: flags, environment and
/// configuration file are read by one and the same code in `Settings`.
///
/// A protocol rather than one more group of options: debug builds of the argument parser check
/// every group once more for each level it lies below the command, at 0.5 s a level.
protocol RunOptions {
  var common: CommonOptions { get }
  var throughput: ThroughputOptions { get }
  var sizing: SizingOptions { get }
  var load: LoadOptions { get }
  var damping: DampingOptions { get }
  var state: StateOptions { get }
  var sources: SourceOptions { get }
  var connectors: ConnectorOptions { get }
  var output: OutputOptions { get }
}

extension RunOptions {
  /// What was given on the command line, by the options' names.
  var flagLayer: [String: String] {
    [
      common.given, throughput.given, sizing.given, load.given, damping.given, state.given,
      sources.given, connectors.given, output.given,
    ]
    .joined()
    .reduce(into: [:]) { layer, flag in
      if let text = flag.text { layer[flag.option.name] = text }
    }
  }
}

/// An option with what the command line says of it; nil for nothing.
typealias GivenFlag = (option: PlannerOption, text: String?)
