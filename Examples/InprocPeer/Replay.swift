struct ReplayCommand { func run(arguments: [String]) async -> Int32 { 0 } }
