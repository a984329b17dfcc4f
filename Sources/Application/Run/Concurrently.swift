/// The outputs of `work` in the order of its inputs, up to `jobs` at the same time.
///
/// - Parameter progress: told of every output.
/// - Throws: the first error of `work`.
package func concurrently<Input: Sendable, Output: Sendable>(
  _ inputs: [Input], jobs: Int, progress: Progress? = nil,
  _ work: @escaping @Sendable (Input) async throws -> Output
) async throws -> [Output] {
  try await withThrowingTaskGroup(of: (Int, Output).self) { group in
    var outputs = [Output?](repeating: nil, count: inputs.count)
    var next = 0
    func addNext() {
      guard next < inputs.count else { return }
      let (index, input) = (next, inputs[next])
      group.addTask { (index, try await work(input)) }
      next += 1
    }
    for _ in 0..<max(1, jobs) { addNext() }
    while let (index, output) = try await group.next() {
      outputs[index] = output
      progress?.advance()
      addNext()
    }
    return outputs.compactMap { $0 }
  }
}
