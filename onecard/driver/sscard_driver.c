/* The thin library of the reference terminal: every function of the interface is sent, with its arguments, to the
 * terminal process over TCP on the loopback interface, and its answer is handed back. No state, no threads, no Python.
 *
 * Where the terminal process is: the environment variable ONECARD_DRIVER ("PORT TOKEN"), else the file whose path is in
 * ONECARD_DRIVER_LINK, else the file SSCardDriver.link beside this library, with the same line in it. The host is always
 * 127.0.0.1. ONECARD_DRIVER_TIMEOUT: seconds that one call may take (1 to 3600, 30 unless set).
 *
 * One connection a call, one line each way, ASCII:
 *     1 TOKEN FUNCTION [i:NUMBER | s:HEX] ...\n        the arguments in the order of the C declaration, without pOutInfo
 *     = RETURN [HEX]\n                                 the return code, and pOutInfo without its ending zero
 *
 * sscard_functions.h is made from the specification's data: return codes, lengths, and every exported function.
 * This file: C89 with POSIX sockets or Winsock. */

#ifndef _WIN32
#define _GNU_SOURCE 1
#endif
#define ONECARD_BUILDS_DRIVER 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <winsock2.h>
#include <windows.h>
typedef SOCKET onecard_socket;
#define NO_SOCKET INVALID_SOCKET
#else
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
typedef int onecard_socket;
#define NO_SOCKET (-1)
#endif

#define LONGEST_ARGUMENT 65536
#define LINK_FILE "SSCardDriver.link"
#define DEFAULT_SECONDS 30L
#define TOKEN_LENGTH 128

enum argument_kind { ARGUMENT_NUMBER, ARGUMENT_TEXT };

struct argument {
    enum argument_kind kind;
    int number;
    const char *text;
};

static long forwarded(const char *function, const struct argument *arguments, int count, char *out);

#include "sscard_functions.h"

/* --- time and sockets --- */

static double now(void)
{
#ifdef _WIN32
    return (double)GetTickCount64() / 1000.0;
#else
    struct timespec found;
    clock_gettime(CLOCK_MONOTONIC, &found);
    return (double)found.tv_sec + (double)found.tv_nsec / 1e9;
#endif
}

static void close_socket(onecard_socket socket_)
{
#ifdef _WIN32
    closesocket(socket_);
#else
    close(socket_);
#endif
}

/* Waits until the socket can be read (or written) or the deadline is over: 1 ready, 0 not. */
static int ready(onecard_socket socket_, int writing, double deadline)
{
    for (;;) {
        double left = deadline - now();
        int found;
        if (left <= 0)
            return 0;
#ifdef _WIN32
        {
            fd_set wanted, failed;
            struct timeval limit;
            FD_ZERO(&wanted);
            FD_ZERO(&failed);
            FD_SET(socket_, &wanted);
            FD_SET(socket_, &failed);
            limit.tv_sec = (long)left;
            limit.tv_usec = (long)((left - (double)(long)left) * 1e6);
            found = select(0, writing ? NULL : &wanted, writing ? &wanted : NULL, &failed, &limit);
        }
        return found > 0;
#else
        {
            struct pollfd one;
            one.fd = socket_;
            one.events = writing ? POLLOUT : POLLIN;
            one.revents = 0;
            found = poll(&one, 1, (int)(left * 1000.0) + 1);
        }
        if (found < 0 && errno == EINTR)
            continue;
        return found > 0;
#endif
    }
}

static int would_block(void)
{
#ifdef _WIN32
    return WSAGetLastError() == WSAEWOULDBLOCK;
#else
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS || errno == EINTR;
#endif
}

static onecard_socket connected(int port, double deadline)
{
    struct sockaddr_in where;
    onecard_socket made;
    int fault = 0, on = 1;
#ifdef _WIN32
    int length = (int)sizeof fault;
    u_long nonblocking = 1;
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return NO_SOCKET;
    made = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (made == NO_SOCKET)
        return NO_SOCKET;
    ioctlsocket(made, FIONBIO, &nonblocking);
#else
    socklen_t length = sizeof fault;
    made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made == NO_SOCKET)
        return NO_SOCKET;
    fcntl(made, F_SETFL, fcntl(made, F_GETFL) | O_NONBLOCK);
