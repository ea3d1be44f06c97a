#include "start.h"
/* Allocation and pointers: builds, walks and lets go of binary trees. */
struct tree { struct tree *left, *right; };
static struct tree pool[1 << 17];
static struct tree *unused;
static struct tree *make(int depth) {
  struct tree *t = unused;
  unused = t->left;
  t->left = depth ? make(depth - 1) : 0;
  t->right = depth ? make(depth - 1) : 0;
  return t;
}
static long drop(struct tree *t) {
  long count = 1;
  if (t->left) count += drop(t->left) + drop(t->right);
  t->left = unused;
  unused = t;
  return count;
}
long run(void) {
  unused = 0;
  for (int i = (1 << 17) - 1; i >= 0; i--) pool[i].left = unused, unused = &pool[i];
  long count = 0;
  for (int depth = 4; depth <= 15; depth++)
    for (int i = 0; i < 1 << (15 - depth); i++) count += drop(make(depth));
  return count % 251;
}
