// Attempts to get out. Each is a function that answers true when it has come where it must not; the line that it prints is
// "held NAME" or "ESCAPED NAME". What the host keeps to itself holds the words in CANARY.
#pragma once
#include "../guest/t.h"
#define CANARY "canary-of-the-host"
#define COUNT(a) (sizeof(a) / sizeof *(a))
UNUSED static void attempt(const char *name, bool escaped) { say("%s %s\n", escaped ? "ESCAPED" : "held", name); }
#define ATTEMPT(name, ...) attempt(name, ({ __VA_ARGS__; }))
// Is the canary in this file?
UNUSED static bool betrays(int fd) {
  char text[65536];
  long n = fd < 0 ? -1 : read(fd, text, sizeof text);
  if (fd >= 0) close(fd);
  return n > 0 && memmem(text, n, CANARY, strlen(CANARY));
}
UNUSED static bool reads(const char *path) { return betrays(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)); }
UNUSED static bool opens(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0600);
  if (fd >= 0) close(fd);
  return fd >= 0;
}
