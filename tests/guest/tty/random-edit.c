// Random settings and random keys: what the program reads, what the terminal shows.
#include "../random.h"
#include "pty.h"
static void flow(const char *name, int fd) {
  char text[4096];
  int n = 0;
  struct pollfd p = {fd, POLLIN, 0};
  while (n < (int)sizeof text && poll(&p, 1, 12) > 0) {
    int got = read(fd, text + n, sizeof text - n);
    if (got <= 0) break;
    n += got;
  }
  print_bytes(name, text, n);
}
int main(int argc, char **argv) {
  seed(argc, argv);
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  signal(SIGTSTP, SIG_IGN);
  int master = open_master(), slave = MUST(slave_of(master));
  fcntl(slave, F_SETFL, O_NONBLOCK);
  static const char keys[] = "abcXYZ  \t\n\n\r\x03\x04\x04\x08\x0f\x11\x12\x13\x15\x16\x17\x1a\x1b\x1c\x7f\x7f\x7f\xe9\xc3";
  for (int round = 0; round < 70; round++) {
    struct termios t;
    MUST(tcgetattr(slave, &t));
    tcflag_t i[] = {BRKINT, ICRNL, INLCR, IGNCR, ISTRIP, IXON, IXANY, IMAXBEL, IUTF8, IUCLC};
    tcflag_t o[] = {OPOST, ONLCR, OCRNL, ONOCR, ONLRET, OLCUC};
    tcflag_t l[] = {ISIG, ICANON, ECHO, ECHOE, ECHOK, ECHONL, ECHOCTL, ECHOKE, ECHOPRT, NOFLSH, IEXTEN};
    t.c_iflag = t.c_oflag = t.c_lflag = 0;
    for (int k = 0; k < 10; k++)
      if (rnd(k == 1 ? 2 : 4) == 0) t.c_iflag |= i[k];
    for (int k = 0; k < 6; k++)
      if (rnd(k < 2 ? 2 : 4) == 0) t.c_oflag |= o[k];
    for (int k = 0; k < 11; k++)
      if (rnd(k < 4 ? 4 : 2) != 0) t.c_lflag |= l[k];
    t.c_oflag |= OPOST & (rnd(3) ? ~0u : 0u);
    t.c_cc[VMIN] = rnd(2);
    t.c_cc[VTIME] = 0;
    MUST(tcsetattr(slave, rnd(2) ? TCSANOW : TCSAFLUSH, &t));
    // Output that was stopped goes on.
    tcflow(slave, TCOON);
    say("round %d i %x o %x l %x min %d\n", round, t.c_iflag, t.c_oflag, t.c_lflag, t.c_cc[VMIN]);
    char text[40];
    int n = 1 + rnd(30);
    for (int k = 0; k < n; k++) text[k] = keys[rnd(sizeof keys - 1)];
    print_bytes("keys", text, n);
    MUST(write(master, text, n));
    nap(12);
    flow("shown", master);
    int waiting = -1;
    ioctl(slave, FIONREAD, &waiting);
    say("waiting %d\n", waiting);
    for (int k = 0; k < 4; k++) {
      char line[64];
      long r = read(slave, line, rnd(3) ? 64 : 1 + rnd(5));
      if (r < 0) {
        say("read %s\n", err(errno));
        break;
      }
      print_bytes("read", line, r);
    }
    if (rnd(3) == 0) {
      n = 1 + rnd(20);
      for (int k = 0; k < n; k++) text[k] = "ab \t\n\r\x08" "AB"[rnd(9)];
      long w = write(slave, text, n);
      say("wrote %ld %s\n", w, w < 0 ? err(errno) : "");
      flow("output", master);
    }
  }
  return 0;
}
