// The script and the log: copying values whole, so that a spec may look at
// them when their owner is long gone.
#include "mock.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 16 }; // entries of the log

void *dbc__mock_resize(const dbc_alloc *alloc, void *ptr, size_t old_size,
                       size_t new_size)
{
    if (alloc != NULL) return alloc->resize(alloc->ud, ptr, old_size, new_size);
    if (new_size > 0) return realloc(ptr, new_size);
    free(ptr);
    return NULL;
}

// ------------------------------------------------------- copies in one block

// A block is filled from both ends of what was measured: first what must be
// aligned, behind it the bytes.
typedef struct packing {
    char *aligned;
    char *bytes;
} packing;

typedef struct packed_size {
    size_t aligned;
    size_t bytes;
} packed_size;

static int has_bytes(const dbc_value *value)
{
    return value->type == DBC_TEXT || value->type == DBC_BLOB;
}

static void measure_values(packed_size *size, const dbc_value *values,
                           size_t count)
{
    size->aligned += count * sizeof *values;
    for (size_t i = 0; i < count; i++) {
        if (has_bytes(&values[i])) size->bytes += values[i].len + 1;
        if (values[i].type == DBC_LIST)
            measure_values(size, values[i].as.list, values[i].len);
    }
}

// With a NUL behind it.
static const char *pack_bytes(packing *to, const void *bytes, size_t len)
{
    char *copy = to->bytes;

    if (len > 0) memcpy(copy, bytes, len);
    copy[len] = '\0';
    to->bytes += len + 1;
    return copy;
}

static const dbc_value *pack_values(packing *to, const dbc_value *values,
                                    size_t count)
{
    dbc_value *copies = (dbc_value *)to->aligned;

    to->aligned += count * sizeof *values;
    for (size_t i = 0; i < count; i++) {
        const dbc_value *value = &values[i];
        copies[i] = *value;
        if (has_bytes(value))
            copies[i].as.text = pack_bytes(to, value->as.text, value->len);
        if (value->type == DBC_LIST)
            copies[i].as.list = pack_values(to, value->as.list, value->len);
    }
    return copies;
}

static const char *const *pack_names(packing *to, const char *const *names,
                                     size_t count)
{
    const char **copies = (const char **)to->aligned;

    to->aligned += count * sizeof *copies;
    for (size_t i = 0; i < count; i++)
        copies[i] = pack_bytes(to, names[i], strlen(names[i]));
    return copies;
}

// ------------------------------------------------------------------- script

dbc_mock *dbc_mock_new(const dbc_alloc *alloc)
{
    dbc_mock *mock = dbc__mock_resize(alloc, NULL, 0, sizeof *mock);

    if (mock != NULL) *mock = (dbc_mock){.alloc = alloc};
    return mock;
}

static packed_size measure_answer(const char *sql,
                                  const dbc_mock_answer *answer)
{
    packed_size size = {sizeof(dbc__mock_answer), 0};

    measure_values(&size, answer->values,
                   answer->column_count * answer->row_count);
    size.aligned += answer->column_count * sizeof *answer->columns;
    for (size_t i = 0; i < answer->column_count; i++)
        size.bytes += strlen(answer->columns[i]) + 1;
    if (sql != NULL) size.bytes += strlen(sql) + 1;
    if (answer->message != NULL) size.bytes += strlen(answer->message) + 1;
    return size;
}

int dbc_mock_expect(dbc_mock *mock, const char *sql,
                    const dbc_mock_answer *answer)
{
    packed_size size = measure_answer(sql, answer);
    dbc__mock_answer *copy =
        dbc__mock_resize(mock->alloc, NULL, 0, size.aligned + size.bytes);
    packing to = {(char *)(copy + 1), (char *)copy + size.aligned};

    if (copy == NULL) return DBC_ENOMEM;
    *copy =
        (dbc__mock_answer){.size = size.aligned + size.bytes, .body = *answer};
    copy->body.values = pack_values(&to, answer->values,
                                    answer->column_count * answer->row_count);
    copy->body.columns = pack_names(&to, answer->columns, answer->column_count);
    if (sql != NULL) {
        copy->sql_len = strlen(sql);
        copy->sql = pack_bytes(&to, sql, copy->sql_len);
    }
    copy->body.message =
        answer->message != NULL
            ? pack_bytes(&to, answer->message, strlen(answer->message))
            : dbc_status_text(answer->code);

    if (mock->last != NULL)
        mock->last->next = copy;
    else
        mock->first = copy;
    mock->last = copy;
    return DBC_OK;
}

