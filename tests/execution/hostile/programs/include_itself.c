// status: compile_error output_limit
#include __FILE__
#include __FILE__
int main(void) { return 0; }
