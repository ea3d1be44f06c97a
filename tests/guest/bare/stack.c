// What execve(2) laid on the stack: argc, argv, envp, auxv.
#include "start.h"
int start(long *stack) {
  long argc = stack[0];
  char **argv = (char **)(stack + 1), **envp = argv + argc + 1;
  say("argc ");
  say_number(argc);
  say("\n");
  for (long i = 0; i < argc; i++) {
    // The first argument is the path, which differs from place to place.
    if (i) {
      say("argv ");
      say(argv[i]);
      say("\n");
    }
  }
  say(argv[argc] ? "argv not ended\n" : "argv ended\n");
  while (*envp) envp++;
  long *aux = (long *)(envp + 1);
  int page = 0, entry = 0, random = 0, phdr = 0;
  for (; aux[0]; aux += 2) {
    if (aux[0] == 6 && aux[1] == 4096) page = 1;
    if (aux[0] == 9 && aux[1]) entry = 1;
    if (aux[0] == 25 && aux[1]) random = 1;
    if (aux[0] == 3 && aux[1]) phdr = 1;
  }
  say(page && entry && random && phdr ? "auxv good\n" : "auxv lacks entries\n");
  return 0;
}
