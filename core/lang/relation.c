// Inferring relations. A relation follows one foreign key (two through a table
// between): from the columns that have it to those it points to, or the other
// way round. What is declared narrows the candidates; one must be left.
#include "relation.h"

#include <stdio.h>
#include <string.h>

#include "name.h"
#include "part.h"
#include "tree.h"

// One end of a search: the table on each side and the columns given for it.
typedef struct wanted {
    const dbc_table *child; // has the foreign key
    const dbc_table *parent;
    const dbc_names *child_columns; // empty: any
    const dbc_names *parent_columns;
    const dbc_table *between; // the keys are those of this one, or NULL
} wanted;

static int holds_name(const dbc_names *names, const dbc_column *column)
{
    for (size_t i = 0; i < names->count; i++) {
        if (names->items[i] != NULL &&
            dbc__part_equal(names->items[i], column->def.name))
            return 1;
    }
    return 0;
}

// Whether `names` are just these columns, in any order. Empty names are.
static int are_columns(const dbc_names *names, const dbc_column *const *columns,
                       size_t count)
{
    if (names->count == 0) return 1;
    if (names->count != count) return 0;
    for (size_t i = 0; i < count; i++) {
        if (!holds_name(names, columns[i])) return 0;
    }
    return 1;
}

static int is_candidate(const dbc__link *link, const wanted *want)
{
    return link->table == want->child && link->target == want->parent &&
           are_columns(want->child_columns, link->key->columns,
                       link->key->count) &&
           are_columns(want->parent_columns, link->to, link->key->count);
}

// The links that fit; `*first` is one of them when there are any.
static size_t count_candidates(const dbc__link **first,
                               const dbc_schema *schema, const wanted *want)
{
    size_t count = 0;

    for (size_t i = 0; i < schema->link_count; i++) {
        if (!is_candidate(&schema->links[i], want)) continue;
        if (count++ == 0) *first = &schema->links[i];
    }
    return count;
}

// Appends "team_id" or "(org, team)" of one key to a list.
static size_t list_key(char *out, size_t size, size_t used,
                       const dbc__foreign_key *key)
{
    if (used > 0 && used < size)
        used += (size_t)snprintf(out + used, size - used, ", ");
    for (size_t i = 0; i < key->count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s%s",
                                 key->count > 1 && i == 0 ? "(" : "",
                                 i > 0 ? ", " : "", key->columns[i]->def.name);
    if (key->count > 1 && used < size)
        used += (size_t)snprintf(out + used, size - used, ")");
    return used;
}

static int refuse_many(const dbc_schema *schema, const wanted *want,
                       size_t count, dbc_error *err)
{
    dbc__quoted child, parent;
    char list[200], through[DBC__NAME_MAX + 16] = "";
    size_t used = 0;

    if (want->between)
        snprintf(through, sizeof through, ":through(\"%s\", ",
                 want->between->def.name);

    for (size_t i = 0; i < schema->link_count && used < sizeof list; i++) {
        if (is_candidate(&schema->links[i], want))
            used = list_key(list, sizeof list, used, schema->links[i].key);
    }
    return dbc__error_set(
        err, DBC_ESCHEMA,
        "%s has %zu foreign keys to %s (%s): say %s{ from = …, to = … }%s",
        dbc__quote(&child, want->child->def.name, want->child->name_len), count,
        dbc__quote(&parent, want->parent->def.name, want->parent->name_len),
        list, through, want->between ? ")" : "");
}

// Pairs of columns that a relation was found to follow.
typedef struct pairs {
    const dbc_column *const *child;
    const dbc_column *const *parent;
    size_t count;
} pairs;

static pairs pairs_of_link(const dbc__link *link)
{
    return (pairs){link->key->columns, link->to, link->key->count};
}

static int resolve_names(const dbc_column *const **out, dbc_schema *schema,
                         const dbc_table *table, const dbc_names *names,
                         dbc_error *err)
{
    const dbc_column **columns =
        dbc__arena_take_array(&schema->arena, names->count, sizeof *columns);
    dbc__part user;

    if (columns == NULL) return DBC_ENOMEM;
    dbc__part_quote(&user, "the end in table", table->def.name);
    for (size_t i = 0; i < names->count; i++) {
        int rc = dbc__table_need(&columns[i], table, names->items[i], user.text,
                                 err);
        if (rc < 0) return rc;
    }
    *out = columns;
    return DBC_OK;
}

// Both ends are declared: they need no foreign key, only to pair.
static int pair_names(pairs *out, dbc_schema *schema, const wanted *want,
                      dbc_error *err)
{
    if (want->child_columns->count != want->parent_columns->count)
        return dbc__error_set(
            err, DBC_ESCHEMA,
            "it has %zu columns at one end and %zu at the other: they must "
            "pair",
            want->child_columns->count, want->parent_columns->count);

    int rc = resolve_names(&out->child, schema, want->child,
                           want->child_columns, err);
    if (rc < 0) return rc;
    out->count = want->child_columns->count;
    return resolve_names(&out->parent, schema, want->parent,
                         want->parent_columns, err);
}

