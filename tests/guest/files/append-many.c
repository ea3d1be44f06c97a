// Many writers append to one file: no record is lost or torn.
#include "t.h"
int main(void) {
  pid_t c[5];
  close(MUST(open("log", O_CREAT | O_WRONLY, 0644)));
  for (int i = 0; i < 5; i++)
    c[i] = CHILD({
      int fd = open("log", O_WRONLY | O_APPEND);
      char line[32];
      for (int j = 0; j < 200; j++) {
        int n = sprintf(line, "writer %d line %03d\n", i, j);
        if (write(fd, line, n) != n) say("short\n");
        if (j % 20 == 0) sched_yield();
      }
    });
  for (int i = 0; i < 5; i++) reap(c[i]);
  FILE *f = fopen("log", "r");
  int next[5] = {0}, lines = 0, good = 1, w, l;
  char line[64];
  while (fgets(line, sizeof line, f)) {
    lines++;
    if (sscanf(line, "writer %d line %d", &w, &l) != 2 || strlen(line) != 18 || l != next[w]) good = 0;
    else next[w]++;
  }
  say("lines %d\n", lines);
  CHECK(good);
  // One description shared by fork: writes share the offset too.
  int fd = MUST(open("shared", O_CREAT | O_WRONLY, 0644));
  for (int i = 0; i < 4; i++) c[i] = CHILD(for (int j = 0; j < 100; j++) write(fd, "0123456789", 10));
  for (int i = 0; i < 4; i++) reap(c[i]);
  T(lseek(fd, 0, SEEK_CUR));
  return 0;
}
