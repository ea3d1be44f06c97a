// copy_file_range(2): offsets, overlap, sizes, errors.
#include "t.h"
int main(void) {
  put("f", "0123456789");
  int in = MUST(open("f", O_RDWR)), out = MUST(open("g", O_RDWR | O_CREAT, 0644)), p[2];
  pipe(p);
  T(copy_file_range(in, 0, out, 0, 4, 0));
  T(lseek(in, 0, SEEK_CUR));
  T(lseek(out, 0, SEEK_CUR));
  off_t a = 6, b = 20;
  T(copy_file_range(in, &a, out, &b, 100, 0));
  say("%ld %ld\n", (long)a, (long)b);
  T(lseek(in, 0, SEEK_CUR));
  print_file("g");
  T(copy_file_range(in, &a, out, &b, 1, 0)); // at the end
  T(copy_file_range(in, 0, out, 0, 0, 0));
  T(copy_file_range(in, 0, out, 0, 1, 1));
  // Within one file: not overlapping.
  a = 0, b = 3;
  T(copy_file_range(in, &a, in, &b, 5, 0));
  b = 5;
  T(copy_file_range(in, &a, in, &b, 5, 0));
  print_file("f");
  a = 0, b = 10;
  T(copy_file_range(in, &a, in, &b, 10, 0));
  print_file("f");
  a = -1;
  T(copy_file_range(in, &a, out, 0, 1, 0));
  a = 0, b = LONG_MAX;
  T(copy_file_range(in, &a, out, &b, 5, 0));
  T(copy_file_range(p[0], 0, out, 0, 1, 0));
  T(copy_file_range(in, 0, p[1], 0, 1, 0));
  int d = open(".", O_RDONLY), ro = open("g", O_RDONLY), wo = open("f", O_WRONLY), ap = open("g", O_WRONLY | O_APPEND), n = open("/dev/null", O_RDWR);
  T(copy_file_range(d, 0, out, 0, 1, 0));
  T(copy_file_range(in, 0, ro, 0, 1, 0));
  T(copy_file_range(wo, 0, out, 0, 1, 0));
  T(copy_file_range(in, 0, ap, 0, 1, 0));
  T(copy_file_range(n, 0, out, 0, 1, 0));
  T(copy_file_range(99, 0, out, 0, 1, 0));
  T(copy_file_range(in, 0, 99, 0, 1, 0));
  T(copy_file_range(in, (off_t *)16, out, 0, 1, 0));
  // More than a page.
  int big = MUST(open("big", O_RDWR | O_CREAT, 0644)), to = MUST(open("to", O_RDWR | O_CREAT, 0644));
  for (int i = 0; i < 3000; i++) {
    char t[20];
    sprintf(t, "line %04d\n", i);
    write(big, t, 10);
  }
  lseek(big, 0, SEEK_SET);
  long total = 0, r;
  while ((r = copy_file_range(big, 0, to, 0, 1 << 20, 0)) > 0) total += r;
  say("total %ld then %ld\n", total, r);
  char x[11] = {0}, y[11] = {0};
  int same = 1;
  for (int i = 0; i < 3000; i++) {
    pread(big, x, 10, i * 10);
    pread(to, y, 10, i * 10);
    same &= !strcmp(x, y);
  }
  CHECK(same);
  return 0;
}
