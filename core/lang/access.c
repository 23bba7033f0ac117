// Choosing how relatives are read, by what the schema says of indexes. What is
// chosen gives the same rows; a database that has other indexes than its schema
// says only takes longer.
#include "access.h"

#include <string.h>

#include "dbcore_driver.h"
#include "index.h"
#include "name.h"
#include "table.h"

enum { MOST_TERMS = 8 }; // of an order that is looked for in an index

// Whether values of both columns are equal just when they are the same. What a
// view gives may be of any type.
static int are_plain(const dbc_column *a, const dbc_column *b)
{
    if (a->table->def.kind != DBC_TABLE || b->table->def.kind != DBC_TABLE)
        return 0;
    if (a->def.type != b->def.type || a->def.storage || b->def.storage)
        return 0;
    if (a->def.type == DBC_T_INTEGER) return 1;
    if (a->def.type != DBC_T_TEXT && a->def.type != DBC_T_UUID) return 0;
    return !a->def.collate && !b->def.collate;
}

// The order of a frame as terms of an index, or -1 when it is more than that.
static int read_order(dbc__index_term *terms, const dbc__rewrite *w, uint32_t f)
{
    const dbc__frame *frame = &w->frames.items[f];
    int count = 0;

    for (uint32_t i = frame->begin; i < frame->end; i++) {
        const dbc__node *node = &w->src->nodes[i];
        if (w->frames.of[i] != f || node->op != DBC__ORDERED) continue;
        const dbc__node *term = node - node->u.at.b;
        int order = DBC_ASC;
        if (term->op == DBC__ORDER) {
            order = term->sub;
            term -= term->u.at.b;
        }
        const dbc_column *column = term->u.ptr;
        if (term->op != DBC__COLUMN || column->table != frame->table ||
            !dbc__name_equal(w->src->names + term->a, term->len, frame->alias,
                             frame->alias_len) ||
            (order != DBC_ASC && order != DBC_DESC) || count == MOST_TERMS)
            return -1;
        terms[count].column = column;
        terms[count++].descending = order == DBC_DESC;
    }
    return count;
}

// Whether the relation's query says something of the table between, or text
// that might.
static int speaks_of_through(const dbc__rewrite *w, const dbc__relatives *at)
{
    const dbc__frame *frame = &w->frames.items[at->frame];
    const char *name = dbc_table_sql_name(at->relation->through);

    for (uint32_t i = frame->begin; i < frame->end; i++) {
        const dbc__node *node = &w->src->nodes[i];
        const dbc_column *column = node->u.ptr;
        if (node->op == DBC__SQL || node->op == DBC__RAW ||
            node->op == DBC__NAME)
            return 1;
        if (node->op == DBC__COLUMN &&
            strcmp(dbc_table_sql_name(column->table), name) == 0)
            return 1;
    }
    return 0;
}

// Whether the table between leads to a relative once at most, and finds those
// of a row by an index.
static int leads_once(const dbc_relation *relation)
{
    enum { MOST_ENDS = 16 };
    const dbc_column *ends[MOST_ENDS];
    size_t near = relation->key_count, far = relation->through_count;
    int ignored;

    if (near + far > MOST_ENDS) return 0;
    memcpy(ends, relation->through_from, near * sizeof *ends);
    memcpy(ends + near, relation->through_to, far * sizeof *ends);
    return dbc__index_is_unique(relation->through, ends, near + far) &&
           dbc__index_find(&ignored, relation->through, relation->through_from,
                           near, NULL, 0) != DBC__INDEX_NONE;
}

// Whether the first few of each row can be looked up by their rowids, when an
// index finds the rows of a key as `use` says.
static int can_look_up(const dbc__rewrite *w, const dbc__relatives *at,
                       dbc__index_use use)
{
    const dbc_relation *relation = at->relation;

    if (!relation->target->rowid_alias || !w->dialect ||
        !(w->dialect->can & DBC_CAN_LIMIT_IN_IN))
        return 0;
    if (!relation->through) return use != DBC__INDEX_NONE;
    return leads_once(relation) && !speaks_of_through(w, at);
}

dbc__access dbc__access_choose(const dbc__rewrite *w, const dbc__relatives *at)
{
    enum {
        PUT_TOGETHER = DBC__FRAME_GROUPED | DBC__FRAME_DISTINCT |
                       DBC__FRAME_JOINED | DBC__FRAME_WITH
    };
    const dbc_relation *relation = at->relation;
    const dbc_table *table = relation->target;
    unsigned clauses = dbc__relatives_clauses(w, at);
    dbc__index_term terms[MOST_TERMS] = {{NULL, 0}};
    dbc__access out = {0, 0, 0};

    if (!(clauses & (DBC__FRAME_ORDERED | DBC__FRAME_LIMITED))) return out;
    if (clauses & PUT_TOGETHER) return out;
    int is_limited = (clauses & DBC__FRAME_LIMITED) != 0;
    if (relation->through) {
        out.looks_up = is_limited && can_look_up(w, at, DBC__INDEX_NONE);
        return out;
    }
    int count = read_order(terms, w, at->frame);
    dbc__index_use use = dbc__index_find(
        &out.descending, table, relation->target_key, relation->key_count,
        terms, count < 0 ? 0 : (size_t)count);
    out.looks_up = is_limited && can_look_up(w, at, use);
    out.by_key = !is_limited && use == DBC__INDEX_ORDER && count > 0 &&
                 relation->key_count == 1 &&
                 are_plain(relation->source_key[0], relation->target_key[0]);
    return out;
}
