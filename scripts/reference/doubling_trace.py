"""Writes the trace of the overload drill (docs/sizing.md): requests by a Poisson process whose rate
doubles half-way, with log-normal lengths.

    python3 scripts/reference/doubling_trace.py [REQUESTS_A_SECOND] > doubling.csv
"""
import math
import random
import sys

RATE = float(sys.argv[1]) if len(sys.argv) > 1 else 40.0
HALF_SECONDS = 1800


def length(random_numbers, mean, variation=0.5):
    """A log-normal length with this mean and standard deviation over mean."""
    sigma = math.sqrt(math.log(1 + variation ** 2))
    return max(1, round(random_numbers.lognormvariate(math.log(mean) - sigma ** 2 / 2, sigma)))


numbers = random.Random(1)
print("time,isl,osl")
time = 0.0
while True:
    time += numbers.expovariate(RATE if time < HALF_SECONDS else 2 * RATE)
    if time >= 2 * HALF_SECONDS:
        break
    print("%.3f,%d,%d" % (time, length(numbers, 3000), length(numbers, 250)))
