#include "s.h"
int main(void) {
  static int w = 5;
  struct timespec t = {0, 1000};
  BEGIN();
  call(futex, &w, FUTEX_WAIT, 4, NULL);
  call(futex, &w, FUTEX_WAIT_PRIVATE, 5, &t);
  call(futex, &w, FUTEX_WAKE_PRIVATE, 1);
  call(futex, &w, FUTEX_WAKE, 0x7fffffff);
  call(futex, &w, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME, 5, &t, NULL, -1);
  call(futex, &w, FUTEX_WAIT_BITSET, 4, NULL, NULL, 0x10);
  call(futex, &w, FUTEX_WAKE_BITSET, 1, NULL, NULL, 3);
  call(futex, &w, FUTEX_REQUEUE, 1, 2, &w + 1);
  call(futex, &w, FUTEX_CMP_REQUEUE, 1, 2, &w + 1, 5);
  call(futex, &w, FUTEX_WAKE_OP, 1, 2, &w, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_GT, 4));
  w = 0;
  call(futex, &w, FUTEX_UNLOCK_PI);
  call(futex, &w, FUTEX_LOCK_PI_PRIVATE, 0, &t);
  call(futex, &w, FUTEX_TRYLOCK_PI);
  call(futex, &w, 99, 1, 2, 3, 4);
  call(futex, WILD, FUTEX_WAIT, 1, NULL);
  call(set_robust_list, WILD, 24);
  call(set_robust_list, WILD, 5);
  call(get_robust_list, 99999, WILD, WILD);
  return 0;
}
