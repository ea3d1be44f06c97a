// svipc(7), shmget(2), shmat(2): memory shared by key, attachments and their count, removal while attached, errors.
#include "t.h"
#include <sys/ipc.h>
#include <sys/shm.h>
int main(void) {
  T(shmget(0x7e57, 1, 0));
  T(shmget(IPC_PRIVATE, 0, 0600));
  int id = MUST(shmget(0x7e570003, 10000, IPC_CREAT | IPC_EXCL | 0600));
  CHECK(shmget(0x7e570003, 100, 0) == id);
  T(shmget(0x7e570003, 10001, 0));
  T(shmget(0x7e570003, 1, IPC_CREAT | IPC_EXCL));
  char *a = shmat(id, 0, 0);
  CHECK(a != (void *)-1 && ((long)a & 4095) == 0);
  char *b = shmat(id, 0, SHM_RDONLY);
  CHECK(b != a);
  strcpy(a, "through both");
  say("%s\n", b);
  CHECK(a[9999] == 0 && a[12287] == 0);
  struct shmid_ds ds;
  T(shmctl(id, IPC_STAT, &ds));
  say("size %lu, attached %lu, mode %o\n", (long)ds.shm_segsz, (long)ds.shm_nattch, ds.shm_perm.mode);
  CHECK(ds.shm_cpid == getpid() && ds.shm_lpid == getpid());
  CHECK(ds.shm_atime != 0 && ds.shm_dtime == 0);
  APART(b[0] = 1);
  APART(MUST(shmctl(id, IPC_STAT, &ds)); say("in the child: attached %lu\n", (long)ds.shm_nattch); a[0] = 'T');
  say("%s\n", b);
  T(shmctl(id, IPC_STAT, &ds));
  say("attached %lu\n", (long)ds.shm_nattch);
  T(mprotect(b, 4096, PROT_READ | PROT_WRITE));
  T(shmdt(b));
  T(shmdt(b));
  T(shmdt(a + 1));
  T(shmdt(a + 4096));
  T((long)shmat(id, a + 1, 0));
  T((long)shmat(id, a, 0));
  char *room = mmap(0, 32768, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  T((long)shmat(id, room + 4096, 0));
  CHECK(shmat(id, room + 4096 + 5, SHM_RND | SHM_REMAP) == room + 4096);
  say("%s\n", room + 4096);
  T((long)shmat(id, 0, SHM_REMAP));
  T((long)shmat(-1, 0, 0));
  T((long)shmat(id + 1, 0, 0));
  T(munmap(room + 8192, 4096));
  T(shmctl(id, IPC_STAT, &ds));
  say("attached %lu\n", (long)ds.shm_nattch);
  T(shmdt(room + 4096));
  say("%s\n", a);
  T(shmctl(id, SHM_LOCK, 0));
  T(shmctl(id, IPC_STAT, &ds));
  say("mode %o\n", ds.shm_perm.mode);
  T(shmctl(id, SHM_UNLOCK, 0));
  APART(MUST(setuid(1000)); T(shmget(0x7e570003, 1, 0600)); T((long)shmat(id, 0, 0)); T(shmctl(id, IPC_RMID, 0)));
  // removed while attached: still there, without its key
  T(shmctl(id, IPC_RMID, 0));
  T(shmget(0x7e570003, 1, 0));
  T(shmctl(id, IPC_STAT, &ds));
  say("mode %o, attached %lu, key %d\n", ds.shm_perm.mode, (long)ds.shm_nattch, ds.shm_perm.__key);
  char *c = shmat(id, 0, 0);
  CHECK(c != (void *)-1);
  say("%s\n", c);
  shmdt(c);
  T(shmdt(a));
  T(shmctl(id, IPC_STAT, &ds));
  T((long)shmat(id, 0, 0));
  // exec and exit detach
  id = MUST(shmget(IPC_PRIVATE, 4096, 0600));
  APART(MUST((long)shmat(id, 0, 0)));
  T(shmctl(id, IPC_STAT, &ds));
  say("attached %lu\n", (long)ds.shm_nattch);
  T(shmctl(id, IPC_RMID, 0));
  T(shmctl(id, IPC_STAT, &ds));
  return 0;
}
