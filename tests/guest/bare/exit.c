// The least there is: exit_group with a code.
#include "start.h"
int start(long *stack) { (void)stack; return 7; }
