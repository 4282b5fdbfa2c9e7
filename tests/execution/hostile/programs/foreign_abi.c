// status: error
// says: ^before\n$
// signal: SIGSYS
// only: x86_64
#include <stdio.h>
int main(void) {
    puts("before");
    fflush(stdout);
    int answer;
    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(20)); /* getpid of i386, which is another call here */
    printf("ESCAPED: %d\n", answer);
}