#endif
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on);
    memset(&where, 0, sizeof where);
    where.sin_family = AF_INET;
    where.sin_port = htons((unsigned short)port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(made, (struct sockaddr *)&where, sizeof where) != 0 &&
        (!would_block() || !ready(made, 1, deadline) ||
         getsockopt(made, SOL_SOCKET, SO_ERROR, (char *)&fault, &length) != 0 || fault != 0)) {
        close_socket(made);
        return NO_SOCKET;
    }
    return made;
}

static int sent_whole(onecard_socket socket_, const char *data, size_t length, double deadline)
{
    int flags = 0;
#ifdef MSG_NOSIGNAL
    flags = MSG_NOSIGNAL; /* a terminal that went away must not end the caller's process */
#endif
    while (length > 0) {
        int done = (int)send(socket_, data, (int)(length > 0x10000 ? 0x10000 : length), flags);
        if (done > 0) {
            data += done;
            length -= (size_t)done;
        } else if (!would_block() || !ready(socket_, 1, deadline)) {
            return 0;
        }
    }
    return 1;
}

/* Reads a line of at most `room` - 1 bytes; its length without the newline, or -1. */
static long received_line(onecard_socket socket_, char *line, size_t room, double deadline)
{
    size_t have = 0;
    for (;;) {
        int found;
        char *end;
        if (have + 1 >= room || !ready(socket_, 0, deadline))
            return -1;
        found = (int)recv(socket_, line + have, (int)(room - have - 1), 0);
        if (found == 0 || (found < 0 && !would_block()))
            return -1;
        if (found < 0)
            continue;
        end = (char *)memchr(line + have, '\n', (size_t)found);
        have += (size_t)found;
        if (end != NULL) {
            *end = '\0';
            return (long)(end - line);
        }
    }
}

/* --- where the terminal is --- */

static int read_link(const char *path, char *line, size_t room)
{
    FILE *file = fopen(path, "r");
    int found;
    if (file == NULL)
        return 0;
    found = fgets(line, (int)room, file) != NULL;
    fclose(file);
    return found;
}

static int beside_library(char *path, size_t room)
{
    char *end;
#ifdef _WIN32
    HMODULE own = NULL;
    DWORD found;
    if (!GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (LPCSTR)(void *)&beside_library, &own))
        return 0;
    found = GetModuleFileNameA(own, path, (DWORD)room);
    if (found == 0 || found >= room)
        return 0;
    end = strrchr(path, '\\');
#else
    Dl_info own;
    if (dladdr((void *)&beside_library, &own) == 0 || own.dli_fname == NULL || strlen(own.dli_fname) >= room)
        return 0;
    strcpy(path, own.dli_fname);
    end = strrchr(path, '/');
#endif
    end = end == NULL ? path : end + 1;
    if ((size_t)(end - path) + sizeof LINK_FILE > room)
        return 0;
    strcpy(end, LINK_FILE);
    return 1;
}

/* The port and token of the terminal process: 1 found, 0 not. */
static int terminal_at(int *port, char token[TOKEN_LENGTH + 1])
{
    char line[256], path[4096], format[16];
    const char *given = getenv("ONECARD_DRIVER"), *link_path = getenv("ONECARD_DRIVER_LINK");
    if (given != NULL && *given != '\0') {
        if (strlen(given) >= sizeof line)
            return 0;
        strcpy(line, given);
    } else if (link_path != NULL && *link_path != '\0') {
        if (!read_link(link_path, line, sizeof line))
            return 0;
    } else if (!beside_library(path, sizeof path) || !read_link(path, line, sizeof line)) {
        return 0;
    }
    sprintf(format, "%%d %%%d[^\r\n ]", TOKEN_LENGTH);
    return sscanf(line, format, port, token) == 2 && *port > 0 && *port < 65536;
}

static long seconds_allowed(void)
{
    const char *given = getenv("ONECARD_DRIVER_TIMEOUT");
    long seconds = given == NULL ? DEFAULT_SECONDS : strtol(given, NULL, 10);
    return seconds >= 1 && seconds <= 3600 ? seconds : DEFAULT_SECONDS;
}

/* --- the line of a call --- */

static const char DIGITS[] = "0123456789ABCDEF";

static char *put_hex(char *to, const char *text, size_t length)
{
    size_t at;
    for (at = 0; at < length; at++) {
        unsigned char one = (unsigned char)text[at];
        *to++ = DIGITS[one >> 4];
        *to++ = DIGITS[one & 15];
    }
    return to;
}

