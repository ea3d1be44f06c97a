// build: pie
// A position-independent program is loaded anywhere and relocated; fork and exec of it work.
#include "t.h"
static int value = 4;
static int *pointer = &value;
static const char *const names[] = {"red", "green"};
static int twice(int x) { return 2 * x; }
static int (*const table[])(int) = {twice};
int main(int argc, char **argv) {
  if (argc > 1) {
    say("again %s\n", argv[1]);
    return 6;
  }
  say("%d %s %d\n", *pointer, names[1], table[0](21));
  *pointer = 5;
  say("%d\n", value);
  pid_t c = CHILD(value = 9; _exit(*pointer));
  REAP(c);
  c = CHILD(execl("/proc/self/exe", "pie", "round", (char *)0));
  REAP(c);
  return 0;
}
