import Commands
import Glibc

// Not `await` at the top: that would end this thread by unwinding its stack, for which 1.5 MB of
// the program's tables are read. It waits here instead until the process ends.
Task.detached {
  await SLAPlanner.execute()
  exit(EXIT_SUCCESS)
}
while true { pause() }
