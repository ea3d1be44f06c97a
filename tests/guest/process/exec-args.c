// execve(2): argv and envp arrive as given, whatever they hold; too much of them is E2BIG.
#include "t.h"
extern char **environ;
static char self[PATH_MAX];
static void run(char **argv, char **envp) {
  pid_t c = CHILD({
    execve(self, argv, envp);
    say("execve = %s\n", err(errno));
    _exit(1);
  });
  int status = reap(c);
  if (status) say("%s\n", status_text(status));
}
int main(int argc, char **argv) {
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  if (getenv("SHOW") || argc == 0 || (argc > 0 && strcmp(argv[0], "show") == 0) || argv[0][0] == 0) {
    say("argc %d\n", argc);
    for (int i = 0; i < argc; i++) {
      if (strlen(argv[i]) > 60) say("argv[%d] of %zu\n", i, strlen(argv[i]));
      else print_bytes("argv", argv[i], strlen(argv[i]));
    }
    CHECK(argv[argc] == 0);
    for (char **e = environ; *e; e++) {
      if (strlen(*e) > 60) say("env of %zu\n", strlen(*e));
      else print_bytes("env", *e, strlen(*e));
    }
    // Linux lays the strings in one run, argv first.
    int contiguous = 1;
    for (int i = 0; i + 1 < argc; i++) contiguous &= argv[i] + strlen(argv[i]) + 1 == argv[i + 1];
    CHECK(contiguous);
    return 0;
  }
  run((char *[]){"show", "one", "", "two words", "\x01\xff\n", 0}, (char *[]){"A=1", "B=", "no equals", "A=2", "", 0});
  run((char *[]){"show", 0}, (char *[]){0});
  // Since 5.18 an empty argv becomes one empty string.
  run((char *[]){0}, (char *[]){"SHOW=1", 0});
  run(0, (char *[]){"SHOW=1", 0});
  run((char *[]){"show", 0}, 0);
  // One string may be 128 KiB with its end, no longer.
  char *big = malloc(200000);
  memset(big, 'x', 200000);
  big[131071] = 0;
  run((char *[]){"show", big, 0}, (char *[]){0});
  run((char *[]){"show", 0}, (char *[]){big, 0});
  big[131071] = 'x';
  big[131072] = 0;
  run((char *[]){"show", big, 0}, (char *[]){0});
  // All of them together: a quarter of the stack limit, 2 MiB here.
  struct rlimit l = {8 << 20, 8 << 20};
  MUST(setrlimit(RLIMIT_STACK, &l));
  big[100000] = 0;
  char *many[60];
  many[0] = "show";
  for (int i = 1; i < 60; i++) many[i] = big;
  many[31] = 0;
  run(many, (char *[]){0});
  // The reader prints thirty; what is past the limit fails.
  many[31] = big;
  many[50] = 0;
  run(many, (char *[]){0});
  // Pointers that lead nowhere.
  run((char **)8, (char *[]){0});
  run((char *[]){"show", (char *)8, 0}, (char *[]){0});
  run((char *[]){"show", 0}, (char **)8);
  return 0;
}
