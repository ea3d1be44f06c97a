// One write, then exit 42.
#include "start.h"
int start(long *stack) {
  (void)stack;
  say("hello\n");
  return 42;
}
