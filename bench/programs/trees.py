# Binary trees as tuples, made and counted. Argument: the largest depth.
import sys


def make(depth):
    return (make(depth - 1), make(depth - 1)) if depth else (None, None)


def count(tree):
    left, right = tree
    return 1 + count(left) + count(right) if left else 1


most = int(sys.argv[1])
kept = make(most)
for depth in range(4, most + 1, 2):
    times = 1 << (most - depth)
    print(depth, times, sum(count(make(depth)) for _ in range(times)))
print(count(kept))
