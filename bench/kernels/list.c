#include "start.h"
struct node { struct node *next; long value; };
static struct node nodes[65536];
long run(void) {
  uint32_t at = 0, x = 1;
  for (int i = 0; i < 65536; i++) {
    x = (x * 40503u + 1) & 65535;
    nodes[at].next = &nodes[x];
    nodes[at].value = i;
    at = x;
  }
  long sum = 0;
  struct node *n = nodes;
  for (int i = 0; i < 20000000; i++) { sum += n->value; n = n->next; }
  return sum & 0xff;
}
