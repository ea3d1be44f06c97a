# Five bodies in double precision. Argument: steps.
import sys
from math import sqrt

bodies = [
    [[(i * 7 + k * 3) % 11 - 5.0 + i * 0.1 for k in range(3)], [((i * 5 + k) % 7 - 3) * 0.01 for k in range(3)], 1 / (i + 1)]
    for i in range(5)
]
pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1 :]]
for step in range(int(sys.argv[1])):
    for (x1, v1, m1), (x2, v2, m2) in pairs:
        dx, dy, dz = x1[0] - x2[0], x1[1] - x2[1], x1[2] - x2[2]
        square = dx * dx + dy * dy + dz * dz + 0.01
        pull = 0.001 / (square * sqrt(square))
        v1[0] -= dx * m2 * pull
        v1[1] -= dy * m2 * pull
        v1[2] -= dz * m2 * pull
        v2[0] += dx * m1 * pull
        v2[1] += dy * m1 * pull
        v2[2] += dz * m1 * pull
    for x, v, _ in bodies:
        x[0] += 0.001 * v[0]
        x[1] += 0.001 * v[1]
        x[2] += 0.001 * v[2]
print([[f"{c:.9f}" for c in x] for x, _, _ in bodies])
