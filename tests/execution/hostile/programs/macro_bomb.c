// status: compile_error wall_time cpu_time memory_limit
// limits: compile_wall_seconds=2 compile_memory_bytes=134217728
#define A(x) x x x x x x x x x x
#define B(x) A(A(A(A(x))))
#define C(x) B(B(B(x)))
int main(void) { C(C(int a; (void)sizeof a;)) return 0; }
