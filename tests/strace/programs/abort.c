#include "s.h"
int main(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  BEGIN();
  call(kill, getpid(), SIGTERM);
  return 0;
}
