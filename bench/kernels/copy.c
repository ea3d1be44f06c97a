#include "start.h"
static uint64_t a[131072], b[131072];
long run(void) {
  for (int i = 0; i < 131072; i++) a[i] = i;
  for (int r = 0; r < 40; r++) {
    uint64_t *s = a, *d = b, *e = a + 131072;
    do { d[0] = s[0]; d[1] = s[1]; d[2] = s[2]; d[3] = s[3]; d += 4; s += 4; } while (s < e);
  }
  return b[77777] & 0xff;
}
