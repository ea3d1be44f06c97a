/* 100 processes that count as fast as they can for two seconds: how fair their shares are. */
#include "measure.h"
#include <sys/mman.h>

enum { COUNT = 100 };
int main(void) {
  volatile uint64_t *counts = mmap(0, (COUNT + 1) * 64, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  volatile uint64_t *end = counts + COUNT * 8;
  for (int i = 0; i < COUNT; i++) {
    if (fork()) continue;
    while (!*end) usleep(1000);
    while (now() < *end)
      for (int k = 0; k < 2000; k++) counts[i * 8]++;
    _exit(0);
  }
  *end = now() + 2000000000;
  while (wait(0) > 0);
  uint64_t least = counts[0], most = 0;
  for (int i = 0; i < COUNT; i++) {
    if (counts[i * 8] < least) least = counts[i * 8];
    if (counts[i * 8] > most) most = counts[i * 8];
  }
  fprintf(stderr, "ns %.4f\n", least ? (double)most / least : 1e9);
  puts("done");
}
