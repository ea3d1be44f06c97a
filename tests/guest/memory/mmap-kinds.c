// mmap(2): kinds, alignment, errors and their order.
#include "t.h"
#define M(...) ({ errno = 0; void *p_ = mmap(__VA_ARGS__); \
  say("mmap(%s): %s\n", #__VA_ARGS__, p_ == MAP_FAILED ? err(errno) : (uintptr_t)p_ % 4096 ? "misaligned" : "ok"); p_; })
enum { RW = PROT_READ | PROT_WRITE, PA = MAP_PRIVATE | MAP_ANONYMOUS, SA = MAP_SHARED | MAP_ANONYMOUS };
int main(void) {
  M(0, 0, RW, PA, -1, 0);
  M(0, 1, RW, PA, -1, 0);
  M(0, 4096, RW, MAP_ANONYMOUS, -1, 0);
  M(0, 4096, RW, MAP_ANONYMOUS | MAP_SHARED | MAP_PRIVATE, -1, 0);
  M(0, 4096, RW, PA, 99, 0);
  M(0, 4096, RW, PA, -1, 1);
  M(0, 4096, RW, MAP_PRIVATE, -1, 0);
  M(0, 4096, RW, MAP_PRIVATE, 99, 0);
  M(0, 1ul << 62, RW, PA, -1, 0);
  M(0, -4096ul, RW, PA, -1, 0);
  M(0, -1ul, RW, PA, -1, 0);
  M((void *)4097, 4096, RW, PA | MAP_FIXED, -1, 0);
  put("f", "content");
  int r = open("f", O_RDONLY), w = open("f", O_WRONLY), rw = open("f", O_RDWR), d = open(".", O_RDONLY), p = open("f", O_PATH);
  M(0, 4096, PROT_READ, MAP_PRIVATE, r, 0);
  M(0, 4096, PROT_READ, MAP_SHARED, r, 0);
  M(0, 4096, RW, MAP_PRIVATE, r, 0);
  M(0, 4096, RW, MAP_SHARED, r, 0);
  M(0, 4096, PROT_READ, MAP_SHARED, w, 0);
  M(0, 4096, PROT_WRITE, MAP_SHARED, w, 0);
  M(0, 4096, PROT_NONE, MAP_PRIVATE, w, 0);
  M(0, 4096, RW, MAP_SHARED, rw, 0);
  M(0, 4096, RW, MAP_SHARED, rw, 4095);
  M(0, 4096, RW, MAP_SHARED, rw, 1l << 40);
  M(0, 4096, PROT_READ, MAP_PRIVATE, d, 0);
  M(0, 4096, PROT_READ, MAP_PRIVATE, p, 0);
  int pipes[2];
  pipe(pipes);
  M(0, 4096, PROT_READ, MAP_PRIVATE, pipes[0], 0);
  M(0, 0, PROT_READ, MAP_PRIVATE, d, 0);
  M(0, 4096, RW, 0x03 | MAP_ANONYMOUS, -1, 0);
  M(0, 4096, RW, MAP_SHARED_VALIDATE, rw, 0);
  M(0, 4096, RW, MAP_SHARED_VALIDATE | 0x800000, rw, 0);
  // Anonymous shared memory is zero and one with the child.
  int *s = M(0, 8192, RW, SA, -1, 0), *v = M(0, 8192, RW, PA, -1, 0);
  reap(CHILD(s[1024] = 5; v[1024] = 5));
  say("shared %d private %d\n", s[1024], v[1024]);
  // A hint is taken when the place is free.
  char *hole = mmap(0, 3 * 4096, PROT_NONE, PA, -1, 0);
  munmap(hole, 3 * 4096);
  CHECK(mmap(hole + 4096, 4096, RW, PA, -1, 0) == hole + 4096);
  char *elsewhere = mmap(hole + 4096, 4096, RW, PA, -1, 0);
  CHECK(elsewhere != MAP_FAILED && elsewhere != hole + 4096);
  munmap(elsewhere, 4096);
  // MAP_FIXED replaces; what lay there is gone.
  hole[4096] = 9;
  CHECK(mmap(hole + 4096, 4096, RW, PA | MAP_FIXED, -1, 0) == hole + 4096);
  say("replaced %d\n", hole[4096]);
  // MAP_FIXED_NOREPLACE does not.
  hole[4096] = 8;
  M(hole, 3 * 4096, RW, PA | MAP_FIXED_NOREPLACE, -1, 0);
  M(hole + 4096, 4096, RW, PA | MAP_FIXED_NOREPLACE, -1, 0);
  CHECK(mmap(hole + 8192, 4096, RW, PA | MAP_FIXED_NOREPLACE, -1, 0) == hole + 8192);
  say("kept %d\n", hole[4096]);
  T(munmap(hole, 0));
  T(munmap(hole + 1, 4096));
  T(munmap(hole, 3 * 4096));
  T(munmap(hole, 3 * 4096));
  T(munmap(0, -4096ul));
  M(0, 4096, RW, PA | MAP_POPULATE | MAP_NORESERVE | MAP_STACK, -1, 0);
  M(0, 4096, RW, PA | MAP_LOCKED, -1, 0);
  M(0, 4096, RW, PA | MAP_GROWSDOWN, -1, 0);
  M(0, 4096, RW, MAP_SHARED | MAP_GROWSDOWN, rw, 0);
  return 0;
}
