// build: -pthread
// cgroups(7): groups made and removed, made threaded, limited in number; processes and threads moved between them, frozen
// and killed, at random; after each step every group's type, whether it is populated and how many are in it.
#include "cgroup.h"
#include "../random.h"
#include <pthread.h>

#define GROUPS 7
#define PROCESSES 4
static const char *const groups[GROUPS] = {"a", "a/b", "a/b/c", "a/d", "e", "e/f", "e/f/g"};
static pid_t pids[PROCESSES], threads[PROCESSES];

static void *body(void *pipe_end) {
  pid_t tid = gettid();
  write((int)(intptr_t)pipe_end, &tid, sizeof tid);
  for (;;) pause();
  return 0;
}
static void start(int i) {
  int fds[2];
  MUST(pipe(fds));
  pids[i] = CHILD({
    pthread_t thread;
    pthread_create(&thread, 0, body, (void *)(intptr_t)fds[1]);
    for (;;) pause();
  });
  MUST(read(fds[0], &threads[i], sizeof threads[i]));
  close(fds[0]), close(fds[1]);
}
static const char *path(int group, const char *file) {
  static char text[4][128];
  static int next;
  char *made = text[next++ % 4];
  snprintf(made, sizeof text[0], "%s/%s", groups[group], file);
  return made;
}
static int lines(const char *file) {
  int fd = open(file, O_RDONLY);
  if (fd == -1) return -errno;
  char text[4096];
  ssize_t n = read(fd, text, sizeof text);
  int error = errno, count = 0;
  close(fd);
  if (n == -1) return -error;
  for (ssize_t i = 0; i < n; i++) count += text[i] == '\n';
  return count;
}
static void show(void) {
  char line[1024] = "";
  for (int i = 0; i < GROUPS; i++) {
    if (access(groups[i], F_OK)) continue;
    char type[64];
    snprintf(type, sizeof type, "%s", get(path(i, "cgroup.type")));
    int populated = strstr(get(path(i, "cgroup.events")), "populated 1") != 0;
    size_t used = strlen(line);
    snprintf(line + used, sizeof line - used, " %s:%s%s,%d,%d", groups[i], type, populated ? "+" : "-",
      lines(path(i, "cgroup.procs")), lines(path(i, "cgroup.threads")));
  }
  say(" %s\n", line);
}
static void set_number(const char *what, int group, const char *file, pid_t number) {
  char text[16];
  snprintf(text, sizeof text, "%d", number);
  say("%s %s: %s", what, groups[group], err(set(path(group, file), text)));
}

int main(int argc, char **argv) {
  seed(argc, argv);
  cgroup_begin();
  for (int i = 0; i < PROCESSES; i++) start(i);
  for (int step = 0; step < 250; step++) {
    int group = rnd(GROUPS);
    int process = rnd(PROCESSES);
    say("%d ", step);
    switch (rnd(12)) {
      case 0: case 1: case 2:
        say("mkdir %s: %s", groups[group], mkdir(groups[group], 0755) ? err(errno) : "0");
        break;
      case 3:
        say("rmdir %s: %s", groups[group], rmdir(groups[group]) ? err(errno) : "0");
        break;
      case 4:
        say("threaded %s: %s", groups[group], err(set(path(group, "cgroup.type"), "threaded")));
        break;
      case 5: case 6: case 7:
        set_number("process to", group, "cgroup.procs", pids[process]);
        break;
      case 8: case 9:
        set_number("thread to", group, "cgroup.threads", threads[process]);
        break;
      case 10: {
        int freeze = rnd(2);
        say("freeze %s %d: %s", groups[group], freeze, err(set(path(group, "cgroup.freeze"), freeze ? "1" : "0")));
        break;
      }
      default:
        if (rnd(2)) set_number("descendants", group, "cgroup.max.descendants", rnd(3));
        else {
          kill(pids[process], SIGKILL);
          reap(pids[process]);
          start(process);
          say("new process");
        }
    }
    show();
  }
  for (int i = 0; i < PROCESSES; i++) end(pids[i]);
  for (int i = GROUPS - 1; i >= 0; i--) rmdir(groups[i]);
  MUST(chdir("/"));
  T(rmdir(top));
  return 0;
}
