// Files that are open in several ways keep their own offsets; a file deleted and made again is another.
#include "t.h"
int main(void) {
  put("f", "abcdefghij");
  int a = MUST(open("f", O_RDONLY)), b = MUST(open("f", O_RDWR)), c = dup(a);
  char x[4] = {0};
  read(a, x, 3);
  say("%s\n", x);
  read(b, x, 3);
  say("%s\n", x);
  read(c, x, 3);
  say("%s\n", x);
  write(b, "XYZ", 3);
  lseek(a, 3, SEEK_SET);
  read(a, x, 3);
  say("%s\n", x);
  struct stat s1, s2;
  fstat(a, &s1);
  unlink("f");
  put("f", "new");
  stat("f", &s2);
  CHECK(s1.st_ino != s2.st_ino);
  lseek(b, 0, SEEK_SET);
  read(b, x, 3);
  say("old %s\n", x);
  print_file("f");
  // Reading at the end while it grows.
  int r = MUST(open("f", O_RDONLY)), w = MUST(open("f", O_WRONLY | O_APPEND));
  lseek(r, 0, SEEK_END);
  T(read(r, x, 3));
  write(w, "er", 2);
  T(read(r, x, 3));
  // Truncated under the reader.
  T(truncate("f", 1));
  T(read(r, x, 3));
  T(pread(r, x, 3, 0));
  // A thousand open files.
  int fds[500], good = 1;
  for (int i = 0; i < 500; i++) good &= (fds[i] = open("f", O_RDONLY)) >= 0;
  CHECK(good);
  for (int i = 0; i < 500; i++) close(fds[i]);
  T(open("f", O_RDONLY) < 30);
  return 0;
}
