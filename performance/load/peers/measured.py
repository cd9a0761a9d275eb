"""Runs a program and prints what it and all of its children used, as one line of JSON."""

import json
import resource
import subprocess
import sys

code = subprocess.run(sys.argv[1:], stdout=sys.stderr).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"cpuS": used.ru_utime + used.ru_stime, "maxRssMb": used.ru_maxrss / 1024}))
sys.exit(code)