// Only the end that would have the foreign key is declared, and it has none:
// then it meets the primary key.
static int pair_with_key(pairs *out, dbc_schema *schema, const wanted *want,
                         dbc_error *err)
{
    int rc = resolve_names(&out->child, schema, want->child,
                           want->child_columns, err);
    if (rc < 0) return rc;
    if (want->parent->key_count != want->child_columns->count)
        return dbc__error_set(
            err, DBC_ESCHEMA,
            "it has %zu columns at one end, but the primary key at the other "
            "has %zu: declare both ends",
            want->child_columns->count, want->parent->key_count);
    out->parent = want->parent->key;
    out->count = want->parent->key_count;
    return DBC_OK;
}

static int refuse_none(const wanted *want, dbc_error *err)
{
    dbc__quoted child, parent;

    return dbc__error_set(
        err, DBC_ESCHEMA,
        "%s has no such foreign key to %s: add one, or say { from = …, to = … "
        "}",
        dbc__quote(&child, want->child->def.name, want->child->name_len),
        dbc__quote(&parent, want->parent->def.name, want->parent->name_len));
}

static int find_pairs(pairs *out, dbc_schema *schema, const wanted *want,
                      dbc_error *err)
{
    const dbc__link *link = NULL;

    if (want->child_columns->count > 0 && want->parent_columns->count > 0)
        return pair_names(out, schema, want, err);

    size_t count = count_candidates(&link, schema, want);
    if (count > 1) return refuse_many(schema, want, count, err);
    if (count == 1) {
        *out = pairs_of_link(link);
        return DBC_OK;
    }
    if (want->child_columns->count > 0)
        return pair_with_key(out, schema, want, err);
    return refuse_none(want, err);
}

// Relations without a table between.

static void fill_ends(dbc_relation *out, const pairs *found, int forward)
{
    out->key_count = found->count;
    out->source_key = forward ? found->child : found->parent;
    out->target_key = forward ? found->parent : found->child;
}

// A "one" follows the foreign key of its source; when only the target has one
// ("a user has one profile") it goes back along that. A "many" goes back.
static int resolve_direct(dbc_relation *out, dbc_schema *schema,
                          const dbc_relation_def *def, dbc_error *err)
{
    const wanted forward = {out->source, out->target, &def->from, &def->to,
                            NULL};
    const wanted back = {out->target, out->source, &def->to, &def->from, NULL};
    const dbc__link *link = NULL;
    pairs found = {NULL, NULL, 0};

    int one = def->kind == DBC_ONE;
    if (one && count_candidates(&link, schema, &forward) == 0 &&
        count_candidates(&link, schema, &back) > 0)
        one = 0;
    int rc = find_pairs(&found, schema, one ? &forward : &back, err);
    if (rc < 0) return rc;
    fill_ends(out, &found, one);
    return DBC_OK;
}

// Relations through a table.

// When both ends are the same table, the one key that is left over is meant.
static int is_leftover(const dbc__link *link, const wanted *want,
                       const pairs *taken)
{
    return is_candidate(link, want) && link->key->columns != taken->child;
}

static int find_other_pairs(pairs *out, dbc_schema *schema, const wanted *want,
                            const pairs *taken, dbc_error *err)
{
    const dbc__link *link = NULL;
    size_t count = 0;

    for (size_t i = 0; i < schema->link_count; i++) {
        if (!is_leftover(&schema->links[i], want, taken)) continue;
        link = &schema->links[i];
        count++;
    }
    if (want->child_columns->count > 0 || count != 1)
        return find_pairs(out, schema, want, err);
    *out = pairs_of_link(link);
    return DBC_OK;
}

static int resolve_through(dbc_relation *out, dbc_schema *schema,
                           const dbc_relation_def *def, dbc_error *err)
{
    const wanted near = {out->through, out->source, &def->through_from,
                         &def->from, out->through};
    const wanted far = {out->through, out->target, &def->through_to, &def->to,
                        out->through};
    pairs first = {NULL, NULL, 0}, second = first;
    int rc;

    // The end that is declared is taken first, so that the other can be what
    // is left.
    if (def->through_from.count == 0 && def->through_to.count > 0) {
        rc = find_pairs(&second, schema, &far, err);
        if (rc >= 0) rc = find_other_pairs(&first, schema, &near, &second, err);
    } else {
        rc = find_pairs(&first, schema, &near, err);
        if (rc >= 0) rc = find_other_pairs(&second, schema, &far, &first, err);
    }
    if (rc < 0) return rc;
    out->key_count = first.count;
    out->source_key = first.parent;
    out->through_from = first.child;
    out->through_count = second.count;
    out->through_to = second.child;
    out->target_key = second.parent;
    return DBC_OK;
}

