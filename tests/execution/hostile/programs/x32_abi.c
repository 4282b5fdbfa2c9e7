// status: error
// says: ^before\n$
// signal: SIGSYS
// only: x86_64
#include <stdio.h>
#include <unistd.h>
int main(void) {
    puts("before");
    fflush(stdout);
    printf("ESCAPED: %ld\n", syscall(0x40000000 | 39));
}
