// Swapping never changes a page: random writes, reads, forks, moves and advice on private, shared and file memory that
// together are more than a small machine has. A page holds what its number and version make of it, whoever looks.
#include "random.h"
#define PAGE 4096L
#define PRIVATE 1200
#define SHARED 500
#define FILED 300
static char *private, *shared, *filed, *spare;
static unsigned short version[PRIVATE];   // copied by fork, as the pages are
static unsigned short *shared_version;    // SHARED + FILED, seen by all
static long errors;

static uint64_t word(long page, int version, int i) {
  uint64_t x = page * 0x9e3779b97f4a7c15u + version * 0xbf58476d1ce4e5b9u + i * 0x94d049bb133111ebu;
  x ^= x >> 29;
  return version == 0 ? 0 : x * 0xbf58476d1ce4e5b9u;
}
static void make(uint64_t *at, long page, int version) {
  for (int i = 0; i < PAGE / 8; i++) at[i] = word(page, version, i);
}
static void check(const uint64_t *at, long page, int version, const char *kind) {
  for (int i = 0; i < PAGE / 8; i++)
    if (at[i] != word(page, version, i)) {
      if (errors++ < 5) say("%s page %ld version %d word %d: %lx\n", kind, page, version, i, (long)at[i]);
      return;
    }
}
static char *place(int kind, long page) {
  return kind == 0 ? private + page * PAGE : kind == 1 ? shared + page * PAGE : filed + page * PAGE;
}
static unsigned short *version_of(int kind, long page) {
  return kind == 0 ? &version[page] : &shared_version[kind == 1 ? page : SHARED + page];
}
static long pages_of(int kind) { return kind == 0 ? PRIVATE : kind == 1 ? SHARED : FILED; }
static void look(int kind, long page) {
  static const char *names[] = {"private", "shared", "file"};
  check((uint64_t *)place(kind, page), page + kind * 100000, *version_of(kind, page), names[kind]);
}
static void change(int kind, long page) {
  unsigned short *v = version_of(kind, page);
  if (++*v == 0) ++*v;
  make((uint64_t *)place(kind, page), page + kind * 100000, *v);
}
static void steps(int count, int depth) {
  static uint64_t buffer[512];
  for (int n = 0; n < count; n++) {
    int kind = rnd(10) < 6 ? 0 : 1 + rnd(2);
    long page = rnd(pages_of(kind)), run = 1 + rnd(32);
    if (page + run > pages_of(kind)) run = pages_of(kind) - page;
    switch (rnd(16)) {
    case 0 ... 4:
      for (long i = 0; i < run; i++) change(kind, page + i);
      break;
    case 5 ... 8:
      for (long i = 0; i < run; i++) look(kind, page + i);
      break;
    case 9:
      madvise(place(kind, page), run * PAGE, 21);
      break;
    case 10:
      madvise(place(kind, page), run * PAGE, 20);
      if (kind != 0) break;
      // What is written after MADV_FREE stays.
      madvise(place(0, page), run * PAGE, MADV_FREE);
      for (long i = 0; i < run; i++) change(0, page + i);
      break;
    case 11: { // by way of the kernel
      int ends[2];
      MUST(pipe(ends));
      MUST(write(ends[1], place(kind, page), PAGE));
      MUST(read(ends[0], buffer, PAGE));
      check(buffer, page + kind * 100000, *version_of(kind, page), "piped");
      unsigned short *v = version_of(kind, page);
      if (++*v == 0) ++*v;
      make(buffer, page + kind * 100000, *v);
      MUST(write(ends[1], buffer, PAGE));
      MUST(read(ends[0], place(kind, page), PAGE));
      close(ends[0]);
      close(ends[1]);
      break;
    }
    case 12:
      if (depth < 3) {
        unsigned long next = rnd(1 << 30);
        int status;
        pid_t c = fork();
        if (c == 0) {
          random_state += next;
          errors = 0;
          steps(count / 4, depth + 1);
          _exit(errors != 0);
        }
        MUST(waitpid(c, &status, 0));
        if (status != 0) errors++, say("child %s\n", status_text(status));
      }
      break;
    case 13: // away and back
      if (kind == 0) {
        if (mremap(place(0, page), run * PAGE, run * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, spare) == MAP_FAILED) break;
        MUST(mremap(spare, run * PAGE, run * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place(0, page)));
      } else {
        mlock(place(kind, page), PAGE);
        madvise(place(kind, page), run * PAGE, 21);
        look(kind, page);
        munlock(place(kind, page), PAGE);
      }
      break;
    case 14:
      mprotect(place(kind, page), run * PAGE, PROT_NONE);
      madvise(place(kind, page), run * PAGE, 21);
      mprotect(place(kind, page), run * PAGE, PROT_READ | PROT_WRITE);
      break;
    default:
      if (kind == 0) {
        madvise(place(0, page), run * PAGE, MADV_DONTNEED);
        memset(&version[page], 0, run * sizeof version[0]);
      } else
        madvise(place(kind, page), run * PAGE, MADV_DONTNEED);
    }
  }
}
int main(int argc, char **argv) {
  seed(argc, argv);
  int fd = MUST(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644));
  MUST(ftruncate(fd, FILED * PAGE));
  private = mmap(0, PRIVATE * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  spare = mmap(0, 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  shared = mmap(0, SHARED * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  filed = mmap(0, FILED * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  shared_version = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int kind = 0; kind < 3; kind++)
    for (long i = 0; i < pages_of(kind); i++) change(kind, i);
  steps(500, 0);
  for (int kind = 0; kind < 3; kind++)
    for (long i = 0; i < pages_of(kind); i++) look(kind, i);
  say("%ld wrong\n", errors);
  return errors != 0;
}
