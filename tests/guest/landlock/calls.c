// landlock_create_ruleset, landlock_add_rule, landlock_restrict_self: what they take and refuse.
#include "l.h"
int main(void) {
  struct ruleset a = {READ_FILE, 0, 0};
  CHECK(syscall(444, 0, 0, 1) >= 6);
  T(syscall(444, &a, 0, 1));
  T(syscall(444, 0, 8, 1));
  T(syscall(444, &a, sizeof a, 1u << 30));
  T(syscall(444, 0, 0, 0));
  T(syscall(444, 0, 24, 0));
  T(syscall(444, 8, 24, 0));
  T(syscall(444, &a, 7, 0));
  T(syscall(444, &a, 0, 0));
  T(syscall(444, &a, 5000, 0));
  OK(syscall(444, &a, 8, 0));
  OK(syscall(444, &a, 16, 0));
  char longer[64] = {4};
  OK(syscall(444, longer, 64, 0));
  longer[63] = 1;
  T(syscall(444, longer, 64, 0));
  T(create(0, 0, 0));
  T(create(1 << 16, 0, 0));
  T(create(1, 4, 0));
  T(create(1, 0, 4));
  OK(create(0, 1, 0));
  OK(create(0, 0, 3));
  int r = MUST(create(READ_FILE | READ_DIR, BIND_TCP, 0));
  char path[64], name[64] = {0};
  sprintf(path, "/proc/self/fd/%d", r);
  readlink(path, name, 63);
  say("%s cloexec %d\n", name, fcntl(r, F_GETFD));
  T(read(r, name, 1));
  T(write(r, name, 1));
  T(lseek(r, 0, SEEK_SET));

  mkdir("d", 0755);
  put("f", "text");
  int pipes[2];
  pipe(pipes);
  struct beneath b = {READ_FILE, open("d", O_PATH)};
  T(syscall(445, r, 1, &b, 1));
  T(syscall(445, -1, 1, &b, 0));
  T(syscall(445, 0, 1, &b, 0));
  T(syscall(445, r, 0, &b, 0));
  T(syscall(445, r, 3, &b, 0));
  T(syscall(445, r, 1, 0, 0));
  T(syscall(445, r, 1, &b, 0));
  b.access = 0;
  T(syscall(445, r, 1, &b, 0));
  b.access = WRITE_FILE;
  T(syscall(445, r, 1, &b, 0));
  b.access = READ_DIR;
  T(syscall(445, r, 1, &b, 0));
  b.fd = open("f", O_PATH);
  T(syscall(445, r, 1, &b, 0));
  b.access = READ_FILE;
  T(syscall(445, r, 1, &b, 0));
  b.fd = open("f", O_RDONLY);
  T(syscall(445, r, 1, &b, 0));
  b.fd = pipes[0];
  T(syscall(445, r, 1, &b, 0));
  b.fd = r;
  T(syscall(445, r, 1, &b, 0));
  b.fd = 99;
  T(syscall(445, r, 1, &b, 0));
  T(allow_port(r, 80, BIND_TCP));
  T(allow_port(r, 80, CONNECT_TCP));
  T(allow_port(r, 80, 0));
  T(allow_port(r, 65535, BIND_TCP));
  T(allow_port(r, 65536, BIND_TCP));
  T(allow_port(r, 0, BIND_TCP));

  T(syscall(446, r, 1u << 30));
  T(restrict_self(-1));
  T(restrict_self(0));
  APART({
    MUST(setuid(1000));
    T(restrict_self(r));
    T(syscall(446, r, 1u << 30));
    T(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    T(restrict_self(r));
  });
  // What is added later does not count for who is under it.
  APART({
    T(restrict_self(r));
    T(open("f", O_RDONLY) > 0);
    T(open("d", O_RDONLY | O_DIRECTORY) > 0);
    T(open(".", O_RDONLY | O_DIRECTORY));
    b.access = READ_DIR;
    b.fd = open(".", O_PATH);
    T(syscall(445, r, 1, &b, 0));
    T(open(".", O_RDONLY | O_DIRECTORY));
    int n = 1;
    while (restrict_self(r) == 0) n++;
    say("%d layers, then %s\n", n, err(errno));
  });
  return 0;
}
