#include "session.h"

#include "spy.h"

enum { ROWS_MAX = 16 };

void session_open(mock_session *session, const dbc_open_options *options)
{
    dbc_open_options filled = {0};
    dbc_error err = DBC_ERROR_INIT;

    if (options != NULL) filled = *options;
    fault_init(&session->memory);
    session->mock = dbc_mock_new(&session->memory.alloc);
    assert_non_null(session->mock);
    if (filled.driver == NULL) filled.driver = dbc_driver_mock();
    filled.alloc = &session->memory.alloc;
    filled.driver_ud = session->mock;
    int rc = dbc_open(&session->conn, "mock", &filled, &err);
    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
}

void session_spy(mock_session *session)
{
    dbc_open_options options = {.driver = spy_on(dbc_driver_mock())};

    session_open(session, &options);
}

void session_close(mock_session *session)
{
    fault_arm(&session->memory, 0, FAULT_ONCE);
    dbc_close(session->conn);
    dbc_mock_free(session->mock);
    assert_int_equal(0, session->memory.live_blocks);
}

void session_expect_error(mock_session *session, const char *sql, int code,
                          const char *message)
{
    dbc_mock_answer answer = {.code = code, .message = message};

    assert_int_equal(DBC_OK, dbc_mock_expect(session->mock, sql, &answer));
}

void session_expect_rows(mock_session *session, const char *sql, size_t count)
{
    const char *columns[] = {"n"};
    dbc_value values[ROWS_MAX];
    dbc_mock_answer answer = {.columns = columns,
                              .column_count = 1,
                              .values = values,
                              .row_count = count};

    assert_true(count <= ROWS_MAX);
    for (size_t i = 0; i < count; i++)
        values[i] = dbc_value_int((int64_t)i + 1);
    assert_int_equal(DBC_OK, dbc_mock_expect(session->mock, sql, &answer));
}

void session_assert_log(mock_session *session, ...)
{
    size_t i = 0;
    const char *expected;
    va_list texts;

    va_start(texts, session);
    while ((expected = va_arg(texts, const char *)) != NULL) {
        const char *sql = dbc_mock_log(session->mock, i++, NULL, NULL, NULL);
        assert_non_null(sql);
        assert_string_equal(expected, sql);
    }
    va_end(texts);
    assert_int_equal(i, dbc_mock_log_count(session->mock));
}

int mock_start(mock_task *out, const dbc_alloc *alloc, dbc_error *err)
{
    dbc_open_options options = {.driver = dbc_driver_mock(), .alloc = alloc};

    *out = (mock_task){dbc_mock_new(alloc), NULL};
    options.driver_ud = out->mock;
    if (out->mock != NULL) return dbc_open(&out->conn, "mock", &options, err);
    err->code = DBC_ENOMEM;
    return DBC_ENOMEM;
}

void mock_stop(mock_task *held)
{
    dbc_close(held->conn);
    dbc_mock_free(held->mock);
}
