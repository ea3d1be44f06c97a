// A shared mapping, read(2) and write(2) see one file; growth and truncation are seen at once.
#include "t.h"
int main(void) {
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  MUST(ftruncate(fd, 10000));
  char *m = mmap(0, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char b[16] = {0};
  MUST(pwrite(fd, "written", 7, 100));
  print_bytes("map", m + 100, 7);
  memcpy(m + 4094, "mapped", 6);
  MUST(pread(fd, b, 6, 4094));
  print_bytes("read", b, 6);
  // Beyond the end of file but within its page: zero, writable, never in the file.
  print_bytes("tail", m + 10000, 4);
  memcpy(m + 10000, "lost", 4);
  T(pread(fd, b, 8, 9998));
  struct stat st;
  fstat(fd, &st);
  say("size %ld\n", (long)st.st_size);
  // A second mapping, another process, another descriptor.
  char *n = mmap(0, 4096, PROT_READ, MAP_SHARED, open("f", O_RDONLY), 4096);
  m[4096 + 50] = 'x';
  say("second %c\n", n[50]);
  reap(CHILD(m[4096 + 51] = 'y'));
  say("child's %c\n", n[51]);
  // Truncate and grow: what was cut is zero afterwards.
  memset(m, 'a', 8192);
  MUST(ftruncate(fd, 5000));
  MUST(ftruncate(fd, 8192));
  say("kept %c cut %d\n", m[4999], m[5000]);
  MUST(pread(fd, b, 2, 4999));
  print_bytes("read", b, 2);
  // The mapping outlives the descriptor and the name.
  close(fd);
  MUST(unlink("f"));
  m[0] = 'k';
  say("%c\n", m[0]);
  // munmap of the middle, then msync.
  MUST(munmap(m + 4096, 4096));
  T(msync(m, 4096, MS_SYNC));
  T(msync(m, 8192, MS_SYNC));
  T(msync(m, 4096, MS_SYNC | MS_ASYNC));
  T(msync(m + 1, 4096, MS_SYNC));
  T(msync(m, 4096, 64));
  T(msync(m, 0, MS_SYNC));
  T(msync(m, 4096, MS_ASYNC | MS_INVALIDATE));
  // writev from a mapping into the same file.
  fd = MUST(open("g", O_RDWR | O_CREAT, 0644));
  MUST(write(fd, "0123456789", 10));
  m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  T(pwrite(fd, m, 10, 10));
  print_file("g");
  T(pread(fd, m + 5, 5, 0));
  print_file("g");
  return 0;
}
