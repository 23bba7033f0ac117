// Writing INSERT, UPDATE and DELETE, with their ON CONFLICT and RETURNING.
// A write without a condition is refused here, unless every row was said to
// be meant.
#include "statement.h"

#include <string.h>

#include "restrict.h"
#include "row_check.h"

static void render_returning(dbc__compiler *c, const dbc__clauses *clauses,
                             const dbc__scope *scope, dbc__outputs *outputs)
{
    uint32_t place;

    memset(outputs, 0, sizeof *outputs);
    c->checks = dbc__row_check_due(c, clauses);
    if (!dbc__clauses_last(clauses, DBC__RETURNING, &place)) {
        dbc__row_check_render(c, " RETURNING ");
        return;
    }
    if (!(c->dialect->can & DBC_CAN_RETURNING)) {
        dbc__compiler_fail(c, DBC_EUNSUPPORTED, "%s has no RETURNING",
                           c->dialect->name);
        return;
    }
    dbc__put(c, " RETURNING ");
    c->bare_columns = 1;
    if (dbc__node_at(c, place)->u.at.b) {
        if (dbc__outputs_named(outputs, c, clauses, DBC__RETURNING, scope) == 0)
            dbc__statement_selected(c, clauses, DBC__RETURNING, outputs);
    } else {
        outputs->items = (dbc_output *)scope->sources[0].outputs;
        outputs->count = scope->sources[0].output_count;
        dbc__statement_all(c, scope, DBC__AS_IT_IS);
    }
    c->bare_columns = 0;
    c->checks = 0;
}

static int check_target(dbc__compiler *c, const dbc_column *column)
{
    const char *table = dbc_table_describe(c->target)->name;
    const char *other = dbc_table_describe(column->table)->name;

    if (column->table == c->target || strcmp(table, other) == 0) return DBC_OK;
    return dbc__compiler_fail(c, DBC_EINVALID,
                              "column \"%s.%s\" cannot be set: the statement "
                              "writes to \"%s\"",
                              other, column->def.name, table);
}

// Whether a clause `op` before index `end` names `column` already.
static int is_set(const dbc__compiler *c, const dbc__clauses *clauses,
                  dbc__node_op op, const dbc_column *column, uint32_t end)
{
    for (uint32_t i = 0; i < end; i++) {
        const dbc__node *node = dbc__node_at(c, clauses->places[i]);
        const dbc_column *other = node->u.ptr;
        if (node->op == op && other->position == column->position) return 1;
    }
    return 0;
}

// Columns that every update touches: those that say on_update_now and were
// not set.
static void render_touched(dbc__compiler *c, const dbc__clauses *clauses,
                           dbc__node_op op)
{
    size_t count = dbc_table_column_count(c->target);

    for (size_t i = 0; i < count; i++) {
        const dbc_column *column = dbc_table_column(c->target, i);
        if (!(column->def.flags & DBC_COLUMN_ON_UPDATE_NOW)) continue;
        if (is_set(c, clauses, op, column, clauses->count)) continue;
        const char *now = c->dialect->now(column->def.type);
        if (!now) continue;
        dbc__put(c, ", ");
        dbc__render_name(c, column->def.name, column->name_len);
        dbc__put(c, " = ");
        dbc__put(c, now);
    }
}

// `SET a = …, b = …` from the clauses `op`. Returns how many there were.
static size_t render_sets(dbc__compiler *c, const dbc__clauses *clauses,
                          dbc__node_op op)
{
    size_t count = 0;
    uint32_t place, i = 0;

    while (dbc__clauses_next(clauses, op, &i, &place)) {
        const dbc_column *column = dbc__node_at(c, place)->u.ptr;
        if (check_target(c, column) < 0) return count;
        if (is_set(c, clauses, op, column, i - 1)) {
            dbc__compiler_fail(c, DBC_EINVALID, "column \"%s\" is set twice",
                               column->def.name);
            return count;
        }
        dbc__put(c, count++ ? ", " : " SET ");
        dbc__render_name(c, column->def.name, column->name_len);
        dbc__put(c, " = ");
        dbc__render_written(
            c, dbc__at(place, dbc__node_at(c, place)->a), column,
            op == DBC__SET ? DBC_WRITTEN : DBC_WRITTEN_CONFLICT);
    }
    if (count) render_touched(c, clauses, op);
    return count;
}

static void render_target(dbc__compiler *c)
{
    const char *name = dbc_table_sql_name(c->target);
    dbc__render_name(c, name, strlen(name));
}

// No condition: refused, unless every row was said to be meant. The rules of
// `operation` come first, so that they are asked first.
static void render_condition(dbc__compiler *c, const dbc__clauses *clauses,
                             const char *verb, unsigned operation)
{
    const char *lead = " WHERE ";

    if (!dbc__clauses_have(clauses, DBC__WHERE) &&
        !dbc__clauses_have(clauses, DBC__EVERYWHERE)) {
        dbc__compiler_fail(c, DBC_EINVALID,
                           "%s of \"%s\" has no condition: add where(…), or "
                           "everywhere() when every row is meant",
                           verb, dbc_table_describe(c->target)->name);
        return;
    }
    if (dbc__restrict_target(c, operation, lead)) lead = " AND ";
    dbc__statement_conditions(c, clauses, DBC__WHERE, lead);
}

