// Canonical input through blocking reads: a read returns one line; an end of file; a signal interrupts.
#include "pty.h"
static int master, slave;
static void caught(int number) { say("caught %s\n", sig(number)); }
int main(void) {
  char text[256];
  master = open_master();
  slave = MUST(slave_of(master));
  set_local(slave, 0, ECHO);
  pid_t typist = CHILD(nap(50); write(master, "late", 4); nap(50); write(master, " line\nnext\n", 11));
  print_bytes("one", text, read(slave, text, sizeof text));
  print_bytes("two", text, read(slave, text, 2));
  print_bytes("rest", text, read(slave, text, sizeof text));
  REAP(typist);
  typist = CHILD(nap(50); write(master, "\x04", 1));
  print_bytes("end", text, read(slave, text, sizeof text));
  REAP(typist);
  struct sigaction action = {.sa_handler = caught};
  sigaction(SIGALRM, &action, 0);
  typist = CHILD(nap(50); kill(getppid(), SIGALRM));
  T(read(slave, text, 1));
  REAP(typist);
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, 0);
  typist = CHILD(nap(50); kill(getppid(), SIGALRM); nap(70); write(master, "again\n", 6));
  print_bytes("restarted", text, read(slave, text, sizeof text));
  REAP(typist);
  // a switch to raw makes what was typed readable, a switch back makes a line of it
  write(master, "half", 4);
  nap(30);
  int n = -1;
  T(ioctl(slave, FIONREAD, &n));
  say("%d\n", n);
  set_local(slave, 0, ICANON);
  T(ioctl(slave, FIONREAD, &n));
  say("%d\n", n);
  set_local(slave, ICANON, 0);
  T(ioctl(slave, FIONREAD, &n));
  say("%d\n", n);
  print_bytes("half", text, read(slave, text, sizeof text));
  // stopped output holds a writer
  pid_t writer;
  write(master, "\x13", 1);
  nap(20);
  writer = CHILD(T(write(slave, "held\n", 5)));
  nap(60);
  say("state %c\n", state_of(writer));
  write(master, "\x11", 1);
  REAP(writer);
  drain("master", master);
  T(isatty(slave));
  T(isatty(master));
  struct termios t;
  tcgetattr(slave, &t);
  t.c_lflag |= ECHO;
  T(tcsetattr(slave, TCSADRAIN, &t));
  write(master, "typed ahead", 11);
  nap(30);
  T(tcsetattr(slave, TCSAFLUSH, &t));
  write(master, "!\n", 2);
  drain("slave", slave);
  drain("echo", master);
  return 0;
}
