/// What the leak checker of the address sanitizer lets pass: runs that a test lets fail on purpose.
///
/// A simulated deadlock leaves its tasks suspended for ever, and nothing can free them. The names are those of test suites, as the
/// compiler spells them, and of the part of the simulator that runs failures again.
/// What is made for a global constant, and the side table of a weak reference, to which the object points by a shifted address, are no
/// leaks; the checker cannot see who has them.
@_cdecl("__lsan_default_suppressions")
public func deliberateLeaks() -> UnsafePointer<CChar> {
  unsafe UnsafeRawPointer(names.utf8Start).assumingMemoryBound(to: CChar.self)
}

private let names: StaticString = """
  leak:PlantedBug
  leak:OwnChaincodeExample
  leak:InprocHostTests09SimulatorC
  leak:InprocHostTests012VirtualClockC0V5stuck
  leak:InprocHostTests016SimulationCorpusC
  leak:InprocHostTests019SimulationInvariantC
  leak:InprocHostTests08WatchdogC
  leak:SimulationShrinker
  leak:ScenarioV5small
  leak:swift_weakInit

  """
