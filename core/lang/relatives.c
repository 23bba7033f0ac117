// There are three ways to say it. By number, which always can be said: the
// list of keys is a source of rows,
//
//   FROM dbc_list(?) AS "_parent" CROSS JOIN "posts"
//   WHERE "posts"."author_id" = "_parent"."value"
//
// and the number of the key, "_parent"."number", is the last output: so the
// database says which row a relative belongs to, by its own rules for what is
// equal. The lists of a key of several columns lie side by side by number.
//
// By key, where an index has the key and the order behind it: the database
// would sort what is joined to a list, and need not sort
//
//   WHERE "posts"."author_id" IN (SELECT value FROM dbc_list(?))
//   ORDER BY "posts"."author_id", "posts"."title"
//
// in which the last output is the key itself. And with a limit for each row,
// where an index has the key: the first few of each are looked up,
//
//   … CROSS JOIN "posts" WHERE "posts"."id" IN (SELECT "posts"."id" FROM
//   "posts" WHERE "posts"."author_id" = "_parent"."value" … LIMIT ?)
//
// while a window would number all rows there are.
#include "relatives.h"

#include <stdio.h>
#include <string.h>

#include "access.h"
#include "table.h"

static const char PARENT[] = "_parent";

// "_parent", "_parent2", …
static const char *parent_name(dbc__rewrite *w, size_t i)
{
    char text[32];

    if (i == 0) return PARENT;
    snprintf(text, sizeof text, "%s%zu", PARENT, i + 1);
    const char *name = dbc__arena_copy(&w->scratch, text, strlen(text));
    if (!name) dbc__rewrite_nomem(w);
    return name;
}

static dbc_expr parent_column(dbc__rewrite *w, size_t i, const char *column)
{
    dbc__node node = {.op = DBC__NAME};
    const char *name = parent_name(w, i);

    if (w->status < 0) return 0;
    dbc__tree_name(w->out, &node, name, "source");
    dbc__tree_name2(w->out, &node, column, "column");
    return dbc__rewrite_add(w, node);
}

// A clause that is one expression.
static void add_clause(dbc__rewrite *w, dbc__node_op op, dbc_expr expr)
{
    dbc__node node = {.op = (uint8_t)op};

    if (w->status < 0) return;
    node.u.at.b = dbc__tree_back(w->out, expr);
    dbc__rewrite_add(w, node);
}

static dbc_expr add_equal(dbc__rewrite *w, dbc_expr a, dbc_expr b)
{
    dbc__node node = {.op = DBC__OP, .sub = DBC_OP_EQ};

    if (w->status < 0) return 0;
    node.a = dbc__tree_back(w->out, a);
    node.u.at.b = dbc__tree_back(w->out, b);
    return dbc__rewrite_add(w, node);
}

// The parameter that takes a list of keys.
static dbc_expr add_list(dbc__rewrite *w, const char *name)
{
    dbc__node param = {.op = DBC__PARAM};

    if (w->status < 0) return 0;
    dbc__tree_name(w->out, &param, name, "parameter");
    return dbc__rewrite_add(w, param);
}

// The lists of keys as sources, laid side by side.
static void write_lists(dbc__rewrite *w, const dbc__load_level *level)
{
    for (size_t i = 0; i < level->relation->key_count; i++) {
        dbc__node source = {.op = DBC__LISTED};
        dbc__node clause = {.op = i ? DBC__JOIN : DBC__FROM,
                            .sub = i ? DBC_JOIN_CROSS : 0};
        const char *name = parent_name(w, i);

        dbc_expr list = add_list(w, level->lists[i]);
        if (w->status < 0) return;
        source.u.at.b = dbc__tree_back(w->out, list);
        dbc__tree_name(w->out, &source, name, "alias");
        list = dbc__rewrite_add(w, source);
        if (w->status < 0) return;
        clause.u.at.b = dbc__tree_back(w->out, list);
        dbc__rewrite_add(w, clause);
        if (i)
            dbc__rewrite_where(w, add_equal(w, parent_column(w, i, "number"),
                                            parent_column(w, 0, "number")));
    }
}

