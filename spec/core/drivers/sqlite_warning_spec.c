// What the driver tells though nothing failed.
#define _GNU_SOURCE // dladdr
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "spec.h"

typedef struct heard {
    int count;
    dbc_warning_kind kind;
    char message[400];
} heard;

static void hear(void *ud, const dbc_warning *warning)
{
    heard *out = ud;

    out->count++;
    out->kind = warning->kind;
    snprintf(out->message, sizeof out->message, "%s", warning->message);
}

// The file of the SQLite that is linked; skips the spec when there is none.
static const char *library_path(void)
{
    static const char *(*const version)(void) = sqlite3_libversion;
    static Dl_info info;
    void *address;

    memcpy(&address, &version, sizeof address);
    if (!dladdr(address, &info) || !strstr(info.dli_fname, ".so")) skip();
    return info.dli_fname;
}

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    char block[65536];
    size_t len;

    assert_non_null(in);
    assert_non_null(out);
    while ((len = fread(block, 1, sizeof block, in)) > 0)
        assert_int_equal(len, fwrite(block, 1, len, out));
    fclose(in);
    assert_int_equal(0, fclose(out));
}

static void tells_nobody_when_all_is_well(void **state)
{
    heard out = {0};
    dbc_conn *conn;
    (void)state;

    assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, NULL));
    ASSERT_RC(DBC_OK, dbc_conn_on_warning(conn, hear, &out), conn);
    dbc_close(conn);

    assert_int_equal(0, out.count);
}

static void finds_a_second_copy_of_sqlite(void **state)
{
    char folder[] = "/tmp/dbcore-twin-XXXXXX", path[64];
    heard out = {0};
    dbc_conn *conn;
    void *twin;
    (void)state;

    const char *own = library_path();
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/libtwin.so", folder);
    copy_file(own, path);
    twin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(twin);

    assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, NULL));
    ASSERT_RC(DBC_OK, dbc_conn_on_warning(conn, hear, &out), conn);
    dbc_close(conn);
    dlclose(twin);
    unlink(path);
    rmdir(folder);

    assert_int_equal(1, out.count);
    assert_int_equal(DBC_WARNING_SECOND_ENGINE, out.kind);
    assert_non_null(strstr(out.message, "libtwin.so"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_nobody_when_all_is_well),
        cmocka_unit_test(finds_a_second_copy_of_sqlite),
    };
    return cmocka_run_group_tests_name("sqlite_warning", tests, NULL, NULL);
}
