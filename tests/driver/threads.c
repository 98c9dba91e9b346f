/* Several threads of one program read at the same time: every call gets a whole result of its own. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "SSCardDriver.h"

#define THREADS 6
#define CALLS 4

static void *reads(void *wrong)
{
    char out[SSCARD_OUTPUT_LENGTH];
    int at;
    for (at = 0; at < CALLS; at++)
        if (iReadCardBas(1, out) != 0 || strlen(out) < 100 || out[strlen(out) - 1] != '|')
            ++*(int *)wrong;
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int wrong[THREADS] = {0}, at, all = 0;
    for (at = 0; at < THREADS; at++)
        pthread_create(&threads[at], NULL, reads, &wrong[at]);
    for (at = 0; at < THREADS; at++) {
        pthread_join(threads[at], NULL);
        all += wrong[at];
    }
    printf("%d wrong of %d\n", all, THREADS * CALLS);
    return 0;
}
