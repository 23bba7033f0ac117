// One table of what is switched off, and how each is written and read back.
#include "setting.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "number.h"
#include "service.h"

static const struct {
    const char *name;
    int wanted;
} table[DBC__SETTING_COUNT] = {{"foreign_keys", 0},
                               {"legacy_alter_table", 0},
                               {"ignore_check_constraints", 0}};

static int read_setting(int64_t *out, dbc_conn *conn, int i)
{
    char sql[64];

    snprintf(sql, sizeof sql, "PRAGMA %s", table[i].name);
    return dbc__number_ask(out, conn, sql);
}

// Sets it and reads it back: inside a transaction some are ignored.
static int write_setting(dbc_conn *conn, int i, int64_t value)
{
    char sql[64];
    int64_t now;

    int len =
        snprintf(sql, sizeof sql, "PRAGMA %s = %d", table[i].name, (int)value);
    int rc = dbc_exec(conn, sql, (size_t)len);
    if (rc >= 0) rc = read_setting(&now, conn, i);
    if (rc < 0) return rc;
    if (now == value) return DBC_OK;
    return dbc__conn_fail(conn, DBC_EINVALID,
                          "the setting %s cannot be changed here",
                          table[i].name);
}

int dbc__settings_change(dbc__settings *settings, dbc_conn *conn, int is_inside)
{
    for (int i = 0; i < DBC__SETTING_COUNT; i++) {
        int rc = read_setting(&settings->before[i], conn, i);
        if (rc < 0) return rc;
        settings->known++;
        if (settings->before[i] == table[i].wanted) continue;
        if (i == DBC__SETTING_FOREIGN_KEYS && is_inside) continue;
        settings->changed[i] = 1;
        rc = write_setting(conn, i, table[i].wanted);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

// One that memory or the file failed is tried again.
static int restore(dbc_conn *conn, int i, int64_t value)
{
    int rc = write_setting(conn, i, value);

    return rc < 0 ? write_setting(conn, i, value) : rc;
}

// A step may have been stopped between switching something and back.
int dbc__settings_restore(dbc__settings *settings, dbc_conn *conn)
{
    if (!dbc_conn_is_open(conn) || conn->broken) return DBC_OK;
    dbc__lenient(conn, 0);
    for (int i = 0; i < settings->known; i++) {
        if (!settings->changed[i] && i != DBC__SETTING_LEGACY) continue;
        if (restore(conn, i, settings->before[i]) < 0)
            conn->broken = "its settings could not be put back";
    }
    return conn->broken ? dbc__conn_check(conn) : DBC_OK;
}
