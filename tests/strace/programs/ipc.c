// mask: (?<=(?:ctl|at|op|snd|rcv|dop)\()\d+|(?<=get\((?:IPC_PRIVATE|0x1234),.* = )\d+
#include "s.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
int main(void) {
  BEGIN();
  int m = call(shmget, IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  void *a = (void *)call(shmat, m, NULL, SHM_RDONLY);
  call(shmat, -1, NULL, 0);
  call(shmdt, a);
  call(shmctl, m, IPC_RMID, NULL);
  m = call(shmget, 0x1234, 10, IPC_EXCL | IPC_CREAT);
  call(shmctl, m, IPC_RMID, NULL);
  int s = call(semget, IPC_PRIVATE, 2, 0666 | IPC_CREAT);
  struct sembuf ops[2] = {{0, 1, 0}, {1, -1, IPC_NOWAIT | SEM_UNDO}};
  call(semop, s, ops, 1);
  call(semop, s, ops + 1, 1);
  struct timespec t = {0, 1000};
  call(semtimedop, s, ops, 2, &t);
  call(semctl, s, 0, SETVAL, 3);
  call(semctl, s, 0, GETVAL, 0);
  call(semctl, s, 0, IPC_RMID, 0);
  call(semget, 5, 1, 0);
  int q = call(msgget, IPC_PRIVATE, IPC_CREAT | 0600);
  struct { long type; char text[16]; } msg = {3, "message"};
  call(msgsnd, q, &msg, 7, IPC_NOWAIT);
  call(msgrcv, q, &msg, 16, 0, MSG_NOERROR);
  call(msgrcv, q, &msg, 16, 5, IPC_NOWAIT);
  call(msgctl, q, IPC_RMID, NULL);
  call(msgget, 5, 0);
  return 0;
}
