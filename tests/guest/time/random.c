// getrandom(2): sizes, flags, errors, and that it is no constant.
#include "t.h"
#include <sys/random.h>
int main(void) {
  unsigned char a[300], b[300];
  T(getrandom(a, 16, 0));
  T(getrandom(b, 16, GRND_NONBLOCK));
  CHECK(memcmp(a, b, 16) != 0);
  T(getrandom(a, 0, 0));
  T(getrandom(a, 300, GRND_RANDOM));
  T(getrandom(a, 300, GRND_INSECURE));
  T(getrandom(a, 1, GRND_RANDOM | GRND_INSECURE));
  T(getrandom(a, 1, 0x80));
  T(getrandom((void *)16, 1, 0));
  static unsigned char big[1 << 20];
  T(getrandom(big, sizeof big, 0));
  long hist[256] = {0};
  for (unsigned i = 0; i < sizeof big; i++) hist[big[i]]++;
  int odd = 0;
  for (int i = 0; i < 256; i++) odd += hist[i] < 3600 || hist[i] > 4600;
  CHECK(odd == 0);
  T(getentropy(a, 256));
  T(getentropy(a, 257));
  // A child does not repeat its parent.
  int p[2];
  MUST(pipe(p));
  reap(CHILD(getrandom(a, 16, 0); write(p[1], a, 16)));
  getrandom(b, 16, 0);
  read(p[0], a, 16);
  CHECK(memcmp(a, b, 16) != 0);
  return 0;
}
