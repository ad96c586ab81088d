/// Measures workloads round by round, so that what else the machine does hits all of them alike.
struct Runner {
  let options: Options

  func run(_ workloads: [Workload]) async throws -> [Measurement] {
    var subjects: [Subject] = []
    var measurements: [Measurement] = []
    for workload in workloads {
      for clients in workload.clients where options.clients.contains(clients) {
        for executor in options.executors {
          progress("preparing \(workload.name), \(clients) clients, \(executor.rawValue)")
          let subject = try await Subject(workload, clients: clients, executor: executor)
          // Caches, buffers and the allocator's arenas fill up before anything counts.
          _ = try await subject.round(seconds: min(0.05, options.seconds))
          subjects.append(subject)
          measurements.append(
            Measurement(
              workload: workload.name, kind: workload.kind, operations: workload.operations, clients: clients,
              executor: executor))
        }
      }
    }
    for round in 1...options.rounds {
      for (index, subject) in subjects.enumerated() {
        progress("round \(round) of \(options.rounds): \(measurements[index].key)")
        measurements[index].samples.append(try await subject.round(seconds: options.seconds))
      }
    }
    for subject in subjects { try await subject.end() }
    progress("")
    return measurements
  }

  private func progress(_ text: String) {
    guard options.showsProgress else { return }
    Console.error("\r\u{1B}[K\(text)")
  }
}
