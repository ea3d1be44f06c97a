// Read-write locks, barriers, semaphores, once, spin locks.
#include "t.h"
#include <pthread.h>
#include <semaphore.h>
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t bar;
static int readers, most, value, torn;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void only(void) { say("once\n"); }
static void *reader(void *x) {
  pthread_once(&once, only);
  pthread_rwlock_rdlock(&rw);
  int n = __atomic_add_fetch(&readers, 1, __ATOMIC_SEQ_CST);
  pthread_barrier_wait(&bar);
  if (n > most) most = n;
  __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
  pthread_rwlock_unlock(&rw);
  return x;
}
static void *writer(void *x) {
  for (int i = 0; i < 300; i++) {
    pthread_rwlock_wrlock(&rw);
    int v = value;
    if (i % 30 == 0) sched_yield();
    if (value != v) torn = 1;
    value = v + 1;
    pthread_rwlock_unlock(&rw);
  }
  return x;
}
static sem_t sem;
static void *poster(void *x) {
  for (int i = 0; i < 100; i++) sem_post(&sem);
  return x;
}
static void *serial(void *x) {
  (void)x;
  return (void *)(long)(pthread_barrier_wait(&bar) == PTHREAD_BARRIER_SERIAL_THREAD);
}
int main(void) {
  pthread_t t[6];
  pthread_barrier_init(&bar, 0, 6);
  for (int i = 0; i < 6; i++) pthread_create(&t[i], 0, reader, 0);
  for (int i = 0; i < 6; i++) pthread_join(t[i], 0);
  say("readers at once %d\n", most);
  for (int i = 0; i < 4; i++) pthread_create(&t[i], 0, writer, 0);
  for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
  say("value %d torn %d\n", value, torn);
  pthread_rwlock_rdlock(&rw);
  say("try write %s\n", err(pthread_rwlock_trywrlock(&rw)));
  say("try read %s\n", err(pthread_rwlock_tryrdlock(&rw)));
  pthread_rwlock_unlock(&rw);
  pthread_rwlock_unlock(&rw);
  pthread_rwlock_wrlock(&rw);
  say("write again %s\n", err(pthread_rwlock_wrlock(&rw)));
  say("try read %s\n", err(pthread_rwlock_tryrdlock(&rw)));
  int serials = 0;
  for (int round = 0; round < 5; round++) {
    for (int i = 0; i < 6; i++) pthread_create(&t[i], 0, serial, 0);
    for (int i = 0; i < 6; i++) {
      void *r;
      pthread_join(t[i], &r);
      serials += (long)r != 0;
    }
  }
  say("serial %d\n", serials);
  sem_init(&sem, 0, 0);
  for (int i = 0; i < 3; i++) pthread_create(&t[i], 0, poster, 0);
  for (int i = 0; i < 300; i++) sem_wait(&sem);
  for (int i = 0; i < 3; i++) pthread_join(t[i], 0);
  T(sem_trywait(&sem));
  struct timespec ts;
  clock_gettime(CLOCK_REALTIME, &ts);
  T(sem_timedwait(&sem, &ts));
  return 0;
}