static int fits(const dbc__mock_answer *answer, const char *sql, size_t len,
                int named_only)
{
    if (answer->used || answer->body.stage == DBC_MOCK_OPEN) return 0;
    if (answer->sql == NULL) return !named_only;
    return answer->sql_len == len && memcmp(answer->sql, sql, len) == 0;
}

dbc__mock_answer *dbc__mock_peek(const dbc_mock *mock, const char *sql,
                                 size_t len, int named_only)
{
    dbc__mock_answer *answer = mock->first;

    while (answer != NULL && !fits(answer, sql, len, named_only))
        answer = answer->next;
    return answer;
}

dbc__mock_answer *dbc__mock_peek_open(const dbc_mock *mock)
{
    dbc__mock_answer *answer = mock->first;

    while (answer != NULL &&
           (answer->used || answer->body.stage != DBC_MOCK_OPEN))
        answer = answer->next;
    return answer;
}

size_t dbc_mock_pending(const dbc_mock *mock)
{
    size_t count = 0;

    for (const dbc__mock_answer *it = mock->first; it != NULL; it = it->next)
        if (!it->used) count++;
    return count;
}

// ---------------------------------------------------------------------- log

static int grow_log(dbc_mock *mock)
{
    size_t size = sizeof *mock->log;
    size_t cap = mock->log_cap > 0 ? mock->log_cap * 2 : FIRST_CAP;
    dbc__mock_entry **log;

    if (mock->log_count < mock->log_cap) return DBC_OK;
    log = dbc__mock_resize(mock->alloc, mock->log, mock->log_cap * size,
                           cap * size);
    if (log == NULL) return DBC_ENOMEM;
    mock->log = log;
    mock->log_cap = cap;
    return DBC_OK;
}

int dbc__mock_record(dbc_mock *mock, const char *sql, size_t len,
                     const dbc_value *values, size_t count)
{
    packed_size size = {sizeof(dbc__mock_entry), len + 1};
    dbc__mock_entry *entry;

    if (grow_log(mock) < 0) return DBC_ENOMEM;
    measure_values(&size, values, count);
    entry = dbc__mock_resize(mock->alloc, NULL, 0, size.aligned + size.bytes);
    if (entry == NULL) return DBC_ENOMEM;

    packing to = {(char *)(entry + 1), (char *)entry + size.aligned};
    entry->size = size.aligned + size.bytes;
    entry->sql = pack_bytes(&to, sql, len);
    entry->sql_len = len;
    entry->values = pack_values(&to, values, count);
    entry->count = count;
    mock->log[mock->log_count++] = entry;
    return DBC_OK;
}

size_t dbc_mock_log_count(const dbc_mock *mock)
{
    return mock->log_count;
}

const char *dbc_mock_log(const dbc_mock *mock, size_t i,
                         const dbc_value **values, size_t *count, size_t *len)
{
    const dbc__mock_entry *entry;

    if (i >= mock->log_count) return NULL;
    entry = mock->log[i];
    if (values != NULL) *values = entry->values;
    if (count != NULL) *count = entry->count;
    if (len != NULL) *len = entry->sql_len;
    return entry->sql;
}

void dbc_mock_clear(dbc_mock *mock)
{
    for (size_t i = 0; i < mock->log_count; i++)
        dbc__mock_resize(mock->alloc, mock->log[i], mock->log[i]->size, 0);
    mock->log_count = 0;
    for (dbc__mock_answer *it = mock->first; it != NULL; it = it->next)
        it->used = 1;
}

void dbc_mock_free(dbc_mock *mock)
{
    const dbc_alloc *alloc;

    if (mock == NULL) return;
    alloc = mock->alloc;
    dbc_mock_clear(mock);
    if (mock->log != NULL)
        dbc__mock_resize(alloc, mock->log, mock->log_cap * sizeof *mock->log,
                         0);
    while (mock->first != NULL) {
        dbc__mock_answer *answer = mock->first;
        mock->first = answer->next;
        dbc__mock_resize(alloc, answer, answer->size, 0);
    }
    dbc__mock_resize(alloc, mock, sizeof *mock, 0);
}
