// What the programs of this suite print with. A program states its claims in its first lines, works in an empty
// directory on tmpfs as root, and prints only what every correct Linux prints alike: no address, pid or time.
//
//   T(rename("a", "b"))     rename("a", "b") = -1 ENOENT
//   OK(open("a", O_RDONLY)) open("a", O_RDONLY) ok          (a result that differs from place to place)
//   CHECK(x > 3)            x > 3: yes
//   say("%d\n", x)          a line
#pragma once
#define _GNU_SOURCE 1
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

// One write a line: forked children must not print what their parent has buffered.
UNUSED static void say(const char *format, ...) {
  char text[8192];
  va_list args;
  int saved = errno;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (n > (int)sizeof text - 1) n = sizeof text - 1;
  for (int done = 0, w; done < n; done += w)
    if ((w = write(1, text + done, n - done)) <= 0) break;
  errno = saved;
}

UNUSED static const char *err(int number) {
  const char *name = strerrorname_np(number);
  return number == 0 ? "0" : name ? name : "unknown";
}

UNUSED static const char *sig(int number) {
  static char text[32];
  const char *name = sigabbrev_np(number);
  if (number >= SIGRTMIN && number <= SIGRTMAX) snprintf(text, sizeof text, "SIGRTMIN+%d", number - SIGRTMIN);
  else if (name) snprintf(text, sizeof text, "SIG%s", name);
  else snprintf(text, sizeof text, "%d", number);
  return text;
}

UNUSED static long t_print(const char *what, long result, int error) {
  if (result == -1) say("%s = -1 %s\n", what, err(error));
  else say("%s = %ld\n", what, result);
  errno = error;
  return result;
}
UNUSED static long t_ok(const char *what, long result, int error) {
  if (result == -1) say("%s = -1 %s\n", what, err(error));
  else say("%s ok\n", what);
  errno = error;
  return result;
}
#define T(...) ({ errno = 0; long result_ = (long)(__VA_ARGS__); t_print(#__VA_ARGS__, result_, errno); })
#define OK(...) ({ errno = 0; long result_ = (long)(__VA_ARGS__); t_ok(#__VA_ARGS__, result_, errno); })
#define CHECK(...) ({ bool truth_ = (__VA_ARGS__); say("%s: %s\n", #__VA_ARGS__, truth_ ? "yes" : "NO"); truth_; })
// For what has to hold before the test can begin.
#define MUST(...) ({ errno = 0; long result_ = (long)(__VA_ARGS__); \
  if (result_ == -1) { say("line %d: %s failed: %s\n", __LINE__, #__VA_ARGS__, err(errno)); _exit(99); } result_; })

UNUSED static const char *status_text(int status) {
  static char text[64];
  if (WIFEXITED(status)) snprintf(text, sizeof text, "exited %d", WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) snprintf(text, sizeof text, "killed by %s", sig(WTERMSIG(status)));
  else if (WIFSTOPPED(status)) snprintf(text, sizeof text, "stopped by %s", sig(WSTOPSIG(status)));
  else if (WIFCONTINUED(status)) snprintf(text, sizeof text, "continued");
  else snprintf(text, sizeof text, "status %#x", status);
  return text;
}

// CHILD(statements) runs them in a child, which exits 0 unless they say otherwise; its value is the pid.
#define CHILD(...) ({ pid_t pid_ = fork(); \
  if (pid_ == -1) { say("fork failed: %s\n", err(errno)); _exit(98); } \
  if (pid_ == 0) { __VA_ARGS__; _exit(0); } pid_; })

UNUSED static int reap(pid_t pid) {
  int status = 0;
  pid_t got;
  while ((got = waitpid(pid, &status, 0)) == -1 && errno == EINTR) {
  }
  if (got == -1) say("waitpid failed: %s\n", err(errno));
  return status;
}
#define REAP(pid) say("%s %s\n", #pid, status_text(reap(pid)))
// Statements in a child of their own, waited for: what they change of the process does not outlast them.
#define APART(...) do { int status_ = reap(CHILD(__VA_ARGS__)); \
  if (status_ != 0) say("line %d: child %s\n", __LINE__, status_text(status_)); } while (0)

UNUSED static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000.0 + t.tv_nsec / 1e6;
}
UNUSED static void nap(int ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  int saved = errno;
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
  }
  errno = saved;
}

// Uses the processor for so many milliseconds of user time.
UNUSED static void burn(int ms) {
  struct rusage u;
  do {
    for (volatile int i = 0; i < 20000; i++) {
    }
    getrusage(RUSAGE_SELF, &u);
  } while (u.ru_utime.tv_sec * 1000 + u.ru_utime.tv_usec / 1000 < ms);
}

// The state letter of a task, from /proc; 0 when there is no such task.
UNUSED static char state_of(pid_t pid) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  int n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  char *after = strrchr(text, ')');
  return after ? after[2] : 0;
}
// Waits until a task is in the state, at most five seconds.
UNUSED static bool until(pid_t pid, char state) {
  for (int i = 0; i < 1000; i++) {
    if (state_of(pid) == state) return true;
    nap(5);
  }
  say("task never came to state %c but is %c\n", state, state_of(pid));
  return false;
}

// A gate that one process opens and others wait at.
typedef struct { int fd[2]; } gate;
UNUSED static gate gate_new(void) {
  gate g;
  MUST(pipe2(g.fd, O_CLOEXEC));
  return g;
}
UNUSED static void gate_open(gate g) { MUST(write(g.fd[1], "g", 1)); }
UNUSED static void gate_wait(gate g) {
  char c;
  while (read(g.fd[0], &c, 1) == -1 && errno == EINTR) {
  }
}

UNUSED static void put(const char *path, const char *text) {
  int fd = MUST(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  MUST(write(fd, text, strlen(text)));
  close(fd);
}
// Prints a file's content, escaped, on one line.
UNUSED static void print_bytes(const char *name, const void *bytes, long n) {
  char text[4096];
  int at = 0;
  if (n < 0) {
    say("%s: %s\n", name, err(errno));
    return;
  }
  for (long i = 0; i < n && at < (int)sizeof text - 8; i++) {
    unsigned char c = ((const unsigned char *)bytes)[i];
    if (c == '\n') at += sprintf(text + at, "\\n");
    else if (c == '\r') at += sprintf(text + at, "\\r");
    else if (c == '\\') at += sprintf(text + at, "\\\\");
    else if (c < 32 || c > 126) at += sprintf(text + at, "\\x%02x", c);
    else text[at++] = c;
  }
  text[at] = 0;
  say("%s: %ld \"%s\"\n", name, n, text);
}
UNUSED static void print_file(const char *path) {
  char text[1024];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    say("%s: %s\n", path, err(errno));
    return;
  }
  print_bytes(path, text, read(fd, text, sizeof text));
  close(fd);
}

// No program of the suite leaves a core file behind unless it means to.
__attribute__((constructor)) UNUSED static void t_start(void) {
  struct rlimit none;
  getrlimit(RLIMIT_CORE, &none);
  none.rlim_cur = 0;
  setrlimit(RLIMIT_CORE, &none);
  setvbuf(stdout, 0, _IONBF, 0);
}