static void compile_update(dbc__compiler *c, const dbc__clauses *clauses,
                           const dbc__scope *scope, dbc__outputs *outputs)
{
    dbc__put(c, "UPDATE ");
    render_target(c);
    if (render_sets(c, clauses, DBC__SET) == 0)
        dbc__compiler_fail(c, DBC_EINVALID,
                           "update of \"%s\" sets nothing: say what with "
                           "set { column = value }",
                           dbc_table_describe(c->target)->name);
    render_condition(c, clauses, "update", DBC_POLICY_UPDATE);
    render_returning(c, clauses, scope, outputs);
}

static void compile_delete(dbc__compiler *c, const dbc__clauses *clauses,
                           const dbc__scope *scope, dbc__outputs *outputs)
{
    dbc__put(c, "DELETE FROM ");
    render_target(c);
    render_condition(c, clauses, "delete", DBC_POLICY_DELETE);
    render_returning(c, clauses, scope, outputs);
}

static int is_inserted(const dbc__node *node)
{
    return node->op == DBC__SET || node->op == DBC__SLOT;
}

static void render_slot(dbc__compiler *c, const dbc_column *column,
                        uint32_t number)
{
    dbc_parameter parameter = {0};

    parameter.kind = DBC_PARAMETER_SLOT;
    parameter.index = number;
    parameter.type = column->def.type;
    parameter.column = column;
    parameter.written = DBC_WRITTEN;
    dbc__render_parameter(c, &parameter);
}

// `("a", "b")` of all columns that get a value. Returns how many.
static size_t render_columns(dbc__compiler *c, const dbc__clauses *clauses)
{
    size_t count = 0;

    for (uint32_t i = 0; i < clauses->count; i++) {
        const dbc__node *node = dbc__node_at(c, clauses->places[i]);
        const dbc_column *column = node->u.ptr;
        if (!is_inserted(node)) continue;
        if (check_target(c, column) < 0) return count;
        if (is_set(c, clauses, DBC__SET, column, i) ||
            is_set(c, clauses, DBC__SLOT, column, i))
            dbc__compiler_fail(c, DBC_EINVALID, "column \"%s\" is set twice",
                               column->def.name);
        dbc__put(c, count++ ? ", " : " (");
        dbc__render_name(c, column->def.name, column->name_len);
    }
    if (count) dbc__put(c, ")");
    return count;
}

static void render_values(dbc__compiler *c, const dbc__clauses *clauses)
{
    const char *gap = " VALUES (";
    uint32_t slots = 0;

    for (uint32_t i = 0; i < clauses->count; i++) {
        uint32_t place = clauses->places[i];
        const dbc__node *node = dbc__node_at(c, place);
        if (!is_inserted(node)) continue;
        dbc__put(c, gap);
        gap = ", ";
        if (node->op == DBC__SLOT)
            render_slot(c, node->u.ptr, slots++);
        else
            dbc__render_written(c, dbc__at(place, node->a), node->u.ptr,
                                DBC_WRITTEN);
    }
    dbc__put(c, ")");
}

// INSERT … SELECT: the outputs' names are the columns.
static void render_insert_from(dbc__compiler *c, const dbc__clauses *clauses,
                               uint32_t place)
{
    uint32_t query = dbc__child(c, place);
    dbc_error err = DBC_ERROR_INIT;
    dbc__outputs outputs;

    if (dbc__outputs_subquery(&outputs, c, query) < 0) return;
    for (size_t i = 0; i < outputs.count; i++) {
        const dbc_output *output = &outputs.items[i];
        const dbc_column *column =
            dbc_table_find(c->target, output->name, output->name_len, &err);
        if (!column) {
            dbc__compiler_fail(c, err.code, "%s", err.message);
            return;
        }
        dbc__put(c, i ? ", " : " (");
        dbc__render_name(c, column->def.name, column->name_len);
    }
    dbc__put(c, ") ");
    // Behind a bare SELECT, ON CONFLICT would be read as a join's ON.
    int wrap = dbc__clauses_have(clauses, DBC__CONFLICT);
    if (wrap) dbc__put(c, "SELECT * FROM (");
    dbc__render_subquery(c, query, DBC__USE_ROWS);
    if (wrap) dbc__put(c, ") WHERE true");
}

// The row that is there already must be one that may be updated, as soon as it
// would be. CASE keeps that order.
static void render_conflict_condition(dbc__compiler *c,
                                      const dbc__clauses *clauses)
{
    int has_own = dbc__clauses_have(clauses, DBC__CONFLICT_WHERE);

    if (!dbc__row_check_meets(c)) {
        dbc__statement_conditions(c, clauses, DBC__CONFLICT_WHERE, " WHERE ");
        return;
    }
    if (has_own) {
        dbc__statement_conditions(c, clauses, DBC__CONFLICT_WHERE,
                                  " WHERE CASE WHEN ");
        dbc__row_check_met(c, " THEN ");
        dbc__put(c, " END");
    } else {
        dbc__row_check_met(c, " WHERE ");
    }
}

