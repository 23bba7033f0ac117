// The smallest host: a database, a script in a sandbox, one call into it.
#include <stdio.h>
#include <string.h>

#include "dbcore_script.h"

static const char script[] =
    "function visit(name)\n"
    "  db:exec('INSERT INTO visits (name) VALUES (?)', name)\n"
    "  local n = db:query('SELECT count(*) AS n FROM visits'):value()\n"
    "  return name .. ' is visitor ' .. n\n"
    "end\n";

int main(int argc, char **argv)
{
    const char *create = "CREATE TABLE IF NOT EXISTS visits (name TEXT)";
    const char *who = argc > 1 ? argv[1] : "Ada", *said = NULL;
    dbc_error err = DBC_ERROR_INIT;
    dbc_script *vm = NULL;
    dbc_conn *db = NULL;

    int rc = dbc_open(&db, ":memory:", NULL, &err);
    if (rc >= 0 && (rc = dbc_exec(db, create, strlen(create))) < 0)
        err = *dbc_conn_error(db);
    if (rc >= 0) rc = dbc_script_open(&vm, db, DBC_SCRIPT_SANDBOX, NULL, &err);
    if (rc >= 0)
        rc = dbc_script_load(vm, "visit.lua", script, strlen(script), &err);
    if (rc >= 0)
        rc = dbc_script_call(vm, "visit", &err, "text>text", who, &said);
    if (rc >= 0)
        puts(said);
    else
        fprintf(stderr, "%s\n", err.message);

    dbc_script_close(vm);
    dbc_close(db);
    return rc < 0;
}
