#include "start.h"
/* A small virtual machine, as scripting languages have: a switch over operations, loads and stores on a stack. */
enum { PUSH, ADD, SUB, LT, JZ, JMP, LOAD, STORE, MUL, AND, HALT };
static const int code[] = {PUSH, 0, STORE, 0, PUSH, 0, STORE, 1, LOAD, 0, PUSH, 300000, LT, JZ, 36,
  LOAD, 1, LOAD, 0, PUSH, 7, MUL, ADD, PUSH, 0xffffff, AND, STORE, 1, LOAD, 0, PUSH, 1, ADD, STORE, 0, JMP, 8};
static const int tail[] = {HALT};
long run(void) {
  long stack[64], vars[4] = {0};
  long *sp = stack;
  const int *pc = code;
  for (;;) {
    if (pc == code + 36) pc = tail;
    switch (*pc++) {
      case PUSH: *sp++ = *pc++; break;
      case ADD: sp--; sp[-1] += sp[0]; break;
      case SUB: sp--; sp[-1] -= sp[0]; break;
      case MUL: sp--; sp[-1] *= sp[0]; break;
      case AND: sp--; sp[-1] &= sp[0]; break;
      case LT: sp--; sp[-1] = sp[-1] < sp[0]; break;
      case JZ: if (!*--sp) pc = code + *pc; else pc++; break;
      case JMP: pc = code + *pc; break;
      case LOAD: *sp++ = vars[*pc++]; break;
      case STORE: vars[*pc++] = *--sp; break;
      case HALT: return vars[1] & 0xff;
    }
  }
}
