// What only an engine can do, asked for through the connection: each function
// here checks the connection, finds the driver's own and keeps its error.
#include "service.h"

static const dbc_services none = {0};

static const dbc_services *services_of(const dbc_conn *conn)
{
    const dbc_services *services = conn->driver->services;

    return services != NULL ? services : &none;
}

static int unsupported(dbc_conn *conn, const char *what)
{
    dbc__conn_fail(conn, DBC_EUNSUPPORTED, "the driver \"%s\" has no %s",
                   conn->driver->name, what);
    return DBC_EUNSUPPORTED;
}

// The end of every service.
static int done(dbc_conn *conn, int rc)
{
    return rc < 0 ? dbc__conn_failed(conn, rc) : DBC_OK;
}

int dbc_backup(dbc_conn *conn, const char *path, dbc_progress progress,
               void *ud)
{
    const dbc_services *services = services_of(conn);

    if (dbc__conn_check(conn) < 0) return conn->error.code;
    if (services->backup == NULL) return unsupported(conn, "backup");
    dbc__conn_aim(conn, dbc__conn_deadline(conn));
    return done(conn,
                services->backup(conn->db, path, progress, ud, &conn->error));
}

int dbc_restore(dbc_conn *conn, const char *path, dbc_progress progress,
                void *ud)
{
    const dbc_services *services = services_of(conn);

    if (dbc__conn_check(conn) < 0) return conn->error.code;
    if (services->restore == NULL) return unsupported(conn, "restore");
    dbc__conn_aim(conn, dbc__conn_deadline(conn));
    return done(conn,
                services->restore(conn->db, path, progress, ud, &conn->error));
}

int dbc_checkpoint(dbc_checkpoint_info *out, dbc_conn *conn,
                   dbc_checkpoint_mode mode)
{
    const dbc_services *services = services_of(conn);
    dbc_checkpoint_info ignored;

    if (dbc__conn_check(conn) < 0) return conn->error.code;
    if (services->checkpoint == NULL) return unsupported(conn, "checkpoint");
    dbc__conn_aim(conn, dbc__conn_deadline(conn));
    return done(conn, services->checkpoint(out != NULL ? out : &ignored,
                                           conn->db, mode, &conn->error));
}

void dbc_call_return(dbc_call *call, dbc_value value)
{
    call->give(call, value);
}

void dbc_call_fail(dbc_call *call, const char *message, size_t len)
{
    call->fail(call, message, len);
}

// ------------------------------------------------------ functions of the host

// Why nothing can be made on this connection, or DBC_OK.
static int check_create(dbc_conn *conn, const char *name, int supported,
                        const char *what)
{
    int rc = dbc__conn_check(conn);

    if (rc < 0) return rc;
    if (!supported) return unsupported(conn, what);
    if (name == NULL || name[0] == '\0')
        return dbc__conn_fail(conn, DBC_EINVALID,
                              "one of the %s has no name: give it one", what);
    return DBC_OK;
}

int dbc_create_function(dbc_conn *conn, const dbc_function *function)
{
    const dbc_services *services = services_of(conn);
    int rc = check_create(conn, function->name,
                          services->create_function != NULL, "functions");

    if (rc < 0) {
        if (function->destroy != NULL) function->destroy(function->ud);
        return rc;
    }
    conn->functions++;
    return done(conn,
                services->create_function(conn->db, function, &conn->error));
}

int dbc_create_aggregate(dbc_conn *conn, const dbc_aggregate *aggregate)
{
    const dbc_services *services = services_of(conn);
    int rc = check_create(conn, aggregate->name,
                          services->create_aggregate != NULL, "aggregates");

    if (rc < 0) {
        if (aggregate->destroy != NULL) aggregate->destroy(aggregate->ud);
        return rc;
    }
    conn->functions++;
    return done(conn,
                services->create_aggregate(conn->db, aggregate, &conn->error));
}

int dbc_create_collation(dbc_conn *conn, const dbc_collation *collation)
{
    const dbc_services *services = services_of(conn);
    int rc = check_create(conn, collation->name,
                          services->create_collation != NULL, "collations");

    if (rc < 0) {
        if (collation->destroy != NULL) collation->destroy(collation->ud);
        return rc;
    }
    return done(conn,
                services->create_collation(conn->db, collation, &conn->error));
}

// ---------------------------------------------------------------------- hooks

int dbc_conn_on_update(dbc_conn *conn,
                       void (*call)(void *ud, const dbc_change *change),
                       void *ud)
{
    const dbc_services *services = services_of(conn);

    if (dbc__conn_check(conn) < 0) return conn->error.code;
    if (services->on_update == NULL) return unsupported(conn, "update hook");
    return done(conn, services->on_update(conn->db, call, ud, &conn->error));
}

int dbc_conn_on_commit(dbc_conn *conn, int (*call)(void *ud), void *ud)
{
    const dbc_services *services = services_of(conn);

    if (dbc__conn_check(conn) < 0) return conn->error.code;
    if (services->on_commit == NULL) return unsupported(conn, "commit hook");
    return done(conn, services->on_commit(conn->db, call, ud, &conn->error));
}

int dbc_conn_on_rollback(dbc_conn *conn, void (*call)(void *ud), void *ud)
{
    const dbc_services *services = services_of(conn);

    if (dbc__conn_check(conn) < 0) return conn->error.code;
    if (services->on_rollback == NULL)
        return unsupported(conn, "rollback hook");
    return done(conn, services->on_rollback(conn->db, call, ud, &conn->error));
}

int dbc_conn_on_warning(dbc_conn *conn,
                        void (*call)(void *ud, const dbc_warning *warning),
                        void *ud)
{
    const dbc_services *services = services_of(conn);

    if (dbc__conn_check(conn) < 0) return conn->error.code;
    if (services->on_warning == NULL) return unsupported(conn, "warnings");
    return done(conn, services->on_warning(conn->db, call, ud, &conn->error));
}

int dbc__lenient(dbc_conn *conn, unsigned what)
{
    const dbc_services *services = services_of(conn);

    if (conn->db == NULL || services->lenient == NULL) return DBC_OK;
    return done(conn, services->lenient(conn->db, what, &conn->error));
}

int dbc__on_tick(dbc_conn *conn, int (*call)(void *ud), void *ud)
{
    const dbc_services *services = services_of(conn);

    if (conn->db == NULL || services->on_tick == NULL) return DBC_OK;
    return done(conn, services->on_tick(conn->db, call, ud, &conn->error));
}

int64_t dbc__rows_read(const dbc_conn *conn)
{
    const dbc_services *services = services_of(conn);

    if (conn->db == NULL || services->rows_read == NULL) return 0;
    return services->rows_read(conn->db);
}

void *dbc_conn_native(dbc_conn *conn)
{
    const dbc_services *services = services_of(conn);

    if (conn->db == NULL || services->native == NULL) return NULL;
    return services->native(conn->db);
}
