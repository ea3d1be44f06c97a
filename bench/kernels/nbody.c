#include "start.h"
/* Double precision: multiply, add, square root, divide. */
struct body { double x[3], v[3], mass; };
static struct body bodies[5];
long run(void) {
  for (int i = 0; i < 5; i++)
    for (int k = 0; k < 3; k++) {
      bodies[i].x[k] = (i * 7 + k * 3) % 11 - 5.0 + i * 0.1;
      bodies[i].v[k] = ((i * 5 + k) % 7 - 3) * 0.01;
      bodies[i].mass = 1.0 / (i + 1);
    }
  for (int step = 0; step < 60000; step++) {
    for (int i = 0; i < 5; i++)
      for (int j = i + 1; j < 5; j++) {
        double d[3], square = 0.01;
        for (int k = 0; k < 3; k++) {
          d[k] = bodies[i].x[k] - bodies[j].x[k];
          square += d[k] * d[k];
        }
        double pull = 0.001 / (square * __builtin_sqrt(square));
        for (int k = 0; k < 3; k++) {
          bodies[i].v[k] -= d[k] * bodies[j].mass * pull;
          bodies[j].v[k] += d[k] * bodies[i].mass * pull;
        }
      }
    for (int i = 0; i < 5; i++)
      for (int k = 0; k < 3; k++) bodies[i].x[k] += 0.001 * bodies[i].v[k];
  }
  double sum = 0;
  for (int i = 0; i < 5; i++) sum += bodies[i].x[0];
  return (long)(sum * 1000) & 0xff;
}
