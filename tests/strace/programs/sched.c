#include "s.h"
int main(void) {
  struct sched_param p = {0};
  struct timespec t;
  unsigned long mask[16] = {1};
  BEGIN();
  call(sched_getscheduler, 0);
  call(sched_getparam, 0, &p);
  call(sched_setscheduler, 0, SCHED_BATCH, &p);
  call(sched_setscheduler, 0, SCHED_FIFO | 0x40000000, &p);
  p.sched_priority = 3;
  call(sched_setparam, 0, &p);
  call(sched_setscheduler, 99999, 77, WILD);
  call(sched_get_priority_max, SCHED_RR);
  call(sched_get_priority_min, SCHED_FIFO);
  call(sched_get_priority_min, 99);
  call(sched_rr_get_interval, 99999, &t);
  call(sched_setaffinity, 0, 8, mask);
  call(sched_getaffinity, 0, 2, mask);
  call(sched_getaffinity, 99999, 8, mask);
  struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t a, b, c; } attr = {48};
  call(sched_getattr, 0, &attr, sizeof attr, 0);
  attr.nice = 3;
  attr.flags = 1;
  call(sched_setattr, 0, &attr, 0);
  call(sched_setattr, 0, WILD, 0);
  return 0;
}
