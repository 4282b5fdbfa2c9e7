// status: compile_error wall_time cpu_time memory_limit
// limits: compile_wall_seconds=2
#include "/dev/zero"
int main(void) { return 0; }
