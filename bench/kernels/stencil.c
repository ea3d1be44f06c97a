#include "start.h"
/* Single precision over rows of a grid. */
enum { N = 256 };
static float a[N][N], b[N][N];
long run(void) {
  for (int y = 0; y < N; y++)
    for (int x = 0; x < N; x++) a[y][x] = (x * y) % 17;
  for (int r = 0; r < 40; r++) {
    for (int y = 1; y < N - 1; y++)
      for (int x = 1; x < N - 1; x++)
        b[y][x] = 0.2f * (a[y][x] + a[y - 1][x] + a[y + 1][x] + a[y][x - 1] + a[y][x + 1]);
    for (int y = 1; y < N - 1; y++)
      for (int x = 1; x < N - 1; x++) a[y][x] = b[y][x];
  }
  float sum = 0;
  for (int y = 0; y < N; y++) sum += a[y][y];
  return (long)sum & 0xff;
}
