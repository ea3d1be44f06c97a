#include "start.h"
/* LZ77 with a hash of three bytes, greedy, and back again: byte streams with branches. */
enum { SIZE = 1 << 20 };
static uint8_t in[SIZE], out[SIZE * 2], back[SIZE];
static int head[1 << 14];
long run(void) {
  uint32_t x = 1;
  for (int i = 0; i < SIZE; i++) {
    x = x * 1103515245 + 12345;
    in[i] = x >> 16 & 7 ? "the quick brown fox jumps over"[(x >> 20 ^ i) % 30] : (uint8_t)i;
    if (i > 64 && (x >> 24) < 40)
      for (int k = 0; k < 24 && i < SIZE - 1; k++, i++) in[i + 1] = in[i - 60];
  }
  for (int i = 0; i < 1 << 14; i++) head[i] = -1;
  int o = 0;
  for (int i = 0; i < SIZE;) {
    int best = 0, from = -1;
    if (i + 3 < SIZE) {
      uint32_t h = (in[i] | in[i + 1] << 8 | in[i + 2] << 16) * 2654435761u >> 18;
      from = head[h];
      head[h] = i;
      if (from >= 0 && i - from < 65536)
        while (best < 255 && i + best < SIZE && in[from + best] == in[i + best]) best++;
    }
    if (best > 3) {
      out[o++] = 1, out[o++] = best, out[o++] = i - from, out[o++] = (i - from) >> 8;
      i += best;
    } else out[o++] = 0, out[o++] = in[i++];
  }
  int n = 0;
  for (int i = 0; i < o;) {
    if (out[i] == 0) back[n++] = out[i + 1], i += 2;
    else {
      int length = out[i + 1], from = n - (out[i + 2] | out[i + 3] << 8);
      for (int k = 0; k < length; k++) back[n++] = back[from++];
      i += 4;
    }
  }
  for (int i = 0; i < SIZE; i++)
    if (in[i] != back[i]) return 255;
  return o % 251;
}