// The relatives' own table with all that their query says but `left_out`:
// joined to what is there, or the first source.
static void write_source(dbc__rewrite *w, const dbc__relatives *at,
                         dbc__copying how)
{
    dbc__node table = {.op = DBC__TABLE, .u.ptr = at->relation->target};
    dbc__node node = {.op = how.as_join ? DBC__JOIN : DBC__FROM,
                      .sub = how.as_join ? (uint8_t)how.join : 0};

    how.frame = at->frame;
    // Neither a window nor a query inside knows outputs by their names.
    how.by_expression =
        (dbc__relatives_clauses(w, at) & DBC__FRAME_LIMITED) != 0;
    if (at->frame) {
        dbc__rewrite_copy(w, &how);
        return;
    }
    dbc_expr source = dbc__rewrite_add(w, table);
    if (w->status < 0) return;
    node.u.at.b = dbc__tree_back(w->out, source);
    if (how.on) node.u.at.c = dbc__tree_back(w->out, how.on);
    dbc__rewrite_add(w, node);
}

// The item of a list, compared as the column it was taken from is.
static dbc_expr parent_key(dbc__rewrite *w, const dbc_column *source, size_t i)
{
    dbc_expr value = parent_column(w, i, "value");
    dbc__node node = {.op = DBC__COLLATE};

    if (!source->def.collate || w->status < 0) return value;
    dbc__tree_name(w->out, &node, source->def.collate, "collation");
    node.u.at.b = dbc__tree_back(w->out, value);
    return dbc__rewrite_add(w, node);
}

// Each key column equals the item of its list.
static void write_keys(dbc__rewrite *w, const dbc_relation *relation,
                       dbc__place near, const dbc_column *const *columns)
{
    for (size_t i = 0; i < relation->key_count; i++)
        dbc__rewrite_where(
            w, add_equal(w, dbc__rewrite_column(w, near, columns[i]),
                         parent_key(w, relation->source_key[i], i)));
}

static dbc__place name_through(dbc__rewrite *w, const dbc__relatives *at,
                               dbc__place target)
{
    const dbc_relation *relation = at->relation;
    dbc__place through = {relation->through, NULL};
    const char *taken[] = {target.alias ? target.alias
                                        : dbc_table_sql_name(target.table)};
    char name[300] = "";

    strncat(name, relation->name, 255);
    strncat(name, "_through", 16);
    through.alias =
        dbc__rewrite_alias(w, relation->through, name, taken, 1, at->frame);
    return through;
}

void dbc__relatives_hidden(dbc__rewrite *w, const dbc__relatives *at,
                           dbc__place place)
{
    for (uint32_t i = 0; i < at->hidden_count; i++)
        add_clause(w, DBC__HIDDEN,
                   dbc__rewrite_column(w, place, at->hidden[i]));
}

// `expr` IN the subquery or list at `set`.
static dbc_expr add_in(dbc__rewrite *w, dbc_expr expr, dbc_expr set)
{
    dbc__node node = {.op = DBC__IN};

    if (w->status < 0) return 0;
    node.a = dbc__tree_back(w->out, expr);
    node.u.at.b = dbc__tree_back(w->out, set);
    return dbc__rewrite_add(w, node);
}

static void write_by_key(dbc__rewrite *w, const dbc__load_level *level,
                         const dbc__relatives *at, dbc__place target,
                         int descending)
{
    const dbc_column *key = at->relation->target_key[0];
    dbc__node order = {.op = DBC__ORDER, .sub = DBC_DESC};

    dbc_expr column = dbc__rewrite_column(w, target, key);
    if (w->status == DBC_OK && descending) {
        order.u.at.b = dbc__tree_back(w->out, column);
        column = dbc__rewrite_add(w, order);
    }
    add_clause(w, DBC__ORDERED, column);
    write_source(w, at, (dbc__copying){.as_join = 0});
    column = dbc__rewrite_column(w, target, key);
    dbc__rewrite_where(w, add_in(w, column, add_list(w, level->lists[0])));
    dbc__rewrite_filter(w, at->relation, target, (dbc__place){NULL, NULL});
    dbc__relatives_hidden(w, at, target);
    add_clause(w, DBC__HIDDEN, dbc__rewrite_column(w, target, key));
}

