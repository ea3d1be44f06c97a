#include "start.h"
long run(void) {
  long inside = 0;
  for (int y = 0; y < 200; y++)
    for (int x = 0; x < 200; x++) {
      double cr = x / 80.0 - 1.8, ci = y / 80.0 - 1.25, r = 0, i = 0;
      int n = 0;
      while (n < 200 && r * r + i * i < 4) {
        double t = r * r - i * i + cr;
        i = 2 * r * i + ci;
        r = t;
        n++;
      }
      inside += n;
    }
  return inside & 0xff;
}