static size_t length_up_to(const char *text, size_t most)
{
    size_t length = 0;
    while (length < most && text[length] != '\0')
        length++;
    return length;
}

/* The line to send, to be freed by the caller; NULL where an argument is none, or memory lacks. */
static char *request_of(const char *function, const char *token, const struct argument *arguments, int count)
{
    size_t room = strlen(function) + strlen(token) + 16;
    char *line, *to;
    int at;
    for (at = 0; at < count; at++) {
        size_t length;
        if (arguments[at].kind == ARGUMENT_TEXT && arguments[at].text == NULL)
            return NULL;
        length = arguments[at].kind == ARGUMENT_TEXT ? length_up_to(arguments[at].text, LONGEST_ARGUMENT) : 8;
        if (length >= LONGEST_ARGUMENT)
            return NULL;
        room += 2 * length + 16;
    }
    line = (char *)malloc(room);
    if (line == NULL)
        return NULL;
    to = line + sprintf(line, "1 %s %s", token, function);
    for (at = 0; at < count; at++) {
        if (arguments[at].kind == ARGUMENT_NUMBER) {
            to += sprintf(to, " i:%d", arguments[at].number);
        } else {
            to += sprintf(to, " s:");
            to = put_hex(to, arguments[at].text, length_up_to(arguments[at].text, LONGEST_ARGUMENT));
        }
    }
    *to++ = '\n';
    *to = '\0';
    return line;
}

static int digit_of(char one)
{
    const char *found = one == '\0' ? NULL : strchr(DIGITS, one);
    return found == NULL ? -1 : (int)(found - DIGITS);
}

/* --- the answer --- */

static long told(long code, const char *text, char *out)
{
    if (out != NULL)
        strcpy(out, text); /* texts of sscard_functions.h, all far shorter than ONECARD_OUTPUT_LENGTH */
    return code;
}

/* Takes "= RETURN [HEX]" apart; 1 and the caller's buffer filled, or 0 for anything else. */
static int taken(char *line, long *code, char *out)
{
    char *end;
    size_t length, at;
    if (line[0] != '=' || line[1] != ' ')
        return 0;
    *code = strtol(line + 2, &end, 10);
    if (end == line + 2 || (*end != '\0' && *end != ' '))
        return 0;
    if (*end == ' ')
        end++;
    length = strlen(end);
    if (length % 2 != 0)
        return 0;
    for (at = 0; at < length; at++)
        if (digit_of(end[at]) < 0)
            return 0;
    if (length / 2 >= ONECARD_OUTPUT_LENGTH) {
        *code = told(ONECARD_TOO_LONG, ONECARD_TOO_LONG_TEXT, out);
        return 1;
    }
    for (at = 0; at < length; at += 2)
        out[at / 2] = (char)(digit_of(end[at]) << 4 | digit_of(end[at + 1]));
    out[length / 2] = '\0';
    return 1;
}

static long forwarded(const char *function, const struct argument *arguments, int count, char *out)
{
    char token[TOKEN_LENGTH + 1];
    char *request, *answer;
    int port = 0, whole;
    long code = 0;
    double deadline = now() + (double)seconds_allowed();
    size_t room = 2 * ONECARD_LONGEST_ANSWER + 64;
    onecard_socket link;

    if (out == NULL)
        return ONECARD_REFUSED;
    out[0] = '\0';
    if (!terminal_at(&port, token))
        return told(ONECARD_UNREACHABLE, ONECARD_UNREACHABLE_TEXT, out);
    request = request_of(function, token, arguments, count);
    if (request == NULL)
        return told(ONECARD_REFUSED, ONECARD_REFUSED_TEXT, out);
    link = connected(port, deadline);
    if (link == NO_SOCKET) {
        free(request);
        return told(ONECARD_UNREACHABLE, ONECARD_UNREACHABLE_TEXT, out);
    }
    answer = (char *)malloc(room);
    whole = answer != NULL && sent_whole(link, request, strlen(request), deadline) &&
            received_line(link, answer, room, deadline) >= 0 && taken(answer, &code, out);
    close_socket(link);
    memset(request, 0, strlen(request)); /* arguments and results may be personal */
    free(request);
    if (answer != NULL) {
        memset(answer, 0, room);
        free(answer);
    }
    return whole ? code : told(ONECARD_BROKEN, ONECARD_BROKEN_TEXT, out);
}
