import ArgumentParser

/// `sla-planner profile`: what engines can do, as it was measured and as it was learned.
struct ProfileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Show an engine profile, answer what it predicts, and check it for nonsense.",
    subcommands: [ProfileShowCommand.self, ProfileLearnCommand.self],
    defaultSubcommand: ProfileShowCommand.self)
}
