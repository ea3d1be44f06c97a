// VMIN and VTIME in all four cases; timeouts are about as long as asked.
#include "pty.h"
static int master, slave;
static void timed(const char *name, int count) {
  char text[64];
  double before = now();
  int n = read(slave, text, count);
  double took = now() - before;
  print_bytes(name, text, n);
  say("  took %s\n", took < 80 ? "no time" : took < 600 ? "some time" : "long");
}
static void later(const char *text, int ms) {
  if (fork() == 0) {
    nap(ms);
    write(master, text, strlen(text));
    _exit(0);
  }
}
int main(void) {
  signal(SIGCHLD, SIG_IGN);
  master = open_master();
  slave = MUST(slave_of(master));
  set_raw(slave, 0, 0);
  timed("MIN 0 TIME 0, empty", 10);
  write(master, "abc", 3);
  nap(20);
  timed("MIN 0 TIME 0", 2);
  timed("MIN 0 TIME 0, rest", 10);
  set_raw(slave, 0, 2);
  timed("MIN 0 TIME 2, empty", 10);
  later("x", 100);
  timed("MIN 0 TIME 2, late", 10);
  set_raw(slave, 3, 0);
  write(master, "12", 2);
  later("34", 150);
  timed("MIN 3 TIME 0", 10);
  write(master, "1", 1);
  nap(20);
  timed("MIN 3 TIME 0, room for 1", 1);
  write(master, "abcde", 5);
  nap(20);
  events("MIN 3, 5 there", slave);
  timed("MIN 3 TIME 0, more there", 10);
  write(master, "a", 1);
  nap(20);
  events("MIN 3, 1 there", slave);
  set_raw(slave, 5, 2);
  timed("MIN 5 TIME 2, 1 there", 10);
  later("yz", 300);
  timed("MIN 5 TIME 2, first late", 10);
  char c;
  T(fcntl(slave, F_SETFL, O_NONBLOCK));
  T(read(slave, &c, 1));
  set_raw(slave, 0, 5);
  T(read(slave, &c, 1));
  return 0;
}
