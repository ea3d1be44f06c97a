// Copy-on-write after fork: each side keeps its own, in any order of writes, through several generations.
#include "t.h"
enum { PAGES = 64 };
static int sum(const char *m) {
  int s = 0;
  for (int i = 0; i < PAGES; i++) s += m[i * 4096 + i];
  return s;
}
static void fill(char *m, int v) {
  for (int i = 0; i < PAGES; i++) m[i * 4096 + i] = v;
}
int main(void) {
  char *m = mmap(0, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  fill(m, 1);
  gate g = gate_new(), h = gate_new();
  pid_t c = CHILD({
    say("child reads %d\n", sum(m));
    fill(m, 2);
    gate_open(g);
    gate_wait(h);
    say("child still %d\n", sum(m));
    pid_t grandchild = CHILD(say("grandchild %d\n", sum(m)); fill(m, 4); say("grandchild %d\n", sum(m)));
    REAP(grandchild);
    say("child after %d\n", sum(m));
  });
  gate_wait(g);
  say("parent %d\n", sum(m));
  fill(m, 3);
  gate_open(h);
  REAP(c);
  say("parent %d\n", sum(m));
  // The kernel's writes copy too.
  put("f", "abcdefgh");
  int fd = MUST(open("f", O_RDONLY));
  c = CHILD(MUST(read(fd, m + 4090, 8)); say("child read %.6s\n", m + 4090));
  REAP(c);
  print_bytes("parent", m + 4090, 8);
  // A private mapping of a file: one's writes reach neither the file nor others.
  int f = MUST(open("g", O_RDWR | O_CREAT, 0644));
  MUST(ftruncate(f, 8192));
  char *p = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);
  char *q = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);
  p[0] = 'p';
  MUST(pwrite(f, "file", 4, 4096));
  say("%d %d %c %c\n", q[0], p[0] == 'p', q[4096], p[4096]);
  p[4097] = 'X';
  MUST(pwrite(f, "FILE", 4, 4096));
  print_bytes("written page", p + 4096, 4);
  print_bytes("unwritten page", q + 4096, 4);
  char b[5] = {0};
  MUST(pread(f, b, 4, 4096));
  say("file %s\n", b);
  // Read-only, then writable: still a copy.
  char *r = mmap(0, 4096, PROT_READ, MAP_PRIVATE, f, 4096);
  MUST(mprotect(r, 4096, PROT_READ | PROT_WRITE));
  r[0] = 'z';
  MUST(pread(f, b, 4, 4096));
  say("file %s\n", b);
  // Stack and data in the same way.
  static int data = 1;
  int local = 1;
  c = CHILD(data = 2; local = 2; _exit(data + local));
  REAP(c);
  say("%d %d\n", data, local);
  return 0;
}
