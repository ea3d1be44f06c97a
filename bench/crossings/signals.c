/* Signals: sent to oneself and handled; a memory fault handled. */
#include "measure.h"
#include <signal.h>
#include <sys/mman.h>

static volatile long handled;
static void handler(int number) { handled += number; }
static uint64_t signal_(long n) {
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGUSR1, &action, 0);
  pid_t self = getpid();
  TIMED(kill(self, SIGUSR1));
}
static char *page;
static void open_page(int number) { mprotect(page, 4096, PROT_READ | PROT_WRITE); }
static uint64_t segv(long n) {
  struct sigaction action = {.sa_handler = open_page};
  sigaction(SIGSEGV, &action, 0);
  if (!page) page = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  TIMED((mprotect(page, 4096, PROT_NONE), *(volatile char *)page = 1));
}

int main(int argc, char **argv) {
  return choose((struct row[]){{"signal", signal_}, {"segv", segv}, {0}}, argc, argv);
}
