/* The C ABI of ImapMigration.
 *
 * Every function takes UTF-8 JSON (null or length 0 counts as {}) and returns a reply that the caller frees with
 * imapmig_reply_free. The caller keeps its request bytes. Handles are numbers: a closed or invented one gives an error.
 * Any function may be called from any thread. None blocks longer than about 200 ms: what takes longer gives an
 * OperationId to wait for with imapmig_operation_wait.
 *
 * Written by cbindgen; UPDATE_HEADER=1 cargo test -p imapmig-ffi --test header writes it again. */

#ifndef IMAPMIG_H
#define IMAPMIG_H

#include <stddef.h>
#include <stdint.h>

// The version of this ABI. Every release that adds to it raises it by one: a function, or a property of a request or reply.
#define IMAPMIG_ABI_VERSION 2

// The oldest version of this ABI whose callers are still served. It becomes [`IMAPMIG_ABI_VERSION`] in a release that removes a
// function or property, changes its type or meaning, or makes a property of a request mandatory.
#define IMAPMIG_OLDEST_ABI_VERSION 1

// A reply. The caller frees it with `imapmig_reply_free`.
typedef struct ImapmigReply ImapmigReply;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Creates a batch from a CSV file. Returns an operation whose result is the batch.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_batch_create(uint64_t engine,
                                          const uint8_t *request,
                                          size_t request_len);

// Lists batches.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_batch_list(uint64_t engine,
                                        const uint8_t *request,
                                        size_t request_len);

// Changes a batch. Returns an operation whose result is the batch.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_batch_update(uint64_t engine,
                                          const uint8_t *request,
                                          size_t request_len);

// Starts a batch, or tries what failed again.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_batch_start(uint64_t engine,
                                         const uint8_t *request,
                                         size_t request_len);

// Stops a batch.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_batch_stop(uint64_t engine,
                                        const uint8_t *request,
                                        size_t request_len);

// Requests the final sync of the users of a batch.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_batch_complete(uint64_t engine,
                                            const uint8_t *request,
                                            size_t request_len);

// Forgets a batch and its secrets; the migrated mail stays.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_batch_remove(uint64_t engine,
                                          const uint8_t *request,
                                          size_t request_len);

// Starts or resumes an independent comparison of both sides; returns its state.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_batch_confirm(uint64_t engine,
                                           const uint8_t *request,
                                           size_t request_len);

// Lists the last confirmations of batches, and what they found.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_batch_confirmation(uint64_t engine,
                                                const uint8_t *request,
                                                size_t request_len);

// Returns the settings of the state directory.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_config_get(uint64_t engine,
                                        const uint8_t *request,
                                        size_t request_len);

// Changes settings of the state directory.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_config_set(uint64_t engine,
                                        const uint8_t *request,
                                        size_t request_len);

// Creates an endpoint. Returns an operation whose result is the endpoint.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_endpoint_create(uint64_t engine,
                                             const uint8_t *request,
                                             size_t request_len);

// Lists endpoints.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_endpoint_list(uint64_t engine,
                                           const uint8_t *request,
                                           size_t request_len);

// Changes an endpoint. Returns an operation whose result is the endpoint.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_endpoint_update(uint64_t engine,
                                             const uint8_t *request,
                                             size_t request_len);

// Removes an endpoint that no batch uses.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_endpoint_remove(uint64_t engine,
                                             const uint8_t *request,
                                             size_t request_len);

// The version of the library's ABI. A caller needs it to be at least the IMAPMIG_ABI_VERSION that it was written for.
uint32_t imapmig_abi_version(void);

// The oldest version that the library's ABI still serves. A caller needs it to be at most the IMAPMIG_ABI_VERSION that it was
// written for.
uint32_t imapmig_abi_oldest_version(void);

// The version of the library, NUL-terminated. It is not freed.
const char *imapmig_version(void);

// Opens a state directory; the reply holds the engine's handle.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_engine_open(const uint8_t *request, size_t request_len);

// Closes an engine. Its operations end; batches go on in the worker.
struct ImapmigReply *imapmig_engine_close(uint64_t engine);

// Waits at most 200 ms for an operation.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_operation_wait(uint64_t engine,
                                            const uint8_t *request,
                                            size_t request_len);

// Asks an operation to stop.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_operation_cancel(uint64_t engine,
                                              const uint8_t *request,
                                              size_t request_len);

// 0: `data` is the reply. 1: it is an error. 2: it is an error after a caught fault of the library.
//
// # Safety
// `reply` came from this library and was not freed, or is null (then the answer is 1).
int32_t imapmig_reply_status(const struct ImapmigReply *reply);

// UTF-8 JSON, not NUL-terminated, valid until the reply is freed.
//
// # Safety
// As imapmig_reply_status; null returns null.
const uint8_t *imapmig_reply_data(const struct ImapmigReply *reply);

// How many bytes `data` has.
//
// # Safety
// As imapmig_reply_status; null returns 0.
size_t imapmig_reply_len(const struct ImapmigReply *reply);

// Frees a reply.
//
// # Safety
// `reply` came from this library and was not freed, or is null.
void imapmig_reply_free(struct ImapmigReply *reply);

// How many replies are not freed yet, for tests of callers.
uint64_t imapmig_reply_count(void);

// Tests whether an IMAP server or an endpoint can be used. Returns an operation whose result is that of the test.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_server_test(uint64_t engine,
                                         const uint8_t *request,
                                         size_t request_len);

// Counts the users of all batches by state.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_statistics_get(uint64_t engine,
                                            const uint8_t *request,
                                            size_t request_len);

// Writes the users of a batch, or one user, as a CSV file.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_report_export(uint64_t engine,
                                           const uint8_t *request,
                                           size_t request_len);

// Lists the users of batches.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_user_list(uint64_t engine, const uint8_t *request, size_t request_len);

// Returns a user's numbers, skipped items and report.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_user_statistics(uint64_t engine,
                                             const uint8_t *request,
                                             size_t request_len);

// Returns the numbers of many users, each with an error of its own if there is no such user.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_user_statistics_list(uint64_t engine,
                                                  const uint8_t *request,
                                                  size_t request_len);

// Resumes a user, or tries a failed one again.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_user_start(uint64_t engine,
                                        const uint8_t *request,
                                        size_t request_len);

// Stops a user.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_user_stop(uint64_t engine, const uint8_t *request, size_t request_len);

// Requests a sync of a user now, or its final sync.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_user_update(uint64_t engine,
                                         const uint8_t *request,
                                         size_t request_len);

// Forgets a user and its secrets; the migrated mail stays.
//
// # Safety
// `request` points to `request_len` readable bytes, or is null.
struct ImapmigReply *imapmig_user_remove(uint64_t engine,
                                         const uint8_t *request,
                                         size_t request_len);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* IMAPMIG_H */
