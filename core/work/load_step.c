// Reading relatives, level by level. A level is one statement, whatever the
// number of rows above: their keys are one bound list. Each of its rows brings
// the number of the key it was found by, and that tells the rows it belongs
// to; nothing is compared or looked up on the way.
#include "error.h"
#include "exec.h"
#include "load.h"

// Nothing was written, so a commit only ends the snapshot; a rollback would
// stop what else is read on the connection.
void dbc__load_end_snapshot(dbc_load *load)
{
    dbc_error err = load->conn->error;

    if (load->txn.conn && dbc_txn_is_open(&load->txn) &&
        dbc_txn_commit(&load->txn) < 0)
        dbc_txn_rollback(&load->txn);
    load->txn.conn = NULL;
    load->conn->error = err;
}

void dbc__load_release_level(dbc_load *load)
{
    if (load->stmt && load->stmt != load->root) dbc_stmt_release(load->stmt);
    load->stmt = NULL;
}

static int fail_memory(dbc_load *load)
{
    return dbc__conn_fail(load->conn, DBC_ENOMEM, "out of memory");
}

// Keeps the keys by which the levels below find what belongs to this row.
static int keep_keys(dbc_load *load)
{
    const dbc_layout *layout = dbc_stmt_layout(load->stmt);
    const dbc_value *row = dbc_stmt_row(load->stmt);

    for (size_t i = load->at + 1; i < load->count; i++) {
        dbc__load_run *below = &load->runs[i];
        if (below->level->parent != load->at) continue;
        for (size_t k = 0; k < below->parents.width; k++) {
            dbc__key_place place = below->level->keys[k];
            size_t hidden = place.is_hidden ? layout->output_count : 0;
            load->key[k] = row[hidden + place.index];
        }
        if (dbc__key_set_add(&below->parents, load->key) < 0)
            return fail_memory(load);
    }
    return DBC_OK;
}

// A key of the row that is ready is one of those that were asked for, unless
// columns are not what the schema says they are.
static int refuse_key(dbc_load *load)
{
    const dbc_relation *relation = load->runs[load->at].level->relation;

    return dbc__conn_fail(load->conn, DBC_ESCHEMA,
                          "relation \"%s\": the database takes keys for equal "
                          "that differ: column \"%s\" of \"%s\" has another "
                          "type or collation there than in the schema",
                          relation->name, relation->target_key[0]->def.name,
                          dbc_table_sql_name(relation->target));
}

// Finds which row above has the one that is ready: the last hidden output is
// the number of its key, or the key.
static int find_parent(dbc_load *load)
{
    dbc__key_set *set = &load->runs[load->at].parents;
    const dbc__load_level *level = load->runs[load->at].level;
    const dbc_layout *layout = dbc_stmt_layout(load->stmt);
    size_t last = layout->output_count + level->hidden_count - 1;

    if (!level->by_key) {
        int64_t number = dbc_stmt_int(load->stmt, last);
        int known = number >= 1 && (uint64_t)number <= set->count;
        load->parent = known ? set->first[number - 1] : DBC_NO_PARENT;
        return DBC_OK;
    }
    size_t number = dbc__key_set_find(set, &dbc_stmt_row(load->stmt)[last]);
    if (!number) return refuse_key(load);
    load->parent = set->first[number - 1];
    return DBC_OK;
}

// Opens the statement of the next level that has something to look for.
// DBC_ROW, DBC_DONE when there is none, or below zero.
static int next_level(dbc_load *load)
{
    dbc__load_release_level(load);
    while (++load->at < load->count) {
        dbc__load_run *at = &load->runs[load->at];
        if (at->parents.count == 0) continue;
        dbc_args args = dbc__load_args(load, at);
        int rc = dbc_query_open(&load->stmt, load->conn, &at->view, &args);
        if (rc < 0) {
            load->stmt = NULL;
            return rc;
        }
        rc = dbc__load_check_names(load, load->at, dbc_stmt_layout(load->stmt));
        return rc < 0 ? rc : DBC_ROW;
    }
    return DBC_DONE;
}

// DBC_ROW, or DBC_DONE when the level is complete.
static int step_level(dbc_load *load)
{
    if (load->at == 0 && load->most && load->taken == load->most)
        return DBC_DONE;
    int rc = dbc_stmt_step(load->stmt);
    if (rc == DBC_DONE && load->at == 0) load->is_over = 1;
    if (rc != DBC_ROW) return rc;
    if (load->at == 0)
        load->taken++;
    else if (find_parent(load) < 0)
        return DBC_ESCHEMA;
    if (load->count > 1 && keep_keys(load) < 0) return DBC_ENOMEM;
    return DBC_ROW;
}

static int end_batch(dbc_load *load, int rc)
{
    dbc__load_release_level(load);
    dbc__load_end_snapshot(load);
    load->in_batch = 0;
    if (rc < 0) load->is_over = 1;
    return rc;
}

int dbc_load_step(dbc_load *load)
{
    int rc;

    if (!load->in_batch) return DBC_DONE;
    if (dbc__load_is_closed(load))
        return end_batch(load, dbc__conn_check(load->conn));
    while ((rc = step_level(load)) == DBC_DONE) {
        rc = next_level(load);
        if (rc != DBC_ROW) break;
    }
    return rc == DBC_ROW ? rc : end_batch(load, rc);
}

// All levels of a batch see one state of the database.
static int begin_snapshot(dbc_load *load)
{
    dbc_conn *conn = load->conn;

    if (load->count == 1) return DBC_OK;
    int rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    if (conn->depth > 0 || conn->driver->in_txn(conn->db)) return DBC_OK;
    rc = dbc_txn_begin(&load->txn, conn, DBC_TXN_READ);
    if (rc < 0) load->txn.conn = NULL;
    return rc;
}

int dbc_load_begin(dbc_load *load, size_t most)
{
    int rc;

    if (load->in_batch) end_batch(load, DBC_DONE);
    if (load->is_over) return DBC_DONE;
    if (dbc__load_is_closed(load)) return dbc__conn_check(load->conn);
    for (size_t i = 0; i < load->count; i++)
        dbc__key_set_clear(&load->runs[i].parents);
    rc = begin_snapshot(load);
    if (rc < 0) return rc;
    load->at = 0;
    load->parent = DBC_NO_PARENT;
    load->most = most;
    load->taken = 0;
    load->stmt = load->root;
    load->in_batch = 1;
    return DBC_ROW;
}
