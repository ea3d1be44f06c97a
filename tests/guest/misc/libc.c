// The C library at work on the kernel: locale, qsort, malloc under load, time zones, getenv, wide output.
#include "t.h"
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <regex.h>
#include <search.h>
#include <wchar.h>
static int cmp(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(void) {
  // malloc: sizes from a byte to megabytes, freed in odd order.
  enum { N = 2000 };
  static char *p[N];
  static size_t n[N];
  unsigned r = 1;
  long bad = 0;
  for (int i = 0; i < 20000; i++) {
    int k = (r = r * 1103515245 + 12345) >> 16 & 1023;
    if (p[k]) {
      for (size_t j = 0; j < n[k]; j += 97) bad += p[k][j] != (char)k;
      free(p[k]);
      p[k] = 0;
    } else {
      n[k] = (r >> 8 & 7) == 0 ? (r >> 12 & 0x3ffff) : (r >> 12 & 0x3ff);
      p[k] = malloc(n[k] + 1);
      memset(p[k], k, n[k] + 1);
    }
  }
  say("bad %ld\n", bad);
  static int a[50000];
  for (int i = 0; i < 50000; i++) a[i] = (r = r * 1103515245 + 12345) >> 8;
  qsort(a, 50000, sizeof *a, cmp);
  int sorted = 1;
  for (int i = 1; i < 50000; i++) sorted &= a[i - 1] <= a[i];
  say("sorted %d\n", sorted);
  regex_t re;
  regmatch_t m[3];
  regcomp(&re, "([a-z]+)@([a-z.]+)", REG_EXTENDED);
  const char *text = "write to someone@example.org today";
  int found = regexec(&re, text, 3, m, 0);
  say("match %d", found);
  say(" %.*s\n", (int)(m[2].rm_eo - m[2].rm_so), text + m[2].rm_so);
  setenv("TZ", "XYZ-5:30", 1);
  tzset();
  time_t t = 1000000000;
  char b[100];
  strftime(b, sizeof b, "%F %T %z", localtime(&t));
  say("%s\n", b);
  volatile double x = 0.5;
  say("%.12f %.12f %.12f %.12f %.12f\n", sin(x), exp(x), log(x), atan2(x, 2), cbrt(x));
  say("%.15g %.15g %a %f\n", fma(x, 3, 1e-9), remainder(7.5, x + 1), x / 3, floor(-x));
  volatile float f = 16777217.0f;
  say("%.1f %d %ld %u\n", f, (int)-2.9, lrint(2.5), (unsigned)3.99f);
  volatile double inf = 1e308;
  say("%f %d\n", inf * 10, (inf * 10 - inf * 10) != (inf * 10 - inf * 10));
  volatile long z = LONG_MIN;
  volatile int w = -7;
  say("%d %d %ld %lu %d\n", w / 2, w % 2, z / 2, (unsigned long)z / 3, (signed char)300);
  say("%s %s\n", strerror(ENOENT), strsignal(SIGSEGV));
  return 0;
}
