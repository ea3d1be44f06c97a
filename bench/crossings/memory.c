/* Mappings and page faults. */
#include "measure.h"
#include <sys/mman.h>

enum { PAGES = 1024, PAGE = 4096 };
static char *fresh(long pages) {
  char *p = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  must(p != MAP_FAILED, "mmap");
  madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
  return p;
}
static uint64_t fault(long n) {
  uint64_t sum = 0;
  for (long done = 0; done < n; done += PAGES) {
    long pages = n - done < PAGES ? n - done : PAGES;
    volatile char *p = fresh(pages);
    uint64_t start = now();
    for (long i = 0; i < pages; i++) p[i * PAGE] = 1;
    sum += now() - start;
    munmap((void *)p, pages * PAGE);
  }
  return sum;
}
static uint64_t map(long n) {
  TIMED({
    volatile char *p = fresh(16);
    for (int i = 0; i < 16; i++) p[i * PAGE] = 1;
    munmap((void *)p, 16 * PAGE);
  });
}
static uint64_t protect(long n) {
  static char *p;
  if (!p) p = fresh(1), *p = 1;
  TIMED((mprotect(p, PAGE, PROT_READ), mprotect(p, PAGE, PROT_READ | PROT_WRITE)));
}
/* Private pages after a fork: the child writes to each. */
static uint64_t copy(long n) {
  uint64_t sum = 0;
  static uint64_t *shared;
  if (!shared) shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  static char *p;
  if (!p) memset(p = fresh(PAGES), 1, PAGES * PAGE);
  for (long done = 0; done < n; done += PAGES) {
    long pages = n - done < PAGES ? n - done : PAGES;
    pid_t child = fork();
    if (child == 0) {
      uint64_t start = now();
      for (long i = 0; i < pages; i++) p[i * PAGE] = 2;
      *shared = now() - start;
      _exit(0);
    }
    waitpid(child, 0, 0);
    sum += *shared;
  }
  return sum;
}

int main(int argc, char **argv) {
  return choose((struct row[]){{"fault", fault}, {"mmap-munmap", map}, {"mprotect", protect}, {"copy-on-write", copy}, {0}},
    argc, argv);
}
