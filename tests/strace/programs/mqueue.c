#include "s.h"
#include <mqueue.h>
int main(void) {
  char b[100];
  unsigned prio;
  struct mq_attr a = {0, 5, 64, 0};
  BEGIN();
  int q = call(mq_open, "airside-q", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &a);
  call(mq_open, "none", O_RDONLY);
  call(mq_timedsend, q, "hello", 5, 3, NULL);
  struct timespec t = {1, 0};
  call(mq_timedreceive, q, b, 64, &prio, NULL);
  call(mq_timedreceive, q, b, 64, &prio, &t);
  call(mq_timedreceive, q, b, 5, NULL, &t);
  call(mq_getsetattr, q, NULL, &a);
  a.mq_flags = 0;
  call(mq_getsetattr, q, &a, &a);
  struct sigevent e = {.sigev_notify = SIGEV_NONE};
  call(mq_notify, q, &e);
  call(mq_notify, q, NULL);
  call(mq_unlink, "airside-q");
  call(mq_unlink, "airside-q");
  return 0;
}
