"""The original planner in a throw-away Python environment, where its packages can be installed."""
import os
import subprocess
import venv

from measuring import median

# ai-dynamo's own dependencies are an inference stack of gigabytes; these are what its planner imports.
PLANNER = ["ai-dynamo==1.0.0", "ai-dynamo-runtime==1.0.0"]
IMPORTED = ["numpy", "scipy", "scikit-learn", "pandas", "pmdarima", "prophet", "filterpy",
            "prometheus-client", "prometheus-api-client", "kubernetes", "aiohttp", "pydantic",
            "pyyaml"]


def peer_python(bench):
    """The interpreter with the original's packages; None, and a note, where they can't be had."""
    if bench.peer is None:
        bench.peer = install(bench)
    return bench.peer or None


def install(bench):
    folder = bench.path("peer")
    python = os.path.join(folder, "bin", "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Told aloud, pip complains about what the planner does not import.
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        venv.create(folder, with_pip=True)
        subprocess.run([*pip, "--no-deps", *PLANNER], check=True, **quiet)
        subprocess.run([*pip, *IMPORTED], check=True, **quiet)
    except (OSError, subprocess.CalledProcessError) as error:
        bench.note("The original was not measured: its packages can't be installed here (%s)."
                   % error)
        return ""
    return python


def measure(bench):
    """Adds what the original takes before it has done anything."""
    python = peer_python(bench)
    if not python:
        return
    command = [python, "-c", "import dynamo.planner.utils.planner_core"]
    bench.time(command)  # compiles the modules
    runs = [bench.time(command, {"PATH": os.environ["PATH"]}) for _ in range(3)]
    if any(run.exit for run in runs):
        bench.note("The original was not measured: its core can't be imported here:\n\n"
                   + runs[0].errors)
        return
    bench.row("the original (ai-dynamo 1.0.0): only to import its core",
              "%.1f s, %.0f MB" % (median([run.wall for run in runs]),
                                   max(run.peak for run in runs)), "", None)
