// The C library on top: buffering, ungetc, temporary files, popen's kin, scanf, seeking.
#include "t.h"
#include <wchar.h>
int main(void) {
  FILE *f = fopen("f", "w+");
  for (int i = 0; i < 3000; i++) fprintf(f, "%d %s %.3f\n", i, i % 2 ? "odd" : "even", i / 7.0);
  say("at %ld\n", ftell(f));
  rewind(f);
  int n, lines = 0;
  char word[10];
  double d, sum = 0;
  while (fscanf(f, "%d %9s %lf", &n, word, &d) == 3) lines++, sum += d;
  say("lines %d sum %.3f eof %d\n", lines, sum, feof(f) != 0);
  fseek(f, -20, SEEK_END);
  char line[50];
  fgets(line, sizeof line, f);
  fgets(line, sizeof line, f);
  say("last %s", line);
  fseek(f, 0, SEEK_SET);
  int c = getc(f);
  ungetc('X', f);
  int x = getc(f);
  say("%c%c\n", c, x);
  fclose(f);
  say("append %d\n", (f = fopen("f", "a+")) != 0);
  fputs("tail\n", f);
  say("at %ld\n", ftell(f));
  fclose(f);
  say("exclusive %d", fopen("f", "wx") != 0);
  say(" %s\n", err(errno));
  f = tmpfile();
  fwrite("temporary", 1, 9, f);
  rewind(f);
  say("%ld\n", (long)fread(line, 1, 50, f));
  char name[] = "tmpXXXXXX", dir[] = "dirXXXXXX";
  CHECK(mkstemp(name) >= 0 && strlen(name) == 9);
  CHECK(mkdtemp(dir) != 0);
  char *text;
  size_t size;
  f = open_memstream(&text, &size);
  fprintf(f, "%5d|%-5d|%05d|%x|%o|%e|%g|%c|%s|%%|%ld|%lld", 42, 42, 42, 255, 8, 12345.678, 0.0001, 'c', "str", 1l << 40, -1ll << 50);
  fclose(f);
  say("%s\n", text);
  say("%ld %lu %.2f %d\n", strtol("0x1fz", 0, 0), strtoul("777", 0, 8), strtod("1e3x", 0), atoi("-12abc"));
  say("%.17g %.17g %.17g\n", 0.1, 1.0 / 3, 1e308 * 10);
  f = fopen("/dev/full", "w");
  say("put %d", fputs("x", f) >= 0);
  int closed = fclose(f);
  say(" close %d %s\n", closed, err(errno));
  struct tm tm = {.tm_year = 100, .tm_mon = 1, .tm_mday = 29};
  time_t t = timegm(&tm);
  strftime(line, sizeof line, "%Y-%m-%d %a %j", gmtime(&t));
  say("%s\n", line);
  return 0;
}
