import Glibc

/// What the process needs of the machine before it does anything: without a file descriptor, a
/// thread or memory to spare, the libraries below would wait for ever or trap, far from where
/// anybody could say why.
public enum Resources {
  /// Connections (a dozen queries side by side), the state file with its log, the event loops.
  private static let descriptors = 24
  /// Two of the thread pool, that of the transfers, one to spare.
  private static let threads = 4
  /// Megabytes of address space; an invocation takes some 15, its thread stacks the more.
  private static let megabytes = 48

  /// Ends the process with a sentence and exit code 71 (`EX_OSERR`) where something is missing.
  ///
  /// Costs 60 µs.
  public static func require() {
    raiseDescriptorLimit()
    guard let lack = lackOfDescriptors() ?? lackOfMemory() ?? lackOfThreads() else { return }
    printError("Error: This machine has too little left to run: \(lack)")
    _exit(CommandFailure.Code.starved.rawValue)
  }

  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur < 256, limit.rlim_cur < limit.rlim_max
    else { return }
    limit.rlim_cur = min(256, limit.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private static func lackOfDescriptors() -> String? {
    var opened: [Int32] = []
    defer { for descriptor in opened { close(descriptor) } }
    while opened.count < descriptors {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        return
          "\(opened.count) file descriptors where \(descriptors) are needed (\(String(cString: strerror(errno)))). Raise 'ulimit -n'."
      }
      opened.append(descriptor)
    }
    return nil
  }

  private static func lackOfMemory() -> String? {
    let bytes = megabytes << 20
    let place = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard place != MAP_FAILED else {
      return
        "less than \(megabytes) MB of memory (\(String(cString: strerror(errno)))). Raise 'ulimit -v' or the container's limit."
    }
    munmap(place, bytes)
    return nil
  }

  private static func lackOfThreads() -> String? {
    var gate = pthread_mutex_t()
    pthread_mutex_init(&gate, nil)
    pthread_mutex_lock(&gate)
    var started: [pthread_t] = []
    var status: Int32 = 0
    withUnsafeMutablePointer(to: &gate) { gate in
      while started.count < threads, status == 0 {
        var thread = pthread_t()
        // Each waits until all have been started, so that they are there at the same time.
        status = pthread_create(
          &thread, nil,
          { gate in
            guard let gate = gate?.assumingMemoryBound(to: pthread_mutex_t.self) else { return nil }
            pthread_mutex_lock(gate)
            pthread_mutex_unlock(gate)
            return nil
          }, gate)
        if status == 0 { started.append(thread) }
      }
      pthread_mutex_unlock(gate)
      for thread in started { pthread_join(thread, nil) }
    }
    guard status != 0 else { return nil }
    return
      "\(started.count) threads where \(threads) are needed (\(String(cString: strerror(status)))). Raise 'ulimit -u' or the container's limit of processes."
  }
}
