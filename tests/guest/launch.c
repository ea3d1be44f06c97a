// Starts a program of the suite on this machine as Airside starts it there: a session of its own, standard output and
// error one pipe, umask 022, signals at their defaults, nothing else open. Copies the output; then says on descriptor 3
// how it ended, as wait(2) has it. What is left of its process group is killed.
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// What is there to read, at most `wait` milliseconds from now. False at the end or when nothing came.
static int copy(int from, int wait) {
  char bytes[65536];
  struct pollfd p = {from, POLLIN, 0};
  if (poll(&p, 1, wait) != 1 || !(p.revents & POLLIN)) return 0;
  ssize_t n = read(from, bytes, sizeof bytes);
  for (ssize_t done = 0, w; done < n; done += w)
    if ((w = write(1, bytes + done, n - done)) <= 0) return 0;
  return n > 0;
}

int main(int argc, char **argv) {
  int out[2];
  (void)argc;
  if (pipe(out)) return 125;
  pid_t child = fork();
  if (child == 0) {
    setsid();
    umask(022);
    chmod(".", 0755);
    for (int s = 1; s < 65; s++) signal(s, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    struct rlimit stack = {8 << 20, RLIM_INFINITY};
    setrlimit(RLIMIT_STACK, &stack);
    dup2(out[1], 1);
    dup2(out[1], 2);
    for (int fd = 3; fd < 64; fd++) close(fd);
    execv(argv[1], argv + 1);
    _exit(127);
  }
  close(out[1]);
  // A left-over child may hold the pipe open: what has been written when the program ends is what counts.
  int status, ended = 0;
  while (!ended) {
    ended = waitpid(child, &status, WNOHANG) == child;
    if (!copy(out[0], ended ? 0 : 2)) usleep(500);
  }
  kill(-child, SIGKILL);
  while (copy(out[0], 0)) {
  }
  dprintf(3, "%d\n", status);
  return 0;
}
