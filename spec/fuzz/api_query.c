#include "api_query.h"

#include <math.h>

static const char *const names[] = {
    "users", "posts", "u",     "p",        "t",           "id",
    "email", "name",  "nmae",  "age",      "author_id",   "title",
    "views", "n",     "count", "excluded", "a \"quote\"", "\xff\xfe",
    "max",   "f1",    "total", "nocase",   "rtrim",       ""};

const char *api_name(fuzz *f)
{
    return names[fuzz_below(f, COUNT(names))];
}

static dbc_value scalar(fuzz *f)
{
    static const char text[] = "x\0y' -- \"\xc3\xa4\xff long enough to fill "
                               "a pool of bytes more than once";
    static const double reals[] = {0.0, -0.0, 1.5, 1e308, -1e-308, 3.0};

    switch (fuzz_below(f, 9)) {
    case 0:
        return dbc_value_null();
    case 1:
        return dbc_value_bool((int)fuzz_below(f, 2));
    case 2:
        if (fuzz_once_in(f, 6))
            return dbc_value_real(fuzz_once_in(f, 2) ? NAN : INFINITY);
        return dbc_value_real(reals[fuzz_below(f, COUNT(reals))]);
    case 3:
    case 4:
        return dbc_value_text(text, fuzz_below(f, sizeof text));
    case 5:
        return dbc_value_blob(text, fuzz_below(f, sizeof text));
    default:
        return dbc_value_int(fuzz_int(f));
    }
}

dbc_value api_value(fuzz *f, dbc_value list[API_LIST])
{
    size_t count = fuzz_below(f, API_LIST + 1);

    if (!fuzz_once_in(f, 8)) return scalar(f);
    for (size_t i = 0; i < count; i++)
        list[i] = scalar(f);
    return dbc_value_list(list, count);
}

const dbc_table *api_table(fuzz *f, const shop *s)
{
    return fuzz_once_in(f, 2) ? s->users : s->posts;
}

static const dbc_column *any_column(fuzz *f, const shop *s)
{
    const dbc_table *table = api_table(f, s);
    size_t count = dbc_table_column_count(table);

    return dbc_table_column(table, fuzz_below(f, (uint32_t)count));
}

// An expression that was made before, rarely one that never was or that is
// none.
static dbc_expr any_expr(fuzz *f, const api_query *to)
{
    uint32_t kept =
        to->made < COUNT(to->recent) ? to->made : (uint32_t)COUNT(to->recent);

    if (fuzz_once_in(f, 40))
        return fuzz_below(f, dbc_query_measure(to->query).nodes + 3);
    if (kept == 0) return 0;
    return to->recent[fuzz_below(f, kept)];
}

static const char *any_alias(fuzz *f)
{
    static const char *const aliases[] = {NULL, NULL, NULL, "u", "p", "users"};

    return aliases[fuzz_below(f, COUNT(aliases))];
}

static void keep(fuzz *f, api_query *to, dbc_expr expr)
{
    (void)f;
    if (expr != 0) to->recent[to->made++ % COUNT(to->recent)] = expr;
}

// -------------------------------------------------------------- expressions

static dbc_expr build_sql(fuzz *f, api_query *to, const dbc_expr *args,
                          size_t count)
{
    static const char *const texts[] = {"? + ?", "lower(?)",   "'?' || ?", "?",
                                        "1",     "(SELECT ?)", "? -- ?",   ""};
    const char *text = texts[fuzz_below(f, COUNT(texts))];

    if (fuzz_once_in(f, 4)) return dbc_expr_raw(to->query, text, strlen(text));
    return dbc_expr_sql(to->query, text, strlen(text), args, count);
}

static dbc_expr build_over(fuzz *f, api_query *to, const dbc_expr *args,
                           size_t count)
{
    static const char *const frames[] = {
        NULL, "rows between 1 preceding and current row", "groups", "; drop"};
    dbc_window window = {.partition_by = args,
                         .partition_count = fuzz_below(f, 2) ? count : 0,
                         .order_by = args,
                         .order_count = fuzz_below(f, 2) ? count : 0,
                         .frame = frames[fuzz_below(f, COUNT(frames))]};

    return dbc_expr_over(to->query, any_expr(f, to), &window);
}

