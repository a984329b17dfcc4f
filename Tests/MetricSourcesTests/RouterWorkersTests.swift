import Planning
import Testing

@testable import MetricSources

@Suite("Workers on a router page")
struct RouterWorkersTests {
  private func workers(
    _ lines: [String], model: String? = nil, namespace: String = ""
  ) throws -> RouterWorkers {
    let text = lines.joined(separator: "\n")
      .replacing("prefill_tokens{", with: "dynamo_frontend_worker_active_prefill_tokens{")
      .replacing("decode_blocks{", with: "dynamo_frontend_worker_active_decode_blocks{")
      .replacing("ttft{", with: "dynamo_frontend_worker_last_time_to_first_token_seconds{")
      .replacing("isl{", with: "dynamo_frontend_worker_last_input_sequence_tokens{")
      .replacing("itl{", with: "dynamo_frontend_worker_last_inter_token_latency_seconds{")
    return try RouterPage.parse(Array(text.utf8))
      .workers(modelName: model, dynamoNamespace: namespace)
  }

  @Test("have their gauges in milliseconds and tokens, sorted by component and id") func gauges()
    throws
  {
    let found = try workers([
      #"decode_blocks{worker_id="9",worker_type="decode"} 65"#,
      #"decode_blocks{worker_id="10",worker_type="decode"} 0"#,
      #"prefill_tokens{worker_id="7",worker_type="prefill"} 1500"#,
      #"ttft{worker_id="7",worker_type="prefill"} 0.25"#,
      #"isl{worker_id="7",worker_type="prefill"} 3000"#,
      #"itl{worker_id="9",worker_type="decode"} 0.0125"#,
    ])
    #expect(
      found.live == [
        WorkerGauges(
          workerID: "7", component: .prefill, activePrefillTokens: 1500,
          lastTTFTMilliseconds: 250, lastISL: 3000),
        WorkerGauges(workerID: "10", component: .decode, activeDecodeBlocks: 0),
        WorkerGauges(
          workerID: "9", component: .decode, activeDecodeBlocks: 65, lastITLMilliseconds: 12.5),
      ])
    #expect(found.warnings.isEmpty)
  }

  @Test("peer fault 22: a removed worker of which only last_* is left is gone, rank by rank")
  func ghosts() throws {
    let found = try workers([
      #"ttft{worker_id="1",worker_type="prefill"} 9"#,
      #"isl{worker_id="1",worker_type="prefill"} 9"#,
      #"prefill_tokens{worker_id="2",dp_rank="0",worker_type="prefill"} 10"#,
      #"ttft{worker_id="2",dp_rank="0",worker_type="prefill"} 0.1"#,
      #"ttft{worker_id="2",dp_rank="1",worker_type="prefill"} 99"#,
    ])
    #expect(found.live.map(\.workerID) == ["2"])
    #expect(found.live.map(\.lastTTFTMilliseconds) == [100])
  }

  @Test("peer fault 21: ranks of one worker are one worker, loads summed, latencies weighted")
  func ranks() throws {
    let found = try workers([
      #"prefill_tokens{worker_id="1",dp_rank="0",worker_type="prefill"} 3000"#,
      #"prefill_tokens{worker_id="1",dp_rank="1",worker_type="prefill"} 1000"#,
      #"prefill_tokens{worker_id="1",dp_rank="2",worker_type="prefill"} 0"#,
      #"ttft{worker_id="1",dp_rank="0",worker_type="prefill"} 0.4"#,
      #"ttft{worker_id="1",dp_rank="1",worker_type="prefill"} 0.2"#,
      #"ttft{worker_id="1",dp_rank="2",worker_type="prefill"} 35.8"#,
      #"isl{worker_id="1",dp_rank="0",worker_type="prefill"} 100"#,
      #"isl{worker_id="1",dp_rank="1",worker_type="prefill"} 200"#,
      #"decode_blocks{worker_id="1",dp_rank="0",worker_type="decode"} 0"#,
      #"decode_blocks{worker_id="1",dp_rank="1",worker_type="decode"} 0"#,
      #"itl{worker_id="1",dp_rank="0",worker_type="decode"} 0.01"#,
      #"itl{worker_id="1",dp_rank="1",worker_type="decode"} 0.03"#,
    ])
    #expect(found.live.count == 2)
    let prefill = try #require(found.live.first)
    #expect(prefill.activePrefillTokens == 4000)
    #expect(prefill.lastTTFTMilliseconds == 350)
    #expect(prefill.lastISL == 125)
    #expect(prefill.rankTTFTMilliseconds == [400, 200, 35_800])
    let decode = try #require(found.live.last)
    #expect(decode.activeDecodeBlocks == 0)
    #expect(decode.lastITLMilliseconds == 20)
    #expect(decode.rankITLMilliseconds == [10, 30])
  }

  @Test("peer fault 21: a missing or empty worker_id is named by its line and left out")
  func withoutID() throws {
    let found = try workers([
      #"decode_blocks{worker_type="decode"} 5"#, #"decode_blocks{worker_id="",worker_type="x"} 5"#,
      #"decode_blocks{worker_id="1",worker_type="decode"} 5"#,
    ])
    #expect(found.live.map(\.workerID) == ["1"])
    #expect(found.warnings.count == 1)
    #expect(found.warnings.first?.contains("line 1") == true)
  }

  @Test(
    "of an unknown type are named and left out", arguments: ["aggregated", "Decode", "", "x\ny"])
  func unknownType(_ type: String) throws {
    let written = type.replacing("\n", with: #"\n"#)
    let found = try workers([
      #"decode_blocks{worker_id="1",worker_type="\#(written)"} 5"#,
      #"decode_blocks{worker_id="2",worker_type="decode"} 5"#,
    ])
    #expect(found.live.map(\.workerID) == ["2"])
    #expect(found.warnings.first?.contains("line 1 says") == true)
  }

  @Test(
    "peer fault 25: lose a gauge that can't be right, and it is named",
    arguments: ["NaN", "+Inf", "-Inf", "-1", "1e309"])
  func refusedGauges(_ value: String) throws {
    let found = try workers([
      #"prefill_tokens{worker_id="1",worker_type="prefill"} \#(value)"#,
      #"ttft{worker_id="1",worker_type="prefill"} \#(value)"#,
      #"isl{worker_id="1",worker_type="prefill"} 5"#,
      #"decode_blocks{worker_id="2",dp_rank="0",worker_type="decode"} 1"#,
      #"decode_blocks{worker_id="2",dp_rank="1",worker_type="decode"} \#(value)"#,
    ])
    #expect(
      found.live == [
        WorkerGauges(workerID: "1", component: .prefill, lastISL: 5),
        WorkerGauges(workerID: "2", component: .decode),
      ])
    let warning = try #require(found.warnings.first)
    #expect(warning.contains("active_prefill_tokens") && warning.contains("'1'"))
  }

  @Test("whose sum or unit conversion overflows lose the gauge") func overflow() throws {
    let found = try workers([
      #"decode_blocks{worker_id="2",dp_rank="0",worker_type="decode"} 1e308"#,
      #"decode_blocks{worker_id="2",dp_rank="1",worker_type="decode"} 1e308"#,
      #"itl{worker_id="2",dp_rank="1",worker_type="decode"} 1e308"#,
    ])
    #expect(found.live == [WorkerGauges(workerID: "2", component: .decode)])
  }

  @Test(
    "peer fault 33: are kept by model whatever its case, and where there is no model label",
    arguments: ["meta/Llama", "META/LLAMA", "meta/llama"])
  func model(_ name: String) throws {
    let found = try workers(
      [
        #"decode_blocks{model="Meta/llama",worker_id="1",worker_type="decode"} 1"#,
        #"decode_blocks{model="other",worker_id="2",worker_type="decode"} 1"#,
        #"decode_blocks{worker_id="3",worker_type="decode"} 1"#,
        #"decode_blocks{model="meta/llamas",worker_id="4",worker_type="decode"} 1"#,
      ], model: name)
    #expect(found.live.map(\.workerID) == ["1", "3"])
  }

  @Test(
    "peer fault 19: are kept by Dynamo namespace in every spelling of it",
    arguments: [
      ("my-ns", "my_ns", true), ("my_ns", "my-ns", true), ("my-ns", "my-ns", true),
      ("my-ns", "my_ns_1a2b3c4d", true), ("my-ns", "my-ns-1a2b3c4d", true),
      ("my-ns", "my_ns_2", false), ("my-ns", "my_ns_other1234", false),
      ("my-ns", "my_ns1a2b3c4d", false), ("my-ns", "my", false), ("my-ns", "zzz", false),
      ("my-ns", "my_ns_1a2b3c4", false), ("my-ns", "MY_NS", false), ("", "zzz", true),
    ])
  func namespaces(_ wanted: String, _ label: String, _ matches: Bool) throws {
    let found = try workers(
      [
        #"decode_blocks{dynamo_namespace="\#(label)",worker_id="1",worker_type="decode"} 1"#,
        #"decode_blocks{worker_id="2",worker_type="decode"} 1"#,
      ], namespace: wanted)
    #expect(found.live.map(\.workerID) == (matches ? ["1", "2"] : ["2"]))
    #expect(DynamoNamespace(name: wanted).matches(label) == matches)
  }

  @Test("that the filter leaves none of: the values there are get named") func nothingMatches()
    throws
  {
    let found = try workers(
      [
        #"decode_blocks{dynamo_namespace="b",model="x",worker_id="1",worker_type="decode"} 1"#,
        #"decode_blocks{dynamo_namespace="a",model="y",worker_id="2",worker_type="decode"} 1"#,
      ], model: "Llama", namespace: "mine")
    #expect(found.live.isEmpty)
    #expect(
      found.mismatch
        == "No worker on the page is of model 'Llama' in Dynamo namespace 'mine'; there are models "
        + "'x', 'y'; Dynamo namespaces 'a', 'b'.")
  }
}
