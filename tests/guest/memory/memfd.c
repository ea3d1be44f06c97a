// memfd_create(2) and its seals.
#include "t.h"
int main(void) {
  T(memfd_create(0, 0));
  T(memfd_create("x", 0x1000));
  char name[300];
  memset(name, 'n', 299);
  name[249] = 0;
  OK(memfd_create(name, 0));
  name[249] = 'n';
  name[250] = 0;
  T(memfd_create(name, 0));
  int fd = MUST(memfd_create("box", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  T(fcntl(fd, F_GETFD));
  char path[64], text[64] = {0};
  sprintf(path, "/proc/self/fd/%d", fd);
  MUST(readlink(path, text, 63));
  say("%s\n", text);
  struct stat st;
  fstat(fd, &st);
  say("mode %o links %d size %ld\n", st.st_mode, (int)st.st_nlink, (long)st.st_size);
  T(write(fd, "content", 7));
  T(ftruncate(fd, 8192));
  T(fcntl(fd, F_GET_SEALS));
  char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  print_bytes("m", m, 7);
  T(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)); // EBUSY: mapped writable
  T(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  T(ftruncate(fd, 4096));
  T(ftruncate(fd, 12288));
  T(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  T(ftruncate(fd, 16384));
  T(pwrite(fd, "x", 1, 12288));
  T(pwrite(fd, "xyz", 3, 12287));
  T(pwrite(fd, "xyz", 3, 0));
  munmap(m, 8192);
  T(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  T(write(fd, "y", 1));
  T(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  say("shared writable: %s\n", m == MAP_FAILED ? err(errno) : "ok");
  m = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
  say("shared readable: %s\n", m == MAP_FAILED ? err(errno) : "ok");
  if (m != MAP_FAILED) T(mprotect(m, 4096, PROT_READ | PROT_WRITE));
  m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  say("private: %s\n", m == MAP_FAILED ? err(errno) : "ok");
  T(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  T(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  T(fcntl(fd, F_GET_SEALS));
  T(fcntl(fd, F_ADD_SEALS, 0x1000));
  int plain = MUST(memfd_create("plain", 0));
  T(fcntl(plain, F_GET_SEALS));
  T(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW));
  T(fcntl(1, F_GET_SEALS));
  // F_SEAL_FUTURE_WRITE keeps what is mapped.
  int future = MUST(memfd_create("future", MFD_ALLOW_SEALING));
  MUST(ftruncate(future, 4096));
  m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, future, 0);
  T(fcntl(future, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
  m[0] = 'k';
  T(write(future, "x", 1));
  say("again: %s\n", mmap(0, 4096, PROT_WRITE, MAP_SHARED, future, 0) == MAP_FAILED ? err(errno) : "ok");
  // Reopened by its /proc link it is a new description.
  sprintf(path, "/proc/self/fd/%d", plain);
  int again = MUST(open(path, O_RDWR));
  T(write(again, "abc", 3));
  T(lseek(plain, 0, SEEK_CUR));
  T(lseek(plain, 0, SEEK_END));
  return 0;
}