static dbc_expr build_leaf(fuzz *f, api_query *to, const shop *s)
{
    dbc_query *q = to->query;
    dbc_value list[API_LIST];

    switch (fuzz_below(f, 8)) {
    case 0:
        return dbc_expr_value(q, api_value(f, list));
    case 1:
        return dbc_expr_param(q, api_name(f));
    case 2:
        return dbc_expr_name(q, api_name(f), api_name(f),
                             (dbc_type)fuzz_below(f, DBC_T_ANY + 5));
    case 3:
        return dbc_expr_star(q);
    case 4:
        return dbc_expr_excluded(q, api_name(f));
    default:
        return dbc_expr_column(q, any_column(f, s), any_alias(f));
    }
}

static dbc_expr build_branch(fuzz *f, api_query *to, const dbc_query *other)
{
    dbc_query *q = to->query;
    dbc_expr args[3];
    size_t count = fuzz_below(f, 4);
    dbc_negation negation = fuzz_once_in(f, 2) ? DBC_PLAIN : DBC_NEGATED;
    dbc_expr a = any_expr(f, to), b = any_expr(f, to);

    for (size_t i = 0; i < 3; i++)
        args[i] = any_expr(f, to);
    switch (fuzz_below(f, 14)) {
    case 0:
        return dbc_expr_between(q, a, b, any_expr(f, to), negation);
    case 1:
        return dbc_expr_in(q, a, b, negation);
    case 2:
        return dbc_expr_call(q, api_name(f), args, count,
                             fuzz_once_in(f, 4) ? DBC_CALL_DISTINCT : DBC_CALL);
    case 3:
        return dbc_expr_filter(q, a, b);
    case 4:
        return build_over(f, to, args, count);
    case 5:
        return dbc_expr_case(q, fuzz_once_in(f, 2) ? a : 0, args, args, count,
                             fuzz_once_in(f, 2) ? b : 0);
    case 6:
        return dbc_expr_cast(q, a, (dbc_type)fuzz_below(f, DBC_T_CUSTOM + 1));
    case 7:
        return dbc_expr_collate(q, a, api_name(f));
    case 8:
        return dbc_expr_order(q, a, (dbc_order)fuzz_below(f, 4));
    case 9:
        return dbc_expr_as(q, a, api_name(f));
    case 10:
        return build_sql(f, to, args, count);
    case 11:
        if (other != NULL) return dbc_expr_query(q, other);
        return dbc_expr_exists(q, a, negation);
    default:
        return dbc_expr_op(q, (dbc_op)fuzz_below(f, DBC_OP_IS_NOT_NULL + 1), a,
                           fuzz_once_in(f, 8) ? 0 : b);
    }
}

// ------------------------------------------------------------------- clauses

static void begin(fuzz *f, api_query *to, const dbc_query *other, const shop *s)
{
    dbc_query *q = to->query;
    const dbc_table *table = api_table(f, s);

    switch (fuzz_below(f, 8)) {
    case 0:
        dbc_query_insert(q, table);
        break;
    case 1:
        dbc_query_update(q, table);
        break;
    case 2:
        dbc_query_delete(q, table);
        break;
    case 3:
        if (other != NULL) dbc_query_from_query(q, other, api_name(f));
        break;
    case 4:
        if (other != NULL) dbc_query_with(q, "t", other);
        dbc_query_from_name(q, "t", any_alias(f));
        break;
    default:
        dbc_query_from(q, table, any_alias(f));
        break;
    }
}

static void build_read(fuzz *f, api_query *to, const dbc_query *other,
                       const shop *s)
{
    dbc_query *q = to->query;
    dbc_expr a = any_expr(f, to);
    dbc_join join = (dbc_join)fuzz_below(f, DBC_JOIN_CROSS + 1);

    switch (fuzz_below(f, 16)) {
    case 0:
        dbc_query_join(q, join, api_table(f, s), any_alias(f),
                       join == DBC_JOIN_CROSS ? 0 : a);
        break;
    case 1:
        if (other != NULL) dbc_query_join_query(q, join, other, api_name(f), a);
        break;
    case 2:
        dbc_query_join_name(q, join, api_name(f), any_alias(f), a);
        break;
    case 3:
        if (other != NULL) dbc_query_with(q, api_name(f), other);
        break;
    case 4:
    case 5:
        dbc_query_select(q, a, fuzz_once_in(f, 2) ? NULL : api_name(f));
        break;
    case 6:
        dbc_query_distinct(q);
        break;
    case 7:
        dbc_query_group_by(q, a);
        break;
    case 8:
        dbc_query_having(q, a);
        break;
    case 9:
        dbc_query_order_by(q, a);
        break;
    case 10:
        dbc_query_limit(q, a);
        break;
    case 11:
        dbc_query_offset(q, a);
        break;
    case 12:
        if (other != NULL)
            dbc_query_combine(q, (dbc_set_op)fuzz_below(f, 4), other);
        break;
    case 13:
        dbc_query_answer(q, (dbc_answer)fuzz_below(f, 3));
        break;
    default:
        dbc_query_where(q, a);
        break;
    }
}

