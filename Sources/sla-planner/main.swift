import Application
import Commands
import Glibc

// What is planned and served is this user's business alone: state, recordings, pages. Whatever is
// meant for others (the metrics' text file) says so itself.
umask(0o077)

Resources.require()

// Not `await` at the top: that would end this thread by unwinding its stack, for which 1.5 MB of
// the program's tables are read. It waits here instead until the process ends.
Task.detached {
  await SLAPlanner.execute()
  exit(EXIT_SUCCESS)
}
while true { pause() }
