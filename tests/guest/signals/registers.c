// A signal that arrives in the middle of computation leaves every register as it was, floating point included.
#include "t.h"
#include <math.h>
static volatile int hits;
static volatile double spoil;
static void handler(int s) {
  (void)s;
  hits++;
  // Use what the interrupted code uses.
  double x = hits, y = 1;
  for (int i = 0; i < 10; i++) y = y * x + 1.5;
  spoil = y;
}
static uint64_t mix(int rounds) {
  uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
  double x = 1, y = 2, z = 3, w = 4;
  for (int i = 0; i < rounds; i++) {
    a = a * 6364136223846793005u + b;
    b ^= a >> 29;
    c += b * 3;
    d = (d << 7 | d >> 57) + c;
    e -= d;
    f ^= e * 5;
    g += f >> 3;
    h = h * 31 + g;
    x = x * 0.5 + (double)(h & 1023);
    y = y * 0.25 + x;
    z = z - y * 0.125;
    w = w * 0.75 + z;
    if (w > 1e9 || w < -1e9) w = 1;
  }
  uint64_t bits;
  double s = x + y + z + w;
  memcpy(&bits, &s, 8);
  return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ bits;
}
int main(void) {
  enum { N = 1000000 };
  uint64_t quiet = mix(N);
  signal(SIGVTALRM, handler);
  struct itimerval it = {{0, 2000}, {0, 2000}};
  setitimer(ITIMER_VIRTUAL, &it, 0);
  uint64_t noisy = quiet;
  while (hits < 10 && noisy == quiet) noisy = mix(N);
  it = (struct itimerval){{0, 0}, {0, 0}};
  setitimer(ITIMER_VIRTUAL, &it, 0);
  CHECK(quiet == noisy);
  CHECK(hits >= 10);
  return 0;
}
