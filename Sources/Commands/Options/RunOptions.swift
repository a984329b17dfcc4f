import ArgumentParser
import Settings

/// A command that takes the flags of `run`. They carry texts only: flags, environment and
/// configuration file are read by one and the same code in `Settings`.
///
/// A protocol rather than one more group of options: debug builds of the argument parser check
/// every group once more for each level it lies below the command, at 0.5 s a level.
protocol RunOptions {
  var common: SectionFlags<CommonSettings> { get }
  var throughput: SectionFlags<ThroughputSettings> { get }
  var sizing: SectionFlags<SizingSettings> { get }
  var load: SectionFlags<LoadSettings> { get }
  var damping: SectionFlags<DampingSettings> { get }
  var state: SectionFlags<StateSettings> { get }
  var sources: SectionFlags<SourceSettings> { get }
  var connectors: SectionFlags<ConnectorSettings> { get }
  var output: SectionFlags<OutputSettings> { get }
}

extension RunOptions {
  /// What was given on the command line, by the options' names.
  var flagLayer: [String: String] {
    [
      common.layer, throughput.layer, sizing.layer, load.layer, damping.layer, state.layer,
      sources.layer, connectors.layer, output.layer,
    ]
    .reduce(into: [:]) { all, section in all.merge(section) { given, _ in given } }
  }
}
