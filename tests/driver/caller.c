/* A program as partners write it: calls one function of the interface, prints the code and the text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "SSCardDriver.h"

int main(int count, char **words)
{
    static char out[SSCARD_OUTPUT_LENGTH];
    long code = 99;
    char *function = count > 1 ? words[1] : "";
    if (strcmp(function, "iReadCardBas") == 0 && count == 3)
        code = iReadCardBas(atoi(words[2]), out);
    else if (strcmp(function, "iReadCard") == 0 && count == 6)
        code = iReadCard(atoi(words[2]), atoi(words[3]), words[4], words[5], out);
    else if (strcmp(function, "iWriteCard") == 0 && count == 6)
        code = iWriteCard(atoi(words[2]), words[3], words[4], words[5], out);
    else if (strcmp(function, "iVerifyPIN") == 0 && count == 3)
        code = iVerifyPIN(atoi(words[2]), out);
    else if (strcmp(function, "steps") == 0 && count == 4) {
        code = iReadCardBas_HSM_Step1(atoi(words[2]), out);
        printf("%ld %s\n", code, out);
        code = iReadCardBas_HSM_Step2(words[3], out);
    } else if (strcmp(function, "null-text") == 0)
        code = iReadCardBas_HSM_Step2(NULL, out);
    else if (strcmp(function, "null-out") == 0)
        code = iReadCardBas(1, NULL);
    printf("%ld %s\n", code, out);
    return 0;
}