static void render_conflict(dbc__compiler *c, const dbc__clauses *clauses)
{
    const char *gap = " (";
    uint32_t place, i = 0;

    if (!dbc__clauses_have(clauses, DBC__CONFLICT)) {
        if (dbc__clauses_have(clauses, DBC__CONFLICT_IGNORE) ||
            dbc__clauses_have(clauses, DBC__CONFLICT_SET))
            dbc__compiler_fail(c, DBC_EINVALID,
                               "ignore() and update { … } of an insert belong "
                               "behind on_conflict(…)");
        return;
    }
    if (!(c->dialect->can & DBC_CAN_UPSERT)) {
        dbc__compiler_fail(c, DBC_EUNSUPPORTED, "%s has no ON CONFLICT",
                           c->dialect->name);
        return;
    }
    dbc__put(c, " ON CONFLICT");
    while (dbc__clauses_next(clauses, DBC__CONFLICT_COLUMN, &i, &place)) {
        const dbc_column *column = dbc__node_at(c, place)->u.ptr;
        if (check_target(c, column) < 0) return;
        dbc__put(c, gap);
        gap = ", ";
        dbc__render_name(c, column->def.name, column->name_len);
    }
    if (gap[0] == ',') dbc__put(c, ")");
    if (dbc__clauses_have(clauses, DBC__CONFLICT_IGNORE)) {
        dbc__put(c, " DO NOTHING");
        return;
    }
    dbc__put(c, " DO UPDATE");
    if (render_sets(c, clauses, DBC__CONFLICT_SET) == 0)
        dbc__compiler_fail(c, DBC_EINVALID,
                           "on_conflict says nothing to do: add ignore() or "
                           "update { column = value }");
    else if (gap[0] != ',')
        dbc__compiler_fail(c, DBC_EINVALID,
                           "on_conflict():update needs the columns that may "
                           "conflict, as in on_conflict(\"email\")");
    render_conflict_condition(c, clauses);
}

// What would be dropped in silence must not be said: a delete with a limit
// deletes more than was meant.
static int check_clauses(dbc__compiler *c, const dbc__clauses *clauses,
                         dbc_query_kind kind)
{
    static const char *const verbs[] = {[DBC_INSERT] = "insert into",
                                        [DBC_UPDATE] = "update of",
                                        [DBC_DELETE] = "delete from"};
    const char *table = dbc_table_describe(c->target)->name;
    const char *stranger = dbc__clauses_stranger(clauses, kind);

    if (stranger != NULL)
        return dbc__compiler_fail(
            c, DBC_EINVALID, "%s \"%s\" takes no %s: leave it out%s",
            verbs[kind], table, stranger,
            kind == DBC_INSERT
                ? ""
                : "; to choose rows by it, put a query into the condition");
    if (dbc__clauses_have(clauses, DBC__INSERT_FROM) &&
        (dbc__clauses_have(clauses, DBC__SET) ||
         dbc__clauses_have(clauses, DBC__SLOT)))
        return dbc__compiler_fail(c, DBC_EINVALID,
                                  "insert into \"%s\" takes its rows from a "
                                  "query or from values, not from both",
                                  table);
    if (dbc__clauses_have(clauses, DBC__CONFLICT_IGNORE) &&
        dbc__clauses_have(clauses, DBC__CONFLICT_SET))
        return dbc__compiler_fail(c, DBC_EINVALID,
                                  "on_conflict either ignores the row or "
                                  "updates the one that is there, not both");
    return c->status;
}

static void compile_insert(dbc__compiler *c, const dbc__clauses *clauses,
                           const dbc__scope *scope, dbc__outputs *outputs)
{
    uint32_t from;

    dbc__put(c, "INSERT INTO ");
    render_target(c);
    if (dbc__clauses_last(clauses, DBC__INSERT_FROM, &from)) {
        c->scope = NULL;
        render_insert_from(c, clauses, from);
        c->scope = scope;
    } else if (render_columns(c, clauses)) {
        render_values(c, clauses);
    } else {
        dbc__put(c, " DEFAULT VALUES");
    }
    render_conflict(c, clauses);
    render_returning(c, clauses, scope, outputs);
}

void dbc__statement_write(dbc__compiler *c, const dbc__clauses *clauses,
                          dbc_query_kind kind, dbc__outputs *outputs)
{
    dbc__scope scope;

    if (check_clauses(c, clauses, kind) < 0) return;
    if (dbc__scope_single(&scope, c, c->target) < 0) return;
    if (dbc__scope_declare(c, clauses) < 0) return;
    dbc__statement_with(c, clauses);
    c->scope = &scope;
    if (kind == DBC_INSERT)
        compile_insert(c, clauses, &scope, outputs);
    else if (kind == DBC_UPDATE)
        compile_update(c, clauses, &scope, outputs);
    else
        compile_delete(c, clauses, &scope, outputs);
    c->scope = NULL;
}
