// The words that a relation becomes: joins on its keys, its own condition, and
// names for tables that are not taken.
#include "rewrite.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "error.h"
#include "literal.h"
#include "name.h"
#include "schema.h"

int dbc__rewrite_fail(dbc__rewrite *w, int code, const char *format, ...)
{
    va_list args;

    if (w->status < 0) return w->status;
    va_start(args, format);
    w->status = dbc__error_setv(w->err, code, format, args);
    va_end(args);
    return w->status;
}

int dbc__rewrite_nomem(dbc__rewrite *w)
{
    return dbc__rewrite_fail(w, DBC_ENOMEM, "out of memory");
}

dbc_expr dbc__rewrite_add(dbc__rewrite *w, dbc__node node)
{
    dbc_expr added = w->status < 0 ? 0 : dbc__tree_add(w->out, &node);

    if (added || w->status < 0) return added;
    dbc_error err = DBC_ERROR_INIT;
    dbc_query_status(w->out, &err);
    dbc__rewrite_fail(w, err.code, "%s", err.message);
    return 0;
}

dbc_expr dbc__rewrite_query(dbc__rewrite *w, uint32_t start)
{
    dbc__node node = {.op = DBC__QUERY, .a = w->out->used.nodes - start};

    return dbc__rewrite_add(w, node);
}

// ------------------------------------------------------------------ relations

const dbc_relation *dbc__rewrite_relation(dbc__rewrite *w,
                                          const dbc_table *table,
                                          const char *name, size_t len)
{
    dbc__quoted quoted;
    dbc_error err = DBC_ERROR_INIT;

    if (w->status < 0) return NULL;
    dbc__quote(&quoted, name, len);
    if (!table) {
        dbc__rewrite_fail(w, DBC_EINVALID,
                          "relation %s starts at a table, and this query "
                          "reads from none that is known by itself",
                          quoted.text);
        return NULL;
    }
    if (!w->schema) {
        dbc__rewrite_fail(w, DBC_EINVALID,
                          "relation %s is looked up in a schema, and there is "
                          "none: open the database with one",
                          quoted.text);
        return NULL;
    }
    // The table may be another description of the same one.
    const dbc_table *known =
        dbc_schema_find(w->schema, table->def.name, table->name_len, &err);
    if (known) {
        const dbc_relation *relation =
            dbc_schema_find_relation(w->schema, known, name, len, &err);
        if (relation) return relation;
    }
    dbc__rewrite_fail(w, err.code, "%s", err.message);
    return NULL;
}

static int is_named(const dbc_table *a, const dbc_table *b)
{
    return a == b || dbc__name_equal(a->sql_name, a->sql_name_len, b->sql_name,
                                     b->sql_name_len);
}

int dbc__rewrite_check_sub(dbc__rewrite *w, uint32_t f,
                           const dbc_relation *relation)
{
    const dbc__frame *frame = &w->frames.items[f];
    const dbc_table *target = relation->target;
    dbc__quoted name, other;

    if (frame->clauses & DBC__FRAME_COMBINED)
        return dbc__rewrite_fail(
            w, DBC_EINVALID,
            "relation \"%s\" cannot be read as a union, intersect or except: "
            "say it with conditions",
            relation->name);
    if (frame->table && is_named(frame->table, target)) return DBC_OK;
    return dbc__rewrite_fail(
        w, DBC_EINVALID,
        "relation \"%s\" leads to %s, but its query reads from %s",
        relation->name, dbc__quote(&name, target->def.name, target->name_len),
        frame->table
            ? dbc__quote(&other, frame->table->def.name, frame->table->name_len)
            : "something else");
}

// --------------------------------------------------------------------- places

dbc__place dbc__place_of(dbc__rewrite *w, uint32_t f)
{
    const dbc__frame *frame = &w->frames.items[f];
    dbc__place place = {frame->table, NULL};
    size_t len;

    if (!frame->table) return place;
    const char *name = dbc__frame_name(frame, &len);
    if (frame->hidden &&
        dbc__name_equal(name, len, frame->hidden, strlen(frame->hidden)))
        place.alias = frame->renamed_to;
    else if (frame->alias_len)
        place.alias =
            dbc__arena_copy(&w->scratch, frame->alias, frame->alias_len);
    if (frame->alias_len && !place.alias) dbc__rewrite_nomem(w);
    return place;
}

static int is_taken(const char *name, const char *const *taken, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (dbc__name_equal(taken[i], strlen(taken[i]), name, strlen(name)))
            return 1;
    return 0;
}

const char *dbc__rewrite_alias(dbc__rewrite *w, const dbc_table *table,
                               const char *name, const char *const *taken,
                               size_t count, uint32_t frame)
{
    char text[DBC__NAME_MAX + 16];

    if (table && !is_taken(table->sql_name, taken, count) &&
        !(frame && dbc__frame_has_source(&w->frames, frame, table->sql_name,
                                         table->sql_name_len)))
        return NULL;
    snprintf(text, sizeof text, "%s", name);
    for (int i = 2; is_taken(text, taken, count) ||
                    (frame && dbc__frame_has_source(&w->frames, frame, text,
                                                    strlen(text)));
         i++)
        snprintf(text, sizeof text, "%s_%d", name, i);
    const char *alias = dbc__arena_copy(&w->scratch, text, strlen(text));
    if (!alias) dbc__rewrite_nomem(w);
    return alias;
}

// ---------------------------------------------------------------------- words

