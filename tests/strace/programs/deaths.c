#include "s.h"
int main(void) {
  BEGIN();
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  volatile int *p = (int *)0x20;
  *p = 1;
  return 0;
}
