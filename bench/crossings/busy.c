/* 100 processes that count as fast as they can for two seconds, on one processor: how fair their shares are, and how
   often a second one's turn ends. */
#include "measure.h"
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { COUNT = 100, SECONDS = 2 };
int main(void) {
  volatile uint64_t *counts = mmap(0, (COUNT + 1) * 64, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  volatile uint64_t *end = counts + COUNT * 8;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  must(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
  for (int i = 0; i < COUNT; i++) {
    pid_t child = fork();
    must(child >= 0, "fork");
    if (child) continue;
    while (!*end) usleep(1000);
    while (now() < *end)
      for (int k = 0; k < 2000; k++) counts[i * 8]++;
    _exit(0);
  }
  *end = now() + SECONDS * 1000000000ull;
  while (wait(0) > 0);
  uint64_t least = counts[0], most = 0;
  for (int i = 0; i < COUNT; i++) {
    if (counts[i * 8] < least) least = counts[i * 8];
    if (counts[i * 8] > most) most = counts[i * 8];
  }
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  fprintf(stderr, "shares %.4f switches %ld\n", least ? (double)most / least : 1e9, usage.ru_nivcsw / SECONDS);
  puts("done");
}
