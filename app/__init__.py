"""The application: what wires the rooms together.

OpenMP's threads wait for one another spinning, by default for so long that beside any other work on
the same cores a recognition takes five times its processor time; asleep from the first they take a
third longer to answer where nothing else runs. A thousand turns have neither fault. OpenMP reads
the variable when the first library that brings it is loaded, so it is set before anything else; who
set a policy keeps it.
"""

import os

if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
