// sched(7): policies and their parameters, as root and as a user, with limits.
#include "t.h"
struct attr {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
  uint32_t min, max;
};
static int set(int pid, int policy, int priority) {
  struct sched_param p = {priority};
  return sched_setscheduler(pid, policy, &p);
}
static int param(int pid, int priority) {
  struct sched_param p = {priority};
  return sched_setparam(pid, &p);
}
static int get(int pid) {
  struct sched_param p = {-1};
  if (sched_getparam(pid, &p) < 0) return -1;
  return p.sched_priority;
}
static long setattr(int pid, struct attr *a, int flags) { return syscall(SYS_sched_setattr, pid, a, flags); }
static long getattr(int pid, struct attr *a, int size, int flags) { return syscall(SYS_sched_getattr, pid, a, size, flags); }
static void show(void) {
  struct attr a = {0};
  T(getattr(0, &a, 48, 0));
  say("  %u policy %u flags %d nice %d priority %u\n", a.size, a.policy, (int)a.flags, a.nice, a.priority);
}
int main(void) {
  for (int policy = -1; policy < 9; policy++) {
    if (policy == 7) continue;
    say("%d: %d %d\n", policy, sched_get_priority_max(policy), sched_get_priority_min(policy));
  }
  T(sched_getscheduler(0));
  T(get(0));
  show();
  T(set(0, SCHED_FIFO, 0));
  T(set(0, SCHED_FIFO, 100));
  T(set(0, SCHED_FIFO, -1));
  T(set(0, SCHED_OTHER, 1));
  T(set(0, 4, 0));
  T(set(0, -1, 0));
  T(set(-1, SCHED_OTHER, 0));
  T(set(999999, SCHED_OTHER, 0));
  T(sched_setscheduler(0, SCHED_OTHER, 0));
  T(sched_setscheduler(0, SCHED_OTHER, (void *)8));
  T(sched_getparam(0, 0));
  T(sched_getparam(0, (void *)8));
  T(sched_getparam(999999, (void *)8));
  T(sched_getscheduler(-1));
  T(set(0, SCHED_FIFO, 10));
  T(sched_getscheduler(0));
  T(get(0));
  show();
  T(param(0, 20));
  T(param(0, 0));
  T(get(0));
  struct timespec t = {5, 5};
  T(sched_rr_get_interval(0, &t));
  say("%ld %ld\n", (long)t.tv_sec, t.tv_nsec);
  T(set(0, SCHED_RR | SCHED_RESET_ON_FORK, 5));
  T(sched_getscheduler(0) == (SCHED_RR | SCHED_RESET_ON_FORK));
  T(sched_rr_get_interval(0, &t));
  say("%ld %ld\n", (long)t.tv_sec, t.tv_nsec);
  T(sched_rr_get_interval(-1, &t));
  T(sched_rr_get_interval(999999, &t));
  T(sched_rr_get_interval(0, (void *)8));
  show();
  APART(T(sched_getscheduler(0)); T(get(0)); show());
  T(set(0, SCHED_RR, 5));
  APART(T(sched_getscheduler(0)); T(get(0)));
  T(set(0, SCHED_BATCH, 0));
  T(set(0, SCHED_IDLE, 0));
  T(sched_getscheduler(0));
  T(set(0, SCHED_OTHER, 0));
  // attributes
  struct attr a = {.size = sizeof a, .policy = SCHED_OTHER, .nice = 7};
  T(setattr(0, &a, 0));
  show();
  a.nice = -100;
  T(setattr(0, &a, 0));
  show();
  a.nice = 3;
  a.flags = 0x1000;
  T(setattr(0, &a, 0));
  a.flags = 0x08;
  T(setattr(0, &a, 0));
  show();
  a.flags = 0x10;
  a.nice = 9;
  a.policy = SCHED_BATCH;
  T(setattr(0, &a, 0));
  show();
  a.flags = 0;
  a.size = 10;
  T(setattr(0, &a, 0));
  say("%u\n", a.size);
  a.size = 0;
  T(setattr(0, &a, 0));
  show();
  struct { struct attr a; uint64_t more; } big = {.a = {.size = sizeof big, .policy = SCHED_OTHER}, .more = 0};
  T(setattr(0, &big.a, 0));
  big.more = 1;
  big.a.size = sizeof big;
  T(setattr(0, &big.a, 0));
  T(setattr(0, &a, 1));
  T(setattr(0, 0, 0));
  T(setattr(-1, &a, 0));
  T(getattr(0, &a, 47, 0));
  T(getattr(0, &a, 48, 1));
  T(getattr(0, &a, 5000, 0));
  T(getattr(0, (void *)8, 48, 0));
  T(getattr(999999, &a, 48, 0));
  // a user
  pid_t root = getpid();
  APART({
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_RTPRIO, &none);
    setrlimit(RLIMIT_NICE, &none);
    MUST(setresuid(1000, 1000, 1000));
    T(set(0, SCHED_FIFO, 1));
    T(set(0, SCHED_BATCH, 0));
    T(set(0, SCHED_IDLE, 0));
    T(set(0, SCHED_OTHER, 0));
    T(set(root, SCHED_OTHER, 0));
    T(sched_getscheduler(root));
  });
  T(sched_yield());
  return 0;
}
