/* A partner's program on the standard interface of terminals: reads a card, writes an item, verifies and changes the
 * PIN, pays. By PSAM:
 *
 *     partner psam
 *
 * or, where the terminal has none, in steps with an encryptor, which is asked through a pipe:
 *
 *     partner encryptor        (ONECARD_ENCRYPTOR: its command, by default onecard emulate hsm --stdio)
 *
 * Prints each function with its return code and pOutInfo (GBK), and ends with the first that fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "SSCardDriver.h"

#define CONTACT 1
#define BY_KEY 2
#define PAYMENT "6.78|0.2|20251118185001|"
#define TEXT 512

static char out[SSCARD_OUTPUT_LENGTH];

/* Print a result; where it is not the one that is expected, that is all. */
static void told(const char *function, long code, long expected)
{
    printf("%s %ld %s\n", function, code, out);
    fflush(stdout);
    if (code != expected)
        exit(1);
}

/* Field number (from 0) of a string; the interface ends each with a vertical bar. */
static void field(const char *text, int number, char *found)
{
    const char *end;
    while (number-- > 0 && (text = strchr(text, '|')) != NULL)
        text++;
    end = text == NULL ? NULL : strchr(text, '|');
    if (end == NULL || end - text >= TEXT)
        exit(2);
    memcpy(found, text, (size_t)(end - text));
    found[end - text] = '\0';
}

/* pCardInfo of the card whose basic data stand in `basic`: identification code and card number. */
static void card_info(const char *basic, char *info)
{
    char identification[TEXT], number[TEXT];
    field(basic, 3, identification);
    field(basic, 2, number);
    snprintf(info, TEXT, "%.64s|%.64s|", identification, number);
}

static void by_psam(void)
{
    char info[TEXT];
    told("iReadCardBas", iReadCardBas(CONTACT, out), 0);
    card_info(out, info);
    told("iReadCard", iReadCard(CONTACT, BY_KEY, info, "SSSEEF05|05|06|$SSSEEF06|08|09|$", out), 0);
    told("iWriteCard", iWriteCard(CONTACT, info, "SSSEEF05|06|$", "SSSEEF05|20450228|$", out), 0);
    told("iReadCard", iReadCard(CONTACT, BY_KEY, info, "SSSEEF05|06|$", out), 0);
    told("iVerifyPIN", iVerifyPIN(CONTACT, out), 0);
    told("iDoDebit", iDoDebit(CONTACT, info, PAYMENT, out), -35); /* the PIN with which cards are issued buys nothing */
    told("iChangePIN", iChangePIN(CONTACT, out), 0);
    told("iDoDebit", iDoDebit(CONTACT, info, PAYMENT, out), 0);
    told("iReadDebitRecord", iReadDebitRecord(CONTACT, out), 0);
}

/* What the encryptor answers to `request`; hexadecimal digits and bars only, so that a shell takes them as they are. */
static void asked(const char *request, char *answer)
{
    char command[3 * TEXT];
    const char *encryptor = getenv("ONECARD_ENCRYPTOR");
    FILE *pipe;
    snprintf(command, sizeof command, "echo '%.900s' | %.500s", request,
             encryptor != NULL ? encryptor : "onecard emulate hsm --stdio");
    pipe = popen(command, "r");
    if (pipe == NULL || fgets(answer, TEXT, pipe) == NULL || pclose(pipe) != 0 || answer[0] == '!')
        exit(3);
    answer[strcspn(answer, "\r\n")] = '\0';
    printf("encryptor 0 %s\n", answer);
}

static void by_encryptor(void)
{
    char info[TEXT], region[TEXT], historical[TEXT], request[2 * TEXT], key[TEXT];
    told("iReadCardBas_HSM_Step1", iReadCardBas_HSM_Step1(CONTACT, out), 0);
    field(out, 0, region);
    field(out, 1, historical);
    snprintf(request, sizeof request, "01|%.900s", out); /* service 01: both authentications */
    asked(request, key);
    told("iReadCardBas_HSM_Step2", iReadCardBas_HSM_Step2(key, out), 0);
    card_info(out, info);
    told("iDoDebit_HSM_Step1", iDoDebit_HSM_Step1(CONTACT, info, PAYMENT, out), 0);
    /* Service 04: a purchase, with a serial number of the terminal's. */
    snprintf(request, sizeof request, "04|%.6s|%.32s|%08X|%.700s", region, historical, 0x12, out);
    asked(request, key);
    told("iDoDebit_HSM_Step2", iDoDebit_HSM_Step2(key, out), 0);
}

int main(int count, char **words)
{
    if (count == 2 && strcmp(words[1], "psam") == 0)
        by_psam();
    else if (count == 2 && strcmp(words[1], "encryptor") == 0)
        by_encryptor();
    else {
        fprintf(stderr, "usage: %s psam|encryptor\n", words[0]);
        return 2;
    }
    return 0;
}
