#include "start.h"
#define R(x, n) ((x) >> (n) | (x) << (32 - (n)))
static uint32_t k[64], h[8];
static void block(const uint32_t *p) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) w[i] = p[i];
  for (int i = 16; i < 64; i++) {
    uint32_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + (R(x, 7) ^ R(x, 18) ^ x >> 3) + w[i - 7] + (R(y, 17) ^ R(y, 19) ^ y >> 10);
  }
  for (int i = 0; i < 8; i++) s[i] = h[i];
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = s[7] + (R(s[4], 6) ^ R(s[4], 11) ^ R(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
    uint32_t t2 = (R(s[0], 2) ^ R(s[0], 13) ^ R(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    for (int j = 7; j > 0; j--) s[j] = s[j - 1];
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) h[i] += s[i];
}
long run(void) {
  uint32_t data[16];
  for (int i = 0; i < 64; i++) k[i] = i * 0x9e3779b9u;
  for (int i = 0; i < 16; i++) data[i] = i;
  for (int i = 0; i < 20000; i++) { data[0] = i; block(data); }
  return h[0] & 0xff;
}
