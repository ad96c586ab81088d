import Foundation

var arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "replay" { arguments.removeFirst() }
exit(await ReplayCommand().run(arguments: arguments))
