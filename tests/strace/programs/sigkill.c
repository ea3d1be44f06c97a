#include "s.h"
int main(void) {
  BEGIN();
  call(kill, getpid(), SIGKILL);
  return 0;
}
