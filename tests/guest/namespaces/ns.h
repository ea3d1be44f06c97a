// What the namespace programs share: files under /proc written and read in one go, and children that live until told.
#pragma once
#include "t.h"
#include <grp.h>
#include <linux/sched.h>
#include <sys/mount.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

// Writes a text with one call; 0, or -1 with errno.
UNUSED static int tell(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  int n = write(fd, text, strlen(text));
  int saved = errno;
  close(fd);
  errno = saved;
  return n == (int)strlen(text) ? 0 : -1;
}

UNUSED static const char *get(const char *path) {
  static char text[4096];
  int fd = open(path, O_RDONLY);
  if (fd < 0) return err(errno);
  int n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n < 0 ? 0 : n] = 0;
  return text;
}

// A field of a file like /proc/self/status, spaces made one.
UNUSED static const char *field(const char *path, const char *name) {
  static char line[512];
  char *found = strstr((char *)get(path), name);
  if (!found) return "none";
  size_t n = 0;
  for (char *p = found; *p && *p != '\n' && n < sizeof line - 1; p++) {
    char c = *p == '\t' ? ' ' : *p;
    if (c == ' ' && n > 0 && line[n - 1] == ' ') continue;
    line[n++] = c;
  }
  line[n] = 0;
  return line;
}

UNUSED static const char *format(const char *pattern, ...) {
  static char texts[4][256];
  static int next;
  char *text = texts[next++ % 4];
  va_list args;
  va_start(args, pattern);
  vsnprintf(text, sizeof texts[0], pattern, args);
  va_end(args);
  return text;
}

// Two processes take turns.
typedef struct { int there[2], back[2]; } Turns;
UNUSED static Turns turns(void) {
  Turns t;
  MUST(pipe(t.there));
  MUST(pipe(t.back));
  return t;
}
UNUSED static void go(int fds[2]) { MUST(write(fds[1], "x", 1)); }
UNUSED static void await(int fds[2]) { char c; MUST(read(fds[0], &c, 1)); }

UNUSED static int pidfd(pid_t pid) { return syscall(SYS_pidfd_open, pid, 0); }

// Becomes an ordinary user, with none of root's capabilities, but one whose /proc files are its own.
UNUSED static void become(uid_t uid) {
  MUST(setgroups(0, 0));
  MUST(setresgid(uid, uid, uid));
  MUST(setresuid(uid, uid, uid));
  MUST(prctl(PR_SET_DUMPABLE, 1));
}
