// madvise(2): DONTNEED drops, FREE may, REMOVE punches, DONTFORK and WIPEONFORK; errors.
#include "t.h"
enum { P = 4096 };
int main(void) {
  char *m = mmap(0, 8 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(m, 1, 8 * P);
  T(madvise(m + 2 * P, 2 * P, MADV_DONTNEED));
  say("%d %d %d\n", m[P], m[2 * P], m[4 * P]);
  T(madvise(m + 1, P, MADV_DONTNEED));
  T(madvise(m, 0, MADV_DONTNEED));
  T(madvise(m, 1, MADV_DONTNEED));
  say("%d %d\n", m[0], m[P]);
  T(madvise(m, P, 999));
  T(madvise(m, -P, MADV_NORMAL));
  T(madvise(m, P, MADV_WILLNEED));
  T(madvise(m, P, MADV_SEQUENTIAL));
  T(madvise(m, P, MADV_RANDOM));
  T(madvise(m, P, MADV_NORMAL));
  T(madvise(m, P, MADV_FREE));
  T(madvise(m, P, MADV_COLD));
  T(madvise(m, P, MADV_PAGEOUT));
  T(madvise(m, P, MADV_POPULATE_WRITE));
  munmap(m + 5 * P, P);
  memset(m, 2, 5 * P);
  T(madvise(m, 8 * P, MADV_DONTNEED));
  say("%d\n", m[4 * P]);
  // A private file mapping reads the file again.
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  MUST(ftruncate(fd, 4 * P));
  MUST(pwrite(fd, "file", 4, 0));
  char *f = mmap(0, P, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), *s = mmap(0, 4 * P, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  memcpy(f, "mine", 4);
  T(madvise(f, P, MADV_DONTNEED));
  print_bytes("again", f, 4);
  // A shared one keeps what was written.
  memcpy(s, "both", 4);
  T(madvise(s, P, MADV_DONTNEED));
  print_bytes("kept", s, 4);
  T(madvise(f, P, MADV_FREE));
  // Holes.
  memset(s, 'x', 4 * P);
  T(madvise(s + P, P, MADV_REMOVE));
  char b[2];
  pread(fd, b, 2, 2 * P - 1);
  print_bytes("hole's end", b, 2);
  T(madvise(m, P, MADV_REMOVE));
  // Fork.
  char *d = mmap(0, P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *w = mmap(0, P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  d[0] = w[0] = 5;
  T(madvise(d, P, MADV_DONTFORK));
  T(madvise(w, P, MADV_WIPEONFORK));
  T(madvise(s, P, MADV_WIPEONFORK));
  REAP(CHILD(say("wiped %d\n", w[0]); w[0] = 6));
  REAP(CHILD(say("absent %s\n", msync(d, P, MS_ASYNC) ? err(errno) : "present"); d[0] = 1));
  say("mine %d %d\n", w[0], d[0]);
  T(madvise(d, P, MADV_DOFORK));
  T(madvise(w, P, MADV_KEEPONFORK));
  REAP(CHILD(say("kept %d %d\n", w[0], d[0])));
  // mlock and DONTNEED don't agree.
  T(mlock(w, P));
  T(madvise(w, P, MADV_DONTNEED));
  T(munlock(w, P));
  return 0;
}
