#include "start.h"
/* Recursion and branches that can't be foretold. */
static long place(unsigned all, unsigned columns, unsigned left, unsigned right) {
  if (columns == all) return 1;
  long count = 0;
  for (unsigned open = all & ~(columns | left | right); open;) {
    unsigned bit = open & -open;
    open ^= bit;
    count += place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}
long run(void) { return place((1 << 11) - 1, 0, 0, 0) % 251; }
