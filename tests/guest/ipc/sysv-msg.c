// svipc(7), msgsnd(2), msgrcv(2): types, sizes, waiting, removal, errors.
#include "t.h"
#include <sys/ipc.h>
#include <sys/msg.h>
struct message { long type; char text[9000]; };
static struct message m;
static int sendm(int id, long type, const char *text, int flags) {
  m.type = type;
  strcpy(m.text, text);
  return msgsnd(id, &m, strlen(text), flags);
}
static void receive(int id, size_t room, long type, int flags) {
  memset(&m, 0, sizeof m);
  errno = 0;
  long n = msgrcv(id, &m, room, type, flags);
  if (n < 0) say("receive type %ld flags %#x: %s\n", type, flags, err(errno));
  else say("receive type %ld flags %#x: %ld type %ld \"%.*s\"\n", type, flags, n, m.type, (int)n, m.text);
}
int main(void) {
  T(msgget(0x7e57, 0));
  int id = MUST(msgget(0x7e570002, IPC_CREAT | IPC_EXCL | 0600));
  T(msgget(0x7e570002, IPC_CREAT | IPC_EXCL | 0600));
  T(sendm(id, 3, "three", 0));
  T(sendm(id, 1, "one", 0));
  T(sendm(id, 2, "two", 0));
  T(sendm(id, 1, "another", 0));
  T(sendm(id, 0, "none", 0));
  T(sendm(id, -1, "none", 0));
  T(msgsnd(id, &m, 8193, 0));
  T(msgsnd(id, (void *)16, 1, 0));
  T(msgsnd(-1, &m, 1, 0));
  struct msqid_ds ds;
  T(msgctl(id, IPC_STAT, &ds));
  say("%lu messages, %lu bytes of %lu\n", (long)ds.msg_qnum, (long)ds.__msg_cbytes, (long)ds.msg_qbytes);
  CHECK(ds.msg_lspid == getpid());
  CHECK(ds.msg_lrpid == 0 && ds.msg_rtime == 0 && ds.msg_stime != 0);
  receive(id, 2, 0, IPC_NOWAIT);
  receive(id, 100, -2, IPC_NOWAIT);
  receive(id, 3, -2, MSG_NOERROR | IPC_NOWAIT);
  receive(id, 100, 3, MSG_EXCEPT | IPC_NOWAIT);
  receive(id, 100, 7, IPC_NOWAIT);
  receive(id, 100, 0, IPC_NOWAIT | MSG_COPY);
  receive(id, 100, 1, IPC_NOWAIT | MSG_COPY);
  receive(id, 100, 0, MSG_COPY);
  receive(id, 100, 3, 0);
  receive(id, 100, 0, IPC_NOWAIT);
  T(msgrcv(id, &m, -1, 0, IPC_NOWAIT));
  // a reader waits for its type
  pid_t c = CHILD(_exit(msgrcv(id, &m, 100, 5, 0) == 8 && m.type == 5 ? 3 : 4));
  until(c, 'S');
  sendm(id, 4, "not this", 0);
  sendm(id, 5, "but this", 0);
  REAP(c);
  receive(id, 100, 0, IPC_NOWAIT);
  // a full queue
  memset(m.text, 'x', sizeof m.text);
  m.type = 1;
  T(msgsnd(id, &m, 8192, IPC_NOWAIT));
  T(msgsnd(id, &m, 8192, IPC_NOWAIT));
  T(msgsnd(id, &m, 1, IPC_NOWAIT));
  c = CHILD(m.type = 2; _exit(msgsnd(id, &m, 10, 0) == 0 ? 5 : 6));
  until(c, 'S');
  T(msgrcv(id, &m, 9000, 0, 0));
  REAP(c);
  T(msgctl(id, IPC_STAT, &ds));
  say("%lu messages, %lu bytes\n", (long)ds.msg_qnum, (long)ds.__msg_cbytes);
  ds.msg_qbytes = 100;
  T(msgctl(id, IPC_SET, &ds));
  T(msgsnd(id, &m, 101, IPC_NOWAIT));
  T(msgctl(id, 99, &ds));
  APART(MUST(setuid(1000)); receive(id, 100, 0, IPC_NOWAIT); T(msgget(0x7e570002, 0600)); T(msgctl(id, IPC_RMID, 0)));
  c = CHILD(_exit(msgrcv(id, &m, 100, 77, 0) == -1 && errno == EIDRM ? 7 : 8));
  until(c, 'S');
  T(msgctl(id, IPC_RMID, 0));
  REAP(c);
  T(sendm(id, 1, "late", 0));
  return 0;
}
