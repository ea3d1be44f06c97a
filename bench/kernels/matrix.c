#include "start.h"
#define N 160
static double a[N][N], b[N][N], c[N][N];
long run(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) { a[i][j] = i / (j + 1.0); b[i][j] = j - i * 0.37; }
  for (int r = 0; r < 3; r++)
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        double s = 0;
        for (int k = 0; k < N; k++) s += a[i][k] * b[k][j];
        c[i][j] = s;
      }
  double t = 0;
  for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) t += c[i][j];
  return ((long)t) & 0xff;
}
