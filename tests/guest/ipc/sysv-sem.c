// svipc(7), semop(2): atomic sets, waiting, undo, values, removal, errors.
#include "t.h"
#include <sys/ipc.h>
#include <sys/sem.h>
union semun { int val; struct semid_ds *buf; unsigned short *array; };
static int op(int id, int n, int change, int flags) {
  struct sembuf one = {n, change, flags};
  return semop(id, &one, 1);
}
int main(void) {
  T(semget(0x7e57, 1, 0));
  T(semget(IPC_PRIVATE, 0, 0600));
  T(semget(IPC_PRIVATE, 40000, 0600));
  int id = MUST(semget(0x7e570001, 3, IPC_CREAT | IPC_EXCL | 0640));
  CHECK(semget(0x7e570001, 2, 0) == id);
  T(semget(0x7e570001, 4, 0));
  T(semget(0x7e570001, 3, IPC_CREAT | IPC_EXCL | 0640));
  T(op(id, 0, 5, 0));
  T(op(id, 0, -6, IPC_NOWAIT));
  T(op(id, 0, 0, IPC_NOWAIT));
  T(op(id, 1, 0, 0));
  T(op(id, 3, 1, 0));
  T(op(id, 0, 32767, 0));
  T(op(-1, 0, 1, 0));
  T(op(id + 1, 0, 1, 0));
  T(semop(id, NULL, 0));
  T(semop(id, (void *)16, 1));
  struct sembuf many[501];
  memset(many, 0, sizeof many);
  T(semop(id, many, 501));
  struct sembuf both[2] = {{0, -1, 0}, {1, -1, IPC_NOWAIT}};
  T(semop(id, both, 2));
  T(semctl(id, 0, GETVAL));
  both[1].sem_op = 2;
  T(semop(id, both, 2));
  T(semctl(id, 0, GETVAL));
  T(semctl(id, 1, GETVAL));
  CHECK(semctl(id, 1, GETPID) == getpid());
  unsigned short values[3] = {7, 8, 9};
  T(semctl(id, 0, SETALL, values));
  memset(values, 0, sizeof values);
  T(semctl(id, 0, GETALL, values));
  say("%d %d %d\n", values[0], values[1], values[2]);
  T(semctl(id, 2, SETVAL, 32768));
  T(semctl(id, 2, SETVAL, -1));
  T(semctl(id, 3, SETVAL, 1));
  T(semctl(id, 0, 99));
  struct semid_ds ds;
  T(semctl(id, 0, IPC_STAT, &ds));
  say("%o %ld\n", ds.sem_perm.mode, (long)ds.sem_nsems);
  CHECK(ds.sem_perm.__key == 0x7e570001);
  CHECK(ds.sem_perm.cuid == geteuid());
  CHECK(ds.sem_otime != 0 && ds.sem_ctime != 0);
  ds.sem_perm.mode = 0600;
  T(semctl(id, 0, IPC_SET, &ds));
  T(semctl(id, 0, IPC_STAT, &ds));
  say("%o\n", ds.sem_perm.mode);
  // waiting: two for an increase, one for zero
  MUST(semctl(id, 0, SETVAL, 0));
  MUST(semctl(id, 1, SETVAL, 1));
  pid_t a = CHILD(_exit(op(id, 0, -2, 0) == 0 ? 1 : 2));
  until(a, 'S');
  pid_t b = CHILD(_exit(op(id, 0, -1, 0) == 0 ? 3 : 4));
  until(b, 'S');
  pid_t c = CHILD(_exit(op(id, 1, 0, 0) == 0 ? 5 : 6));
  until(c, 'S');
  T(semctl(id, 0, GETNCNT));
  T(semctl(id, 1, GETZCNT));
  T(op(id, 0, 1, 0));
  REAP(b);
  T(op(id, 0, 2, 0));
  REAP(a);
  T(op(id, 1, -1, 0));
  REAP(c);
  T(semctl(id, 0, GETVAL));
  // undo
  MUST(semctl(id, 0, SETVAL, 3));
  APART(MUST(op(id, 0, -2, SEM_UNDO)); say("child leaves %d\n", semctl(id, 0, GETVAL)));
  T(semctl(id, 0, GETVAL));
  APART(MUST(op(id, 0, 4, SEM_UNDO)); MUST(op(id, 0, -5, 0)); say("child leaves %d\n", semctl(id, 0, GETVAL)));
  T(semctl(id, 0, GETVAL));
  // time-outs and signals
  struct timespec shortly = {0, 20000000}, bad = {0, 1000000000};
  struct sembuf take = {0, -100, 0};
  double start = now();
  T(semtimedop(id, &take, 1, &shortly));
  CHECK(now() - start >= 20);
  T(semtimedop(id, &take, 1, &bad));
  pid_t waiter = CHILD(signal(SIGUSR1, SIG_IGN); struct sigaction act = {0}; act.sa_handler = (void (*)(int))abs;
                       act.sa_flags = SA_RESTART; sigaction(SIGUSR2, &act, 0); long r = semop(id, &take, 1);
                       say("interrupted: %ld %s\n", r, err(errno)));
  until(waiter, 'S');
  kill(waiter, SIGUSR2);
  REAP(waiter);
  // permissions
  APART(MUST(setuid(1000)); T(semget(0x7e570001, 1, 0400)); T(op(id, 0, 1, 0)); T(semctl(id, 0, GETVAL));
        T(semctl(id, 0, IPC_RMID)));
  // removal wakes
  waiter = CHILD(_exit(semop(id, &take, 1) == -1 && errno == EIDRM ? 7 : 8));
  until(waiter, 'S');
  T(semctl(id, 0, IPC_RMID));
  REAP(waiter);
  T(op(id, 0, 1, 0));
  T(semctl(id, 0, IPC_RMID));
  return 0;
}