// The table between as the first source.
static void write_through(dbc__rewrite *w, dbc__place through)
{
    dbc__node table = {.op = DBC__TABLE, .u.ptr = through.table};

    if (w->status == DBC_OK && through.alias)
        dbc__tree_name(w->out, &table, through.alias, "alias");
    add_clause(w, DBC__FROM, dbc__rewrite_add(w, table));
}

// The rowids of the first few relatives of one row.
static dbc_expr write_first_few(dbc__rewrite *w, const dbc__relatives *at,
                                dbc__place target)
{
    const dbc_relation *relation = at->relation;
    dbc__place through = {NULL, NULL};
    dbc__copying how = {.left_out = DBC__LEAVE_OUTPUTS};
    uint32_t start = w->out->used.nodes;

    if (relation->through) {
        through = name_through(w, at, target);
        write_through(w, through);
        how.as_join = 1;
        how.on =
            dbc__rewrite_equal(w, through, relation->through_to, target,
                               relation->target_key, relation->through_count);
        how.join = DBC_JOIN_INNER;
    }
    write_source(w, at, how);
    add_clause(w, DBC__SELECT,
               dbc__rewrite_column(w, target, relation->target->rowid_alias));
    if (relation->through)
        write_keys(w, relation, through, relation->through_from);
    else
        write_keys(w, relation, target, relation->target_key);
    dbc__rewrite_filter(w, relation, target, through);
    return dbc__rewrite_query(w, start);
}

static void write_looked_up(dbc__rewrite *w, const dbc__load_level *level,
                            const dbc__relatives *at, dbc__place target)
{
    const dbc_column *rowid = at->relation->target->rowid_alias;

    write_lists(w, level);
    dbc_expr few = write_first_few(w, at, target);
    dbc_expr column = dbc__rewrite_column(w, target, rowid);
    dbc__rewrite_where(w, add_in(w, column, few));
    add_clause(w, DBC__ORDERED, parent_column(w, 0, "number"));
    write_source(
        w, at,
        (dbc__copying){.as_join = 1,
                       .join = DBC_JOIN_CROSS,
                       .left_out = DBC__LEAVE_WHERE | DBC__LEAVE_LIMIT});
    dbc__relatives_hidden(w, at, target);
    add_clause(w, DBC__HIDDEN, parent_column(w, 0, "number"));
}

static void write_by_number(dbc__rewrite *w, const dbc__load_level *level,
                            const dbc__relatives *at, dbc__place target)
{
    const dbc_relation *relation = at->relation;
    unsigned clauses = dbc__relatives_clauses(w, at);
    dbc__place through = {NULL, NULL};
    dbc__copying how = {.as_join = 1, .join = DBC_JOIN_CROSS};

    write_lists(w, level);
    if (relation->through) {
        through = name_through(w, at, target);
        dbc__rewrite_join(w, DBC_JOIN_CROSS, through, 0);
        how.on =
            dbc__rewrite_equal(w, through, relation->through_to, target,
                               relation->target_key, relation->through_count);
        how.join = DBC_JOIN_INNER;
    }
    if (clauses & DBC__FRAME_GROUPED)
        add_clause(w, DBC__GROUP, parent_column(w, 0, "number"));
    if (clauses & DBC__FRAME_LIMITED)
        add_clause(w, DBC__PER, parent_column(w, 0, "number"));
    else if (clauses & DBC__FRAME_ORDERED)
        add_clause(w, DBC__ORDERED, parent_column(w, 0, "number"));
    write_source(w, at, how);
    if (relation->through)
        write_keys(w, relation, through, relation->through_from);
    else
        write_keys(w, relation, target, relation->target_key);
    dbc__rewrite_filter(w, relation, target, through);
    dbc__relatives_hidden(w, at, target);
    add_clause(w, DBC__HIDDEN, parent_column(w, 0, "number"));
}

void dbc__relatives_write(dbc__rewrite *w, dbc__load_level *level,
                          const dbc__relatives *at)
{
    dbc__place target = {at->relation->target, NULL};
    const dbc__access way = dbc__access_choose(w, at);

    if (at->frame) target = dbc__place_of(w, at->frame);
    if (w->status < 0) return;
    level->by_key = way.by_key;
    if (way.by_key)
        write_by_key(w, level, at, target, way.descending);
    else if (way.looks_up)
        write_looked_up(w, level, at, target);
    else
        write_by_number(w, level, at, target);
}
