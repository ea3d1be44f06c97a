// process_vm_readv and writev, /proc/PID/mem, vectors that fault part of the way.
#include "t.h"
enum { P = 4096 };
int main(void) {
  char *m = mmap(0, 4 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(m, "parent");
  gate g = gate_new(), h = gate_new();
  pid_t c = CHILD({
    strcpy(m, "child!");
    strcpy(m + P, "second");
    gate_open(g);
    gate_wait(h);
    say("child has %s\n", m);
  });
  gate_wait(g);
  char a[4] = {0}, b[4] = {0};
  struct iovec l[2] = {{a, 3}, {b, 3}}, r = {m, 6};
  T(process_vm_readv(c, l, 2, &r, 1, 0));
  say("%s%s\n", a, b);
  struct iovec r2[2] = {{m, 3}, {m + P, 3}};
  T(process_vm_readv(c, l, 2, r2, 2, 0));
  say("%s%s\n", a, b);
  munmap(m + 3 * P, P);
  struct iovec bad = {(void *)16, 3};
  T(process_vm_readv(c, l, 1, &bad, 1, 0));
  struct iovec mixed[2] = {{m, 3}, {(void *)16, 3}};
  T(process_vm_readv(c, l, 2, mixed, 2, 0));
  T(process_vm_readv(c, l, 1, &r, 1, 1));
  T(process_vm_readv(999999, l, 1, &r, 1, 0));
  struct iovec w = {"by us", 6};
  T(process_vm_writev(c, &w, 1, &r, 1, 0));
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(process_vm_readv(c, l, 1, &r, 1, 0));
  });
  char path[64];
  sprintf(path, "/proc/%d/mem", c);
  int fd = open(path, O_RDWR);
  char text[8] = {0};
  T(pread(fd, text, 7, (off_t)(uintptr_t)m));
  say("%s\n", text);
  T(pread(fd, text, 7, 16));
  T(pwrite(fd, "as file", 8, (off_t)(uintptr_t)m));
  gate_open(h);
  REAP(c);
  T(pread(fd, text, 7, (off_t)(uintptr_t)m));
  // readv and writev over a bad vector.
  put("f", "0123456789");
  fd = MUST(open("f", O_RDWR));
  struct iovec v[3] = {{a, 3}, {(void *)16, 3}, {b, 3}};
  T(readv(fd, v, 3));
  T(lseek(fd, 0, SEEK_CUR));
  v[0].iov_base = "abc";
  T(writev(fd, v, 3));
  T(lseek(fd, 0, SEEK_CUR));
  T(readv(fd, v, -1));
  T(readv(fd, v, 1025));
  T(readv(fd, (void *)16, 1));
  T(readv(fd, v, 0));
  struct iovec huge[2] = {{a, 1}, {b, -1}};
  T(readv(fd, huge, 2));
  print_file("f");
  return 0;
}
