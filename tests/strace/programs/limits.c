// mask: tv_u?sec=\d+|(?<={rlim_cur=)20000, rlim_max=20000|(?<={rlim_cur=)1024, rlim_max=1024\*1024|(ru|tms)_[a-z]+=\{?[^,}]+
#include "s.h"
#include <sys/times.h>
int main(void) {
  struct rlimit l;
  struct rusage u;
  BEGIN();
  struct rlimit set = {1024, 4096};
  call(prlimit64, 0, RLIMIT_NOFILE, &set, &l);
  call(prlimit64, 0, RLIMIT_NOFILE, NULL, &l);
  set = (struct rlimit){65536, RLIM_INFINITY};
  call(prlimit64, 0, RLIMIT_CORE, &set, NULL);
  call(getrlimit, RLIMIT_CORE, &l);
  set = (struct rlimit){1000, 1023};
  call(setrlimit, RLIMIT_CORE, &set);
  call(getrlimit, 99, &l);
  call(prlimit64, 99999, RLIMIT_CPU, NULL, &l);
  call(prlimit64, 0, RLIMIT_AS, WILD, NULL);
  call(getrusage, RUSAGE_SELF, &u);
  call(getrusage, 9, &u);
  struct tms t;
  call(times, WILD);
  return 0;
}