static void build_write(fuzz *f, api_query *to, const dbc_query *other,
                        const shop *s)
{
    dbc_query *q = to->query;
    const dbc_column *columns[2] = {any_column(f, s), any_column(f, s)};
    dbc_expr a = any_expr(f, to);

    switch (fuzz_below(f, 11)) {
    case 0:
        dbc_query_everywhere(q);
        break;
    case 1:
        dbc_query_slot(q, columns[0]);
        break;
    case 2:
        if (other != NULL) dbc_query_insert_from(q, other);
        break;
    case 3:
        dbc_query_on_conflict(q, columns, fuzz_below(f, 3));
        break;
    case 4:
        dbc_query_conflict_ignore(q);
        break;
    case 5:
        dbc_query_conflict_set(q, columns[0], a);
        break;
    case 6:
        dbc_query_conflict_where(q, a);
        break;
    case 7:
        dbc_query_returning(q, fuzz_once_in(f, 2) ? 0 : a,
                            fuzz_once_in(f, 2) ? NULL : api_name(f));
        break;
    case 8:
        dbc_query_where(q, a);
        break;
    default:
        dbc_query_set(q, columns[0], a);
        break;
    }
}

// ------------------------------------------------------------ what makes sense

static dbc_expr own_column(fuzz *f, const api_query *to)
{
    size_t count = dbc_table_column_count(to->table);
    const dbc_column *column =
        dbc_table_column(to->table, fuzz_below(f, (uint32_t)count));

    return dbc_expr_column(to->query, column, NULL);
}

static dbc_value fitting(fuzz *f, const dbc_column *column)
{
    static const char *const texts[] = {"a", "b", "Ada", "admin", "reader"};
    const char *text = texts[fuzz_below(f, COUNT(texts))];

    switch (column->def.type) {
    case DBC_T_INTEGER:
    case DBC_T_TIMESTAMP:
        return dbc_value_int((int64_t)fuzz_below(f, 90));
    case DBC_T_BOOLEAN:
        return dbc_value_bool((int)fuzz_below(f, 2));
    default:
        return dbc_value_text(text, strlen(text));
    }
}

static dbc_expr sane_condition(fuzz *f, api_query *to, const dbc_query *other)
{
    dbc_query *q = to->query;
    dbc_expr a = own_column(f, to);
    const dbc_column *column = NULL;
    dbc_value values[2];

    dbc_expr_type(q, a, &column);
    if (column == NULL) return a;
    values[0] = fitting(f, column);
    values[1] = fitting(f, column);
    switch (fuzz_below(f, 8)) {
    case 0:
        return dbc_expr_in(q, a, dbc_expr_value(q, dbc_value_list(values, 2)),
                           DBC_PLAIN);
    case 1:
        return dbc_expr_op(q, DBC_OP_IS_NOT_NULL, a, 0);
    case 2:
        return dbc_expr_between(q, a, dbc_expr_value(q, values[0]),
                                dbc_expr_value(q, values[1]), DBC_NEGATED);
    case 3:
        if (other != NULL && dbc_query_kind_of(other) == DBC_SELECT)
            return dbc_expr_exists(q, dbc_expr_query(q, other), DBC_PLAIN);
        return dbc_expr_op(q, DBC_OP_NE, a, dbc_expr_param(q, "n"));
    default:
        return dbc_expr_op(q, (dbc_op)fuzz_below(f, DBC_OP_GE + 1), a,
                           dbc_expr_value(q, values[0]));
    }
}

