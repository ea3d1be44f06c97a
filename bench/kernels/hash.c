#include "start.h"
/* Open addressing: inserts and finds scattered over 4 MiB. */
enum { SLOTS = 1 << 18 };
static uint64_t keys[SLOTS], values[SLOTS];
static uint64_t *find(uint64_t key) {
  uint64_t at = key * 0x9e3779b97f4a7c15u >> 46;
  while (keys[at] && keys[at] != key) at = (at + 1) & (SLOTS - 1);
  keys[at] = key;
  return &values[at];
}
long run(void) {
  memset(keys, 0, sizeof keys);
  memset(values, 0, sizeof values);
  uint64_t x = 88172645463325252u, sum = 0;
  for (int i = 0; i < 1000000; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    *find(x % 150000 + 1) += i;
  }
  for (int i = 0; i < SLOTS; i++) sum += values[i] * keys[i];
  return sum & 0xff;
}
