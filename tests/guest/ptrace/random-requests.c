// Random requests, sensible and senseless, to a tracee that signals itself again and again.
#include "random.h"
#include "ptrace/p.h"

static pid_t child;
static int live;
static union { unsigned long words[64]; siginfo_t info; struct __ptrace_syscall_info call; struct __ptrace_peeksiginfo_args args; } data;

static void begin(void) {
  int seized = rnd(2);
  child = CHILD({
    if (!seized) ptrace(PTRACE_TRACEME, 0, 0, 0);
    pid_t pid = getpid();
    signal(SIGUSR2, SIG_IGN);
    for (;;) {
      syscall(SYS_tgkill, pid, pid, SIGSTOP);
      syscall(SYS_getppid);
      syscall(SYS_tgkill, pid, pid, SIGUSR2);
      syscall(SYS_tgkill, pid, pid, SIGCHLD);
      syscall(SYS_close, -1);
    }
  });
  int status;
  if (seized) {
    MUST(waitpid(child, &status, WUNTRACED));
    MUST(ptrace(PTRACE_SEIZE, child, 0, 0));
    MUST(waitpid(child, &status, 0));
    MUST(kill(child, SIGCONT));
  } else MUST(waitpid(child, &status, 0));
  say("-- %s\n", seized ? "seized" : "traced");
  live = 1;
}

static void result(const char *what, long value) {
  if (value == -1) say("%s = -1 %s\n", what, err(errno));
  else say("%s = %ld\n", what, value);
}

static void resume(int request, const char *what) {
  static const int signals[] = {0, 0, 0, SIGUSR2, SIGCHLD, SIGWINCH, SIGSTOP, SIGCONT, 99, -1, SIGURG};
  long s = signals[rnd(11)];
  errno = 0;
  long r = ptrace(request, child, rnd(2), s);
  say("%s %ld: %s\n", what, s, r == -1 ? err(errno) : "ok");
  if (r == -1) return;
  int status;
  MUST(waitpid(child, &status, __WALL));
  say_status("  ", status);
  live = WIFSTOPPED(status);
}

int main(int argc, char **argv) {
  seed(argc, argv);
  begin();
  for (int step = 0; step < 1500; step++) {
    if (!live) begin();
    errno = 0;
    switch (rnd(24)) {
      case 0: case 1: case 2: case 3: resume(PTRACE_CONT, "cont"); break;
      case 4: case 5: case 6: case 7: resume(PTRACE_SYSCALL, "syscall"); break;
      case 8: {
        unsigned long options = rnd(4) ? rnd(64) << rnd(8) : 0xffff0000;
        say("options %#lx: %s\n", options, ptrace(PTRACE_SETOPTIONS, child, 0, options) == -1 ? err(errno) : "ok");
        break;
      }
      case 9: {
        data.words[0] = 77;
        long r = ptrace(PTRACE_GETEVENTMSG, child, 0, rnd(4) ? &data : (void *)8);
        if (r == 0) say("message %ld\n", data.words[0]); else result("message", r);
        break;
      }
      case 10: case 11: {
        memset(&data, 0, sizeof data);
        long r = ptrace(PTRACE_GETSIGINFO, child, 0, rnd(8) ? &data : (void *)8);
        if (r == 0) say("info %s %#x %s\n", sig(data.info.si_signo), data.info.si_code, data.info.si_pid == child ? "own" : data.info.si_pid == getpid() ? "ours" : data.info.si_pid ? "other" : "none");
        else result("info", r);
        break;
      }
      case 12:
        memset(&data, 0, sizeof data);
        data.info.si_signo = rnd(3) ? SIGUSR2 : SIGURG;
        data.info.si_code = rnd(2) ? SI_USER : SI_QUEUE;
        data.info.si_pid = rnd(2) ? child : 0;
        result("set info", ptrace(PTRACE_SETSIGINFO, child, 0, rnd(8) ? &data : (void *)8));
        break;
      case 13: {
        unsigned long size = rnd(4) ? 8 : rnd(16);
        long r = ptrace(PTRACE_GETSIGMASK, child, size, &data);
        if (r == 0) say("mask %#lx\n", data.words[0]); else result("mask", r);
        break;
      }
      case 14:
        data.words[0] = rnd(2) ? 0 : rnd(1ul << 31);
        result("set mask", ptrace(PTRACE_SETSIGMASK, child, rnd(4) ? 8 : 4, &data));
        break;
      case 15: {
        struct __ptrace_peeksiginfo_args args = {rnd(3), rnd(5), (int)rnd(5) - 1};
        result("peek siginfo", ptrace(PTRACE_PEEKSIGINFO, child, &args, &data));
        break;
      }
      case 16: case 17: {
        memset(&data, 0, sizeof data);
        unsigned long size = rnd(3) ? sizeof data.call : rnd(40);
        long r = ptrace(PTRACE_GET_SYSCALL_INFO, child, size, &data);
        result("call info", r);
        if (r > 0 && size > 40) say("  op %d\n", data.call.op);
        break;
      }
      case 18: result("listen", ptrace(PTRACE_LISTEN, child, 0, 0) == 0 ? ({ int s; MUST(kill(child, SIGCONT)); MUST(waitpid(child, &s, __WALL)); say_status("  ", s); 0; }) : -1); break;
      case 19: result("interrupt", ptrace(PTRACE_INTERRUPT, child, 0, 0)); break;
      case 20: result("attach", ptrace(rnd(2) ? PTRACE_ATTACH : PTRACE_SEIZE, child, 0, 0)); break;
      case 21: {
        long address = rnd(2) ? (long)&child : 8;
        errno = 0;
        long value = ptrace(PTRACE_PEEKDATA, child, address, 0);
        say("peek %s %s\n", errno ? err(errno) : "ok", errno == 0 && value != 0 ? "something" : "nothing");
        break;
      }
      case 22: result("send", kill(child, rnd(2) ? SIGUSR2 : SIGCONT)); break;
      default:
        if (rnd(6)) result("unknown", ptrace(0x5000 + rnd(100), child, 0, 0));
        else {
          result("kill", kill(child, SIGKILL));
          int status;
          do MUST(waitpid(child, &status, __WALL)); while (WIFSTOPPED(status) && ptrace(PTRACE_CONT, child, 0, 0) <= 0);
          say_status("  ", status);
          live = 0;
        }
    }
  }
  if (live) kill(child, SIGKILL);
  return 0;
}
