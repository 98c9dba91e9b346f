/* Vendors' libraries with one thing wrong each. They hand calls on to the right library beside them
 * (ONECARD_TEST_DRIVER), and differ in iReadCardBas. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef long (*with_number)(int, char *);
typedef long (*with_text)(char *, char *);

static void *right(const char *name)
{
    void *library = dlopen(getenv("ONECARD_TEST_DRIVER"), RTLD_NOW);
    void *found = library == NULL ? NULL : dlsym(library, name);
    if (found == NULL)
        abort();
    return found;
}

#ifdef LEAKS
/* PC/SC by hand, so that no header is needed. */
static void keep_reader(void)
{
    static long context, card;
    unsigned long protocol;
    void *pcsc = dlopen("libpcsclite.so.1", RTLD_NOW);
    long (*establish)(unsigned long, void *, void *, long *) = dlsym(pcsc, "SCardEstablishContext");
    long (*attach)(long, const char *, unsigned long, unsigned long, long *, unsigned long *) = dlsym(pcsc, "SCardConnect");
    establish(2, NULL, NULL, &context);
    attach(context, "Virtual PCD 00 00", 2, 1, &card, &protocol);
}
#endif

long iReadCardBas(int iType, char *pOutInfo)
{
    long code;
#ifdef CRASHES
    *(volatile int *)0 = iType;
#endif
#ifdef HANGS
    for (;;)
        pause();
#endif
#ifdef UNTERMINATED
    memset(pOutInfo, 'A', 2048);
    return 0;
#endif
#ifdef OVERRUNS
    memset(pOutInfo, 'A', 5000);
    pOutInfo[100] = '\0';
    return 0;
#endif
#ifdef GARBAGE
    strcpy(pOutInfo, "\xFF\xFE\xFF|");
    return 0;
#endif
#ifdef TALKS
    printf("{\"return\": 0, \"out\": \"41\", \"state\": \"terminated\", \"beyond\": false}\n");
    fflush(stdout);
#endif
    code = ((with_number)right("iReadCardBas"))(iType, pOutInfo);
#ifdef LEAKS
    keep_reader();
#endif
    return code;
}

#ifndef LACKS_STEPS
long iReadCardBas_HSM_Step1(int iType, char *pOutInfo)
{
    return ((with_number)right("iReadCardBas_HSM_Step1"))(iType, pOutInfo);
}

long iReadCardBas_HSM_Step2(char *pKey, char *pOutInfo)
{
    return ((with_text)right("iReadCardBas_HSM_Step2"))(pKey, pOutInfo);
}
#endif
