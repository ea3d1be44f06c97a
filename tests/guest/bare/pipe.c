// Two processes, a pipe between them, end of file when the writer is gone.
#include "start.h"
int start(long *stack) {
  (void)stack;
  int fd[2];
  char text[64];
  say_number(call(SYS_pipe2, fd, 0));
  say("\n");
  long pid = call(SYS_clone, 17, 0, 0, 0, 0);
  if (pid == 0) {
    call(57, fd[0]);
    for (int i = 0; i < 3; i++) call(SYS_write, fd[1], "through the pipe", 16);
    return 0;
  }
  call(57, fd[1]);
  long total = 0, n;
  while ((n = call(SYS_read, fd[0], text, 16)) > 0) total += n;
  say_number(total);
  say(" ");
  say_number(n);
  say("\n");
  call(SYS_wait4, pid, 0, 0, 0);
  return 0;
}
