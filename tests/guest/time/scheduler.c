// sched_setscheduler and kin: policies, priorities, rights, attributes.
#include "t.h"
int main(void) {
  struct sched_param p = {0};
  T(sched_getscheduler(0));
  T(sched_getscheduler(-1));
  T(sched_getscheduler(999999));
  T(sched_getparam(0, &p));
  say("%d\n", p.sched_priority);
  int pol[] = {SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, 6, 99, -1};
  for (int i = 0; i < 8; i++) {
    int hi = sched_get_priority_max(pol[i]);
    int he = hi < 0 ? errno : 0;
    int lo = sched_get_priority_min(pol[i]);
    say("policy %d: %d %d %s\n", pol[i], lo, hi, he ? err(he) : "");
  }
  p.sched_priority = 1;
  T(sched_setscheduler(0, SCHED_OTHER, &p));
  p.sched_priority = 0;
  T(sched_setscheduler(0, SCHED_FIFO, &p));
  p.sched_priority = 100;
  T(sched_setscheduler(0, SCHED_FIFO, &p));
  p.sched_priority = 0;
  T(sched_setscheduler(0, 99, &p));
  T(sched_setscheduler(-1, 0, &p));
  T(sched_setscheduler(999999, 0, &p));
  T(sched_setscheduler(0, SCHED_BATCH, &p));
  T(sched_getscheduler(0));
  T(sched_setscheduler(0, SCHED_IDLE, &p));
  T(sched_getscheduler(0));
  p.sched_priority = 5;
  T(sched_setparam(0, &p));
  p.sched_priority = 0;
  T(sched_setscheduler(0, SCHED_OTHER, &p));
  APART({
    p.sched_priority = 10;
    T(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &p));
    T(sched_getscheduler(0) == (SCHED_FIFO | SCHED_RESET_ON_FORK));
    T(sched_getparam(0, &p));
    say("%d\n", p.sched_priority);
    p.sched_priority = 20;
    T(sched_setparam(0, &p));
    APART(T(sched_getscheduler(0)));
    p.sched_priority = 3;
    T(sched_setscheduler(0, SCHED_RR, &p));
    APART(T(sched_getscheduler(0)));
    p.sched_priority = 0;
    T(sched_setscheduler(0, SCHED_OTHER, &p));
  });
  APART({
    MUST(setresuid(31353, 31353, 31353));
    p.sched_priority = 1;
    T(sched_setscheduler(0, SCHED_FIFO, &p));
    p.sched_priority = 0;
    T(sched_setscheduler(0, SCHED_BATCH, &p));
    T(sched_setscheduler(0, SCHED_OTHER, &p));
    T(sched_setscheduler(getppid(), SCHED_OTHER, &p));
  });
  struct timespec t;
  T(sched_rr_get_interval(0, &t));
  T(sched_rr_get_interval(999999, &t));
  struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; } a;
  T(syscall(SYS_sched_getattr, 0, &a, sizeof a, 0));
  say("size %u policy %u nice %d\n", a.size, a.policy, a.nice);
  a.nice = 4;
  a.policy = 0;
  T(syscall(SYS_sched_setattr, 0, &a, 0));
  T(getpriority(PRIO_PROCESS, 0));
  T(syscall(SYS_sched_getattr, 0, &a, 10, 0));
  T(syscall(SYS_sched_getattr, 0, &a, sizeof a, 1));
  T(sched_yield());
  // A real-time process is never made to wait by others: it goes on to the end.
  return 0;
}
