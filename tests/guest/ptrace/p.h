// What the ptrace programs share.
#pragma once
#include "t.h"
#include <pthread.h>
#include <sys/ptrace.h>

#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif

UNUSED static const char *event_name(int event) {
  static const char *const names[] = {"none", "fork", "vfork", "clone", "exec", "vfork done", "exit", "seccomp"};
  return event == PTRACE_EVENT_STOP ? "stop" : event < 8 ? names[event] : "unknown";
}

// Says what a wait status is.
UNUSED static void say_status(const char *who, int status) {
  if (WIFSTOPPED(status)) {
    int signal = WSTOPSIG(status);
    say("%s: stopped by %s%s event %s\n", who, sig(signal & 0x7f), signal & 0x80 ? " (call)" : "", event_name(status >> 16));
  } else say("%s: %s\n", who, status_text(status));
}

// Waits for one task and says what it did.
UNUSED static int next(const char *who, pid_t pid) {
  int status = 0;
  pid_t got;
  while ((got = waitpid(pid, &status, __WALL)) == -1 && errno == EINTR) {
  }
  if (got == -1) {
    say("%s: wait failed: %s\n", who, err(errno));
    return 0;
  }
  say_status(who, status);
  return status;
}

UNUSED static void go(pid_t pid, int signal) { MUST(ptrace(PTRACE_CONT, pid, 0, signal)); }

UNUSED static unsigned long message(pid_t pid) {
  unsigned long value = 0;
  MUST(ptrace(PTRACE_GETEVENTMSG, pid, 0, &value));
  return value;
}

// A child that is traced and stopped before it does anything.
#define TRACED(...) ({ pid_t pid_ = CHILD({ \
    ptrace(PTRACE_TRACEME, 0, 0, 0); \
    raise(SIGSTOP); \
    __VA_ARGS__; \
  }); \
  int status_; \
  MUST(waitpid(pid_, &status_, 0)); \
  if (!WIFSTOPPED(status_)) say("did not stop\n"); \
  pid_; })
