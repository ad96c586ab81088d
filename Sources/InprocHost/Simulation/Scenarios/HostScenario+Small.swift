// The catalog's scenarios, as small as an exhaustive search wants them.
extension HostScenario {
  /// Of each scenario in ``all`` what it is about, with two clients, two operations each, and no chaincode that nobody calls.
  ///
  /// The script is the same under every seed, which goes on to choose the configuration of host and ledger.
  public static let small: [HostScenario] = [
    traffic.small([
      invoke(0, "tx0", [.add("k0", 1)]), commit(0, "c0"),
      invoke(1, "tx1", [.put("k0", "v")]), invoke(1, "tx2", [.get("k0")]),
    ]),
    relaunch.small([
      invoke(0, "tx0", [.get("k0")]), invoke(0, "tx1", [.put("k0", "v")]),
      HostOperation(client: 9, label: "n0b", .stop(chaincode: "cc0")),
      HostOperation(client: 9, label: "n0d", .deploy),
    ]),
    calls.small(
      [
        invoke(0, "tx0", [.call("cc1", "", TransactionProgram([.get("k0")]))]), commit(0, "c0"),
        invoke(1, "tx1", in: "cc1", [.call("cc0", "ch1", TransactionProgram([.put("k0", "v")]))]),
        invoke(1, "tx2", [.call("cc0", "", TransactionProgram([.get("k0")]))]),
      ], chaincodes: ["cc0", "cc1"]),
    iterators.small(
      [
        invoke(0, "tx0", [.range("m", "n")]), invoke(0, "tx1", [.page("m", "n", 2), .wait(2)], timeout: 2),
        invoke(1, "tx2", [.put("m001", "v")]), commit(1, "c0"),
      ], rows: 101),
    overload.small([
      invoke(0, "tx0", [.many(["k0", "k1"])]), invoke(0, "tx1", [.get("k0")]),
      invoke(1, "tx2", [.many(["k0", "k1"])]), invoke(1, "tx3", [.put("k0", "v")]),
    ]),
    conflicts.small([
      invoke(0, "tx0", [.add("k0", 1)]), commit(0, "c0"),
      invoke(1, "tx1", [.add("k0", 1)]), commit(1, "c1"),
    ]),
    deployment.small([
      invoke(0, "tx0", [.get("k0")]), invoke(0, "tx1", [.put("k0", "v")]),
      HostOperation(client: 8, label: "d0b", .deploy), HostOperation(client: 8, label: "d1b", .deploy),
    ]),
    hostile.small([
      invoke(0, "tx0", [.add("k0", 1)]), invoke(0, "tx1", [.get("k0")]),
      // REGISTER, COMPLETED, GET_STATE; REGISTERED, READY, TRANSACTION.
      HostOperation(client: 6, label: "h0", .hostile([1, 6, 9])),
      HostOperation(client: 6, label: "hp", .hostilePeer([1, 2, 3])),
    ]),
  ]

  private func small(
    _ script: [HostOperation], chaincodes: [String] = ["cc0"], rows: Int = 0
  ) -> HostScenario {
    HostScenario(
      name: "small-\(name)", chaincodes: chaincodes, channels: channels, timeout: timeout, rows: rows
    ) { _ in script }
  }

  private static func invoke(
    _ client: Int, _ label: String, in chaincode: String = "cc0", _ steps: [TransactionProgram.Step],
    timeout: Int = 0
  ) -> HostOperation {
    HostOperation(
      client: client, label: label,
      .invoke(chaincode: chaincode, channel: "ch0", timeout: timeout, TransactionProgram(steps)))
  }

  private static func commit(_ client: Int, _ label: String) -> HostOperation {
    HostOperation(client: client, label: label, .commit(channel: "ch0"))
  }
}
