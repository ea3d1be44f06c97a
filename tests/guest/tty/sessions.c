// Controlling terminals: how they are got, stolen, given up and lost.
#include "pty.h"
static void caught(int number) { say("caught %s\n", sig(number)); }
int main(void) {
  int master = open_master();
  char name[64];
  int number;
  MUST(ioctl(master, TIOCGPTN, &number));
  snprintf(name, sizeof name, "/dev/pts/%d", number);
  int slave = MUST(open(name, O_RDWR | O_NOCTTY));
  APART({
    T(setsid() > 0);
    T(open("/dev/tty", O_RDWR));
    OK(open(name, O_RDWR | O_NOCTTY));
    T(open("/dev/tty", O_RDWR));
    OK(open(name, O_WRONLY));
    T(open("/dev/tty", O_RDWR));
    OK(open(name, O_RDWR));
    OK(open("/dev/tty", O_RDWR));
    APART({ OK(open("/dev/tty", O_RDWR)); setsid(); T(open("/dev/tty", O_RDWR)); });
    APART({ T(ioctl(slave, TIOCNOTTY)); T(open("/dev/tty", O_RDWR)); T(ioctl(slave, TIOCNOTTY)); });
    OK(open("/dev/tty", O_RDWR));
    T(ioctl(slave, TIOCSCTTY, 0));
    pid_t other = CHILD({
      setsid();
      T(ioctl(slave, TIOCSCTTY, 0));
      T(ioctl(slave, TIOCSCTTY, 1));
      OK(open("/dev/tty", O_RDWR));
      int dup = open("/dev/tty", O_RDWR);
      say("%s\n", tcgetpgrp(dup) == getpid() ? "mine" : "not mine");
    });
    REAP(other);
    T(open("/dev/tty", O_RDWR));
  });
  // a leader gives it up
  APART({
    setsid();
    T(ioctl(slave, TIOCSCTTY, 0));
    signal(SIGHUP, caught);
    signal(SIGCONT, caught);
    T(ioctl(slave, TIOCNOTTY));
    T(open("/dev/tty", O_RDWR));
    T(tcgetpgrp(slave));
  });
  // a leader ends: the foreground group is told, and the terminal lives on
  gate ready = gate_new();
  pid_t leader = CHILD({
    setsid();
    T(ioctl(slave, TIOCSCTTY, 0));
    pid_t child = CHILD({
      setpgid(0, 0);
      signal(SIGHUP, caught);
      gate_open(ready);
      nap(150);
      T(open("/dev/tty", O_RDWR));
      T(write(slave, "x", 1));
      gate_open(ready);
    });
    setpgid(child, child);
    gate_wait(ready);
    T(tcsetpgrp(slave, child));
  });
  int status = reap(leader);
  nap(60);
  say("leader %s\n", status_text(status));
  gate_wait(ready);
  drain("master", master);
  // vhangup by the master's end
  leader = CHILD({
    setsid();
    MUST(ioctl(slave, TIOCSCTTY, 0));
    close(master);
    signal(SIGHUP, caught);
    gate_open(ready);
    char c;
    T(read(slave, &c, 1));
    nap(20);
    T(read(slave, &c, 1));
    T(write(slave, "x", 1));
    struct termios t;
    T(tcgetattr(slave, &t));
    events("slave", slave);
    T(open("/dev/tty", O_RDWR));
    T(open(name, O_RDWR));
  });
  gate_wait(ready);
  nap(50);
  close(master);
  REAP(leader);
  return 0;
}
