// status: compile_error wall_time memory_limit
// limits: compile_wall_seconds=4
char all[1u << 30] = {1};
int main(void) { return all[5]; }