static int refuse_column_name(const dbc_relation *relation, dbc_error *err)
{
    const dbc_table *table = relation->source;
    dbc__quoted quoted;

    for (size_t i = 0; i < table->def.column_count; i++) {
        const dbc_column_def *def = &table->columns[i].def;
        const char *key = def->as != NULL ? def->as : def->name;

        if (dbc__part_equal(key, relation->name))
            return dbc__error_set(
                err, DBC_ESCHEMA,
                "column %s has that key in rows already: rename one of them",
                dbc__quote(&quoted, def->name, strlen(def->name)));
    }
    return DBC_OK;
}

static int find_tables(dbc_relation *out, const dbc_schema *schema,
                       const dbc_relation_def *def, dbc_error *err)
{
    int rc = dbc__schema_need(&out->target, schema, def->target, "it", err);

    if (rc >= 0 && def->through != NULL)
        rc = dbc__schema_need(&out->through, schema, def->through, "it", err);
    if (rc < 0 || def->through != NULL) return rc;
    if (def->through_from.count == 0 && def->through_to.count == 0)
        return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA,
                          "it says how to go through a table, but not which: "
                          "say { through = … }");
}

// A relation's own condition.

// The schema's column for one of the condition, which may be of another
// description of the same table.
static int resolve_column(const void **column, const dbc_relation *relation,
                          dbc_error *err)
{
    const dbc_column *given = *column;
    const dbc_table *tables[] = {relation->target, relation->through};
    dbc__quoted quoted;

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (tables[i] == NULL ||
            !dbc__part_equal(tables[i]->def.name, given->table->def.name))
            continue;
        *column =
            dbc_table_find(tables[i], given->def.name, given->name_len, err);
        return *column != NULL ? DBC_OK : DBC_ESCHEMA;
    }
    return dbc__error_set(
        err, DBC_ESCHEMA,
        "its condition speaks of a column of %s, which the relation does not "
        "lead to",
        dbc__quote(&quoted, given->table->def.name, given->table->name_len));
}

// A condition is one expression without a query inside: all that it points to
// are columns.
static int resolve_node(dbc__node *node, const dbc_relation *relation,
                        dbc_error *err)
{
    switch (node->op) {
    case DBC__COLUMN:
        if (node->len == 0) return resolve_column(&node->u.ptr, relation, err);
        return dbc__error_set(err, DBC_ESCHEMA,
                              "its condition speaks of an alias: give columns "
                              "of the table itself");
    case DBC__PARAM:
        if (node->u.ptr == NULL) return DBC_OK;
        return resolve_column(&node->u.ptr, relation, err);
    case DBC__QUERY:
    case DBC__NAME:
    case DBC__HAS:
    case DBC__RELATED:
        return dbc__error_set(err, DBC_ESCHEMA,
                              "its condition has a query or a relation in it, "
                              "but may only speak of columns");
    default:
        if (node->op < DBC__TABLE) return DBC_OK;
        return dbc__error_set(err, DBC_ESCHEMA,
                              "its condition is a query: give an expression");
    }
}

static int resolve_where(dbc_relation *out, dbc_schema *schema,
                         const dbc_relation_def *def, dbc_error *err)
{
    if (def->where == NULL) return DBC_OK;
    int rc = dbc_query_status(def->where, err);
    if (rc < 0) return rc;
    dbc_query_size size = dbc_query_measure(def->where);
    void *memory = dbc__arena_take(&schema->arena, dbc_query_room(size));
    if (memory == NULL) return DBC_ENOMEM;

    dbc_query *where = dbc_query_place(memory, size, NULL);
    dbc_query_append(where, def->where);
    for (uint32_t i = 0; i < size.nodes; i++) {
        rc = resolve_node(&where->nodes[i], out, err);
        if (rc < 0) return rc;
    }
    out->where = where;
    return dbc_query_seal(where);
}

int dbc__relation_resolve(dbc_relation *out, dbc_schema *schema,
                          const dbc_relation_def *def, dbc_error *err)
{
    *out = (dbc_relation){.kind = def->kind};
    int rc = dbc__part_name(def->name, "relation name", err);
    if (rc < 0) return rc;
    if (def->kind != DBC_ONE && def->kind != DBC_MANY)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "it is of kind %d, which is none",
                              (int)def->kind);
    rc = dbc__schema_need(&out->source, schema, def->table, "it", err);
    if (rc < 0) return rc;
    rc = find_tables(out, schema, def, err);
    if (rc < 0) return rc;

    out->name = dbc__arena_copy(&schema->arena, def->name, strlen(def->name));
    if (out->name == NULL) return DBC_ENOMEM;
    rc = refuse_column_name(out, err);
    if (rc < 0) return rc;
    rc = out->through != NULL ? resolve_through(out, schema, def, err)
                              : resolve_direct(out, schema, def, err);
    return rc < 0 ? rc : resolve_where(out, schema, def, err);
}