dbc_expr dbc__rewrite_column(dbc__rewrite *w, dbc__place place,
                             const dbc_column *column)
{
    dbc__node node = {.op = DBC__COLUMN, .u.ptr = column};
    dbc_error err = DBC_ERROR_INIT;

    if (w->status < 0) return 0;
    if (place.table && place.table != column->table)
        node.u.ptr = dbc_table_find(place.table, column->def.name,
                                    column->name_len, &err);
    if (!node.u.ptr) {
        dbc__rewrite_fail(w, err.code, "%s", err.message);
        return 0;
    }
    if (place.alias) dbc__tree_name(w->out, &node, place.alias, "alias");
    return dbc__rewrite_add(w, node);
}

static dbc_expr add_op(dbc__rewrite *w, dbc_op op, dbc_expr a, dbc_expr b)
{
    dbc__node node = {.op = DBC__OP, .sub = (uint8_t)op};

    if (w->status < 0) return 0;
    node.a = dbc__tree_back(w->out, a);
    node.u.at.b = dbc__tree_back(w->out, b);
    return dbc__rewrite_add(w, node);
}

dbc_expr dbc__rewrite_equal(dbc__rewrite *w, dbc__place left,
                            const dbc_column *const *left_columns,
                            dbc__place right,
                            const dbc_column *const *right_columns,
                            size_t count)
{
    dbc_expr all = 0;

    for (size_t i = 0; i < count; i++) {
        dbc_expr a = dbc__rewrite_column(w, left, left_columns[i]);
        dbc_expr b = dbc__rewrite_column(w, right, right_columns[i]);
        // The left column's collation decides: a declared one, from either
        // end of the relation.
        int turned =
            !left_columns[i]->def.collate && right_columns[i]->def.collate;
        dbc_expr both = add_op(w, DBC_OP_EQ, turned ? b : a, turned ? a : b);
        all = all ? add_op(w, DBC_OP_AND, all, both) : both;
    }
    return all;
}

void dbc__rewrite_join(dbc__rewrite *w, dbc_join join, dbc__place place,
                       dbc_expr on)
{
    dbc__node table = {.op = DBC__TABLE, .sub = 1, .u.ptr = place.table};
    dbc__node node = {.op = DBC__JOIN, .sub = (uint8_t)join};

    if (w->status < 0) return;
    if (place.alias) dbc__tree_name(w->out, &table, place.alias, "alias");
    dbc_expr source = dbc__rewrite_add(w, table);
    node.u.at.b = dbc__tree_back(w->out, source);
    if (on) node.u.at.c = dbc__tree_back(w->out, on);
    dbc__rewrite_add(w, node);
}

void dbc__rewrite_where(dbc__rewrite *w, dbc_expr condition)
{
    dbc__node node = {.op = DBC__WHERE};

    if (w->status < 0) return;
    node.u.at.b = dbc__tree_back(w->out, condition);
    dbc__rewrite_add(w, node);
}

// --------------------------------------------------------------------- filter

// The values of a relation's condition are part of the schema, not of the
// query: they are said as literals.
static dbc_expr add_literal(dbc__rewrite *w, const dbc_query *filter,
                            uint32_t number)
{
    dbc_value value = dbc_query_value(filter, number);
    dbc__node node = {.op = DBC__RAW};
    dbc_buf text;

    dbc__buf_init(&text, w->scratch.alloc);
    if (value.type != DBC_LIST) {
        dbc__literal_value(&text, &value);
    } else {
        for (size_t i = 0; i < value.len; i++) {
            dbc_value item = dbc_query_list_item(filter, number, i);
            if (i) dbc_buf_add_string(&text, ", ");
            dbc__literal_value(&text, &item);
        }
    }
    if (text.status == DBC_OK && w->status == DBC_OK)
        dbc__tree_text(w->out, &node, text.len ? text.data : "", text.len);
    else
        dbc__rewrite_nomem(w);
    dbc__buf_dispose(&text);
    return dbc__rewrite_add(w, node);
}

// Columns of both tables bear the names that those have here.
static dbc_expr add_filter_column(dbc__rewrite *w, dbc__node node,
                                  dbc__place target, dbc__place through)
{
    const dbc_column *column = node.u.ptr;
    const dbc__place places[] = {target, through};

    for (size_t i = 0; i < sizeof places / sizeof *places && !node.len; i++)
        if (places[i].table && is_named(places[i].table, column->table))
            return dbc__rewrite_column(w, places[i], column);
    return dbc__rewrite_add(w, node);
}

void dbc__rewrite_filter(dbc__rewrite *w, const dbc_relation *relation,
                         dbc__place target, dbc__place through)
{
    const dbc_query *filter = relation->where;
    dbc_expr root = 0;

    if (!filter || w->status < 0) return;
    uint32_t *map = dbc__arena_take_array(&w->scratch, filter->used.nodes + 1u,
                                          sizeof *map);
    if (!map) {
        dbc__rewrite_nomem(w);
        return;
    }
    for (uint32_t i = 0; i < filter->used.nodes && w->status == DBC_OK; i++) {
        dbc__node node = filter->nodes[i];
        if (node.op == DBC__VALUE) {
            root = add_literal(w, filter, node.a);
        } else {
            dbc__tree_adopt(w->out, &node, filter);
            dbc__tree_redirect(w->out, &node, i, map);
            root = node.op == DBC__COLUMN
                       ? add_filter_column(w, node, target, through)
                       : dbc__rewrite_add(w, node);
        }
        map[i] = root;
    }
    dbc__rewrite_where(w, root);
}