static void sane_select(fuzz *f, api_query *to, const dbc_query *other,
                        const shop *s)
{
    dbc_query *q = to->query;

    if (other != NULL && fuzz_once_in(f, 4) &&
        dbc_query_kind_of(other) == DBC_SELECT) {
        dbc_query_with(q, "before", other);
    }
    dbc_query_from(q, to->table, NULL);
    if (fuzz_once_in(f, 4)) {
        const dbc_table *joined = to->table == s->users ? s->posts : s->users;
        dbc_expr id = shop_col(q, s->users, "id");
        dbc_expr author = shop_col(q, s->posts, "author_id");
        dbc_query_join(q, (dbc_join)fuzz_below(f, DBC_JOIN_CROSS), joined, NULL,
                       dbc_expr_op(q, DBC_OP_EQ, id, author));
    }
    if (fuzz_once_in(f, 2)) dbc_query_select(q, own_column(f, to), "one");
    if (fuzz_once_in(f, 3)) dbc_query_order_by(q, own_column(f, to));
    if (fuzz_once_in(f, 3)) dbc_query_limit(q, shop_int(q, 3));
    if (fuzz_once_in(f, 12)) dbc_query_distinct(q);
    if (fuzz_once_in(f, 12)) dbc_query_answer(q, DBC_ANSWER_COUNT);
}

static void sane_write(fuzz *f, api_query *to, const shop *s)
{
    dbc_query *q = to->query;
    const char *name = to->table == s->users ? "email" : "title";
    const dbc_column *column = shop_column(to->table, name);
    const char *other = to->table == s->users ? "name" : "author_id";

    switch (fuzz_below(f, 3)) {
    case 0:
        dbc_query_insert(q, to->table);
        if (fuzz_once_in(f, 2))
            dbc_query_slot(q, column);
        else
            dbc_query_set(q, column, dbc_expr_value(q, fitting(f, column)));
        column = shop_column(to->table, other);
        dbc_query_set(q, column, dbc_expr_value(q, fitting(f, column)));
        if (fuzz_once_in(f, 3)) {
            dbc_query_on_conflict(q, NULL, 0);
            dbc_query_conflict_ignore(q);
        }
        break;
    case 1:
        dbc_query_update(q, to->table);
        dbc_query_set(q, column, dbc_expr_value(q, fitting(f, column)));
        break;
    default:
        dbc_query_delete(q, to->table);
        break;
    }
    if (fuzz_once_in(f, 3)) dbc_query_returning(q, 0, NULL);
}

void api_build_sane(fuzz *f, api_query *to, const dbc_query *other,
                    const shop *s)
{
    uint32_t conditions = fuzz_below(f, 3);

    if (other == to->query) other = NULL;
    to->table = api_table(f, s);
    if (fuzz_once_in(f, 3))
        sane_write(f, to, s);
    else
        sane_select(f, to, other, s);
    if (dbc_query_kind_of(to->query) == DBC_INSERT) return;
    for (uint32_t i = 0; i < conditions; i++)
        dbc_query_where(to->query, sane_condition(f, to, other));
    if (conditions == 0 && dbc_query_kind_of(to->query) != DBC_SELECT)
        dbc_query_everywhere(to->query);
    keep(f, to, dbc_query_root(to->query));
}

void api_build(fuzz *f, api_query *to, const dbc_query *other, const shop *s)
{
    dbc_query_kind kind = dbc_query_kind_of(to->query);

    if (other == to->query) other = NULL;
    if (fuzz_once_in(f, 3)) {
        keep(f, to, build_leaf(f, to, s));
    } else if (fuzz_once_in(f, 3)) {
        keep(f, to, build_branch(f, to, other));
    } else if (kind == DBC_FRAGMENT && !fuzz_once_in(f, 8)) {
        begin(f, to, other, s);
    } else if (fuzz_once_in(f, 40) && other != NULL) {
        keep(f, to, dbc_query_append(to->query, other));
    } else if (kind == DBC_SELECT ? !fuzz_once_in(f, 12)
                                  : fuzz_once_in(f, 12)) {
        build_read(f, to, other, s);
    } else {
        build_write(f, to, other, s);
    }
    dbc_expr_type(to->query, any_expr(f, to), NULL);
}
