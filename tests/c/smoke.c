/* Uses the library as a C program would: opens, asks, sends rubbish, closes, frees, from several threads. */
#include "imapmig.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

#define CHECK(what)                                                                                                    \
    do {                                                                                                               \
        if (!(what)) {                                                                                                 \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);                                         \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (0)

/* The reply's JSON as a string of the caller's own; the reply is freed. */
static char *text_of(ImapmigReply *reply, int32_t *status) {
    size_t len = imapmig_reply_len(reply);
    char *text = malloc(len + 1);
    if (text == NULL) {
        abort();
    }
    memcpy(text, imapmig_reply_data(reply), len);
    text[len] = '\0';
    *status = imapmig_reply_status(reply);
    imapmig_reply_free(reply);
    return text;
}

static void expect(ImapmigReply *reply, int32_t status, const char *part) {
    int32_t got = -1;
    char *text = text_of(reply, &got);
    if (got != status || strstr(text, part) == NULL) {
        fprintf(stderr, "status %d, %s: expected status %d and %s\n", got, text, status, part);
        failures++;
    }
    free(text);
}

static const uint8_t *bytes(const char *text) { return (const uint8_t *)text; }

static uint64_t open_engine(const char *directory) {
    char request[4096];
    int32_t status = -1;
    snprintf(request, sizeof request, "{\"StateDirectory\":\"%s\"}", directory);
    char *text = text_of(imapmig_engine_open(bytes(request), strlen(request)), &status);
    CHECK(status == 0);
    const char *handle = strstr(text, "\"Engine\":");
    CHECK(handle != NULL);
    uint64_t engine = handle == NULL ? 0 : strtoull(handle + strlen("\"Engine\":"), NULL, 10);
    free(text);
    return engine;
}

static void rubbish(uint64_t engine) {
    static const char *const requests[] = {"{", "[]", "null", "\"x\"", "{\"Surprise\":1}", "{\"Identity\":{}}", "\xff\xfe", "{}{}"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        expect(imapmig_batch_list(engine, bytes(requests[i]), strlen(requests[i])), 1, "InvalidRequestException");
    }
    char *deep = malloc(200000);
    if (deep == NULL) {
        abort();
    }
    memset(deep, '[', 200000);
    expect(imapmig_config_set(engine, bytes(deep), 200000), 1, "InvalidRequestException");
    free(deep);
}

static void *many_calls(void *argument) {
    uint64_t engine = *(const uint64_t *)argument;
    for (int i = 0; i < 200; i++) {
        expect(imapmig_endpoint_list(engine, NULL, 0), 0, "Endpoints");
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: smoke STATE-DIRECTORY\n");
        return 2;
    }
    CHECK(imapmig_abi_version() >= IMAPMIG_ABI_VERSION);
    CHECK(imapmig_abi_oldest_version() <= IMAPMIG_ABI_VERSION);
    CHECK(strlen(imapmig_version()) > 0);

    uint64_t engine = open_engine(argv[1]);
    expect(imapmig_endpoint_list(engine, NULL, 0), 0, "\"Endpoints\":[]");
    expect(imapmig_config_get(engine, bytes("{}"), 2), 0, "\"TargetEndpoint\":\"Local\"");
    expect(imapmig_batch_list(engine, bytes("{\"Identity\":\"None\"}"), 19), 1, "The migration batch \\\"None\\\" can't be found.");
    rubbish(engine);

    pthread_t threads[8];
    for (int i = 0; i < 8; i++) {
        CHECK(pthread_create(&threads[i], NULL, many_calls, &engine) == 0);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
    }

    expect(imapmig_endpoint_list(engine + 1000, NULL, 0), 1, "InvalidHandleException");
    expect(imapmig_engine_close(engine), 0, "{}");
    expect(imapmig_engine_close(engine), 1, "InvalidHandleException");
    expect(imapmig_endpoint_list(engine, NULL, 0), 1, "InvalidHandleException");

    imapmig_reply_free(NULL);
    CHECK(imapmig_reply_len(NULL) == 0);
    CHECK(imapmig_reply_data(NULL) == NULL);
    CHECK(imapmig_reply_count() == 0);
    return failures == 0 ? 0 : 1;
}
