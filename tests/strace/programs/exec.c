// mask: \d+ vars?|0x[0-9a-f]{6,}
#include "s.h"
int main(int argc, char **argv) {
  if (argc > 1) return 0;
  BEGIN();
  char *args[] = {"arg0", "with \"quotes\"", "a string that is longer than thirty-two characters", NULL};
  char *env[] = {"A=1", "B=2", NULL};
  call(execve, "/none", args, env);
  call(execve, "/none", NULL, NULL);
  call(execve, "/none", WILD, WILD);
  call(execve, WILD, args, env + 2);
  call(execveat, AT_FDCWD, "none", args, env, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
  call(execveat, 99, "", args, NULL, 5);
  return 0;
}
