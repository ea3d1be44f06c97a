// Reading untouched memory is zero, costs no copy, and a later write is private; /dev/zero mapped likewise.
#include "t.h"
enum { P = 4096 };
int main(void) {
  long n = 2000;
  unsigned char *m = mmap(0, n * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  unsigned long sum = 0;
  for (long i = 0; i < n * P; i += 512) sum += m[i];
  say("sum %lu\n", sum);
  m[100 * P] = 1;
  for (long i = 0; i < n * P; i += 512) sum += m[i];
  say("sum %lu\n", sum);
  int z = MUST(open("/dev/zero", O_RDWR));
  unsigned char *p = mmap(0, 4 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE, z, 0);
  unsigned char *s = mmap(0, 4 * P, PROT_READ | PROT_WRITE, MAP_SHARED, z, 0);
  say("%d %d\n", p[5], s[5]);
  p[5] = s[5] = 3;
  reap(CHILD(p[5] = 4; s[5] = 4));
  say("%d %d\n", p[5], s[5]);
  // Half a gigabyte reserved, a few pages of it used.
  unsigned char *big = mmap(0, 512l << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(big != MAP_FAILED);
  for (long i = 0; i < 512l << 20; i += 16 << 20) big[i] = i >> 24;
  unsigned long t = 0;
  for (long i = 0; i < 512l << 20; i += 16 << 20) t += big[i] + big[i + P];
  say("total %lu\n", t);
  T(munmap(big, 512l << 20));
  // Terabytes may be reserved without access.
  void *none = mmap(0, 1l << 36, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(none != MAP_FAILED);
  T(munmap(none, 1l << 36));
  return 0;
}
