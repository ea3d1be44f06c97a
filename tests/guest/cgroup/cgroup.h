// A group of one's own in the hierarchy of cgroup v2, wherever that is mounted, and its files by name.
#pragma once
#include "../t.h"
#include <math.h>
#include <mntent.h>
#include <poll.h>

static char top[PATH_MAX];

// Makes the group that a program works in, and enters its directory.
UNUSED static void cgroup_begin(void) {
  FILE *mounts = fopen("/proc/self/mounts", "r");
  struct mntent *m;
  while (mounts && (m = getmntent(mounts)))
    if (!strcmp(m->mnt_type, "cgroup2")) snprintf(top, sizeof top, "%.3000s/t%d", m->mnt_dir, getpid());
  if (mounts) fclose(mounts);
  MUST(mkdir(top, 0755));
  MUST(chdir(top));
}

// Writes a text to a file as one write; the errno, or 0.
UNUSED static int set(const char *file, const char *text) {
  int fd = open(file, O_WRONLY | O_CLOEXEC);
  if (fd == -1) return errno;
  int error = write(fd, text, strlen(text)) == -1 ? errno : 0;
  close(fd);
  return error;
}
UNUSED static void set_pid(const char *file, pid_t pid) {
  char text[16];
  snprintf(text, sizeof text, "%d", pid);
  int error = set(file, text);
  if (error) say("pid to %s: %s\n", file, err(error));
}
#define SET(file, text) say("%s < %s: %s\n", file, text, err(set(file, text)))

// What a file says, its newlines as "|".
UNUSED static const char *get(const char *file) {
  static char text[4096];
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd == -1) return err(errno);
  ssize_t n = read(fd, text, sizeof text - 1);
  int error = errno;
  close(fd);
  if (n == -1) return err(error);
  text[n] = 0;
  for (char *c = text; *c; c++)
    if (*c == '\n') *c = '|';
  return text;
}
#define GET(file) say("%s: %s\n", file, get(file))

// Waits until a file holds a text, at most five seconds.
UNUSED static bool holds(const char *file, const char *text) {
  for (int i = 0; i < 1000; i++, nap(5))
    if (strstr(get(file), text)) return true;
  return false;
}
#define HOLDS(file, text) CHECK(holds(file, text))

// Where a process is, as /proc shows it, from this program's own group on.
UNUSED static const char *place(pid_t pid) {
  static char text[PATH_MAX];
  char path[64], own[32];
  snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
  FILE *f = fopen(path, "r");
  if (!f) return err(errno);
  snprintf(own, sizeof own, "/t%d", atoi(strrchr(top, '/') + 2));
  const char *found = "elsewhere";
  char line[PATH_MAX];
  while (fgets(line, sizeof line, f)) {
    if (strncmp(line, "0::", 3)) continue;
    line[strcspn(line, "\n")] = 0;
    char *at = strstr(line, own);
    if (at) found = strcpy(text, at + strlen(own)), found = *found ? found : ".";
  }
  fclose(f);
  return found;
}

// A child that does nothing, in a group.
UNUSED static pid_t sleeper(const char *procs) {
  pid_t pid = CHILD(for (;;) pause());
  set_pid(procs, pid);
  return pid;
}
UNUSED static void end(pid_t pid) {
  kill(pid, SIGKILL);
  reap(pid);
}
