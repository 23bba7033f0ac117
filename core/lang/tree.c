// Growing, copying and hashing the flat tree. It knows what fields of a node
// are offsets, and nothing of what the nodes mean.
#include "tree.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "name.h"

enum {
    HAS_NAME = 1 << 0,  // `a` is an offset into the names
    HAS_NAME2 = 1 << 1, // `b` is an offset into the names
    HAS_VALUE = 1 << 2, // `a` is the number of a value
    HAS_A = 1 << 3,     // `a` is a distance back
    HAS_B = 1 << 4,     // `b` is one
    HAS_C = 1 << 5,     // `c` is one
    HAS_AB = HAS_A | HAS_B
};

static const uint8_t fields_of[DBC__ANSWER + 1] = {
    [DBC__COLUMN] = HAS_NAME,
    [DBC__NAME] = HAS_NAME | HAS_NAME2,
    [DBC__VALUE] = HAS_VALUE,
    [DBC__PARAM] = HAS_NAME,
    [DBC__OP] = HAS_AB,
    [DBC__BETWEEN] = HAS_AB | HAS_C,
    [DBC__IN] = HAS_AB,
    [DBC__ITEM] = HAS_AB,
    [DBC__CALL] = HAS_NAME | HAS_B,
    [DBC__FILTER] = HAS_AB,
    [DBC__WINDOW] = HAS_NAME | HAS_B | HAS_C,
    [DBC__OVER] = HAS_AB,
    [DBC__WHEN] = HAS_AB | HAS_C,
    [DBC__CASE] = HAS_AB | HAS_C,
    [DBC__CAST] = HAS_B,
    [DBC__COLLATE] = HAS_NAME | HAS_B,
    [DBC__ORDER] = HAS_B,
    [DBC__AS] = HAS_NAME | HAS_B,
    [DBC__SQL] = HAS_NAME | HAS_C,
    [DBC__RAW] = HAS_NAME,
    [DBC__EXISTS] = HAS_B,
    [DBC__EXCLUDED] = HAS_NAME,
    [DBC__HAS] = HAS_NAME | HAS_B,
    [DBC__RELATED] = HAS_NAME | HAS_B | HAS_C,
    [DBC__FIELD] = HAS_NAME,
    [DBC__TABLE] = HAS_NAME,
    [DBC__SUBSELECT] = HAS_NAME | HAS_B,
    [DBC__CTE] = HAS_NAME | HAS_NAME2,
    [DBC__LISTED] = HAS_NAME | HAS_B,
    [DBC__FROM] = HAS_B,
    [DBC__JOIN] = HAS_B | HAS_C,
    [DBC__WITH] = HAS_NAME | HAS_B,
    [DBC__WHERE] = HAS_B,
    [DBC__SELECT] = HAS_NAME | HAS_B,
    [DBC__ALSO] = HAS_NAME | HAS_B,
    [DBC__HIDDEN] = HAS_B,
    [DBC__LOAD] = HAS_NAME | HAS_B,
    [DBC__PER] = HAS_B,
    [DBC__GROUP] = HAS_B,
    [DBC__HAVING] = HAS_B,
    [DBC__ORDERED] = HAS_B,
    [DBC__LIMIT] = HAS_B,
    [DBC__OFFSET] = HAS_B,
    [DBC__COMBINE] = HAS_B | HAS_C,
    [DBC__SET] = HAS_A,
    [DBC__INSERT_FROM] = HAS_B,
    [DBC__CONFLICT_SET] = HAS_A,
    [DBC__CONFLICT_WHERE] = HAS_B,
    [DBC__RETURNING] = HAS_NAME | HAS_B,
};

// A heap query carries the place of its own first failure.
typedef struct heap_query {
    dbc_query query;
    dbc_error err;
} heap_query;

enum { MOST_NODES = 1 << 20, MOST_BYTES = DBC__TREE_MOST_BYTES };

int dbc__tree_fail(dbc_query *query, int code, const char *format, ...)
{
    va_list args;

    if (query->status < 0) return query->status;
    va_start(args, format);
    query->status = dbc__error_setv(query->err, code, format, args);
    va_end(args);
    return query->status;
}

dbc_query *dbc_query_new(const dbc_alloc *alloc)
{
    heap_query *heap;

    alloc = dbc__alloc_or_default(alloc);
    heap = dbc__alloc_zero(alloc, 1, sizeof *heap);
    if (!heap) return NULL;
    heap->query.alloc = alloc;
    heap->query.err = &heap->err;
    return &heap->query;
}

void dbc_query_free(dbc_query *query)
{
    if (!query) return;
    assert(query->alloc && "a placed query ends with its memory");
    const dbc_alloc *alloc = query->alloc;
    dbc__alloc_free(alloc, query->nodes,
                    query->room.nodes * sizeof *query->nodes);
    dbc__alloc_free(alloc, query->values,
                    query->room.values * sizeof *query->values);
    dbc__alloc_free(alloc, query->names, query->room.names);
    dbc__alloc_free(alloc, query->bytes, query->room.bytes);
    dbc__alloc_free(alloc, query, sizeof(heap_query));
}

dbc_query *dbc_query_clone(const dbc_query *query, const dbc_alloc *alloc)
{
    dbc_query *copy = dbc_query_new(alloc);
    if (!copy) return NULL;

    dbc_query_append(copy, query);
    if (copy->status == DBC_ENOMEM) {
        dbc_query_free(copy);
        return NULL;
    }
    copy->hash = query->hash;
    copy->is_unhooked = query->is_unhooked;
    copy->has_deleted = query->has_deleted;
    copy->is_upsert = query->is_upsert;
    return copy;
}

dbc_query_size dbc_query_measure(const dbc_query *query)
{
    return query->used;
}

size_t dbc_query_room(dbc_query_size size)
{
    return sizeof(dbc_query) + size.nodes * sizeof(dbc__node) +
           size.values * sizeof(dbc__slot) + size.names + size.bytes;
}

dbc_query *dbc_query_place(void *memory, dbc_query_size size, dbc_error *err)
{
    dbc_query *query = memory;
    char *next = (char *)memory + sizeof *query;

    query->nodes = (dbc__node *)(void *)next;
    next += size.nodes * sizeof(dbc__node);
    query->values = (dbc__slot *)(void *)next;
    next += size.values * sizeof(dbc__slot);
    query->names = next;
    query->bytes = next + size.names;
    // One by one: compilers clear a whole structure with `rep stos`, and what
    // is read from it at once then has to wait.
    query->used.nodes = query->used.values = 0;
    query->used.names = query->used.bytes = 0;
    query->room.nodes = size.nodes;
    query->room.values = size.values;
    query->room.names = size.names;
    query->room.bytes = size.bytes;
    query->hash = 0;
    query->policy = NULL;
    query->is_unhooked = 0;
    query->has_deleted = 0;
    query->is_upsert = 0;
    query->status = DBC_OK;
    query->alloc = NULL;
    query->err = err;
    return query;
}

int dbc_query_seal(dbc_query *query)
{
    query->err = NULL;
    return query->status;
}

int dbc_query_status(const dbc_query *query, dbc_error *err)
{
    if (query->status == DBC_OK || !err) return query->status;
    if (query->err && query->err->code == query->status) {
        if (err != query->err) *err = *query->err;
        return query->status;
    }
    return dbc__error_set(err, query->status, "%s",
                          dbc_status_text(query->status));
}

void dbc_query_restrict(dbc_query *query, const dbc_policy *policy)
{
    query->policy = policy;
}

const dbc_policy *dbc_query_policy(const dbc_query *query)
{
    return query->policy;
}

void dbc_query_unhook(dbc_query *query)
{
    query->is_unhooked = 1;
}

void dbc_query_with_deleted(dbc_query *query)
{
    query->has_deleted = 1;
}

dbc_expr dbc_query_root(const dbc_query *query)
{
    return query->status < 0 ? 0 : query->used.nodes;
}

dbc_query_kind dbc_query_kind_of(const dbc_query *query)
{
    for (uint32_t i = query->used.nodes; i > 0;) {
        const dbc__node *node = &query->nodes[--i];
        switch (node->op) {
        case DBC__QUERY:
            i -= node->a;
            break;
        case DBC__FROM:
        case DBC__COMBINE:
            return DBC_SELECT;
        case DBC__INSERT:
            return DBC_INSERT;
        case DBC__UPDATE:
            return DBC_UPDATE;
        case DBC__DELETE:
            return DBC_DELETE;
        default:
            break;
        }
    }
    return DBC_FRAGMENT;
}

// The slow half of reserve(): the array grows, or the query fails.
static int grow(dbc_query *query, void **array, uint32_t used, uint32_t *room,
                uint32_t more, size_t size)
{
    uint64_t wanted = (uint64_t)used + more;
    uint64_t limit = size == 1 ? MOST_BYTES : MOST_NODES;

    if (!query->alloc || wanted > limit) {
        dbc__tree_fail(query, DBC_ELIMIT, "the query is too large");
        return 0;
    }
    uint64_t cap = *room ? *room : size == 1 ? 64 : 16;
    while (cap < wanted)
        cap *= 2;
    void *grown = dbc__alloc_resize(query->alloc, *array, *room * size,
                                    (size_t)cap * size);
    if (!grown) {
        dbc__tree_fail(query, DBC_ENOMEM, "out of memory");
        return 0;
    }
    *array = grown;
    *room = (uint32_t)cap;
    return 1;
}

// Makes room for `more` things behind `used` in one of the four arrays.
static inline int reserve(dbc_query *query, void **array, uint32_t used,
                          uint32_t *room, uint32_t more, size_t size)
{
    if (query->status < 0) return 0;
    if (more <= *room - used) return 1;
    return grow(query, array, used, room, more, size);
}

static int reserve_nodes(dbc_query *query, uint32_t more)
{
    return reserve(query, (void **)&query->nodes, query->used.nodes,
                   &query->room.nodes, more, sizeof *query->nodes);
}

static int reserve_values(dbc_query *query, uint32_t more)
{
    return reserve(query, (void **)&query->values, query->used.values,
                   &query->room.values, more, sizeof *query->values);
}

static int reserve_names(dbc_query *query, size_t more)
{
    if (more > MOST_BYTES) more = MOST_BYTES + 1u;
    return reserve(query, (void **)&query->names, query->used.names,
                   &query->room.names, (uint32_t)more, 1);
}

static int reserve_bytes(dbc_query *query, size_t more)
{
    if (more > MOST_BYTES) more = MOST_BYTES + 1u;
    return reserve(query, (void **)&query->bytes, query->used.bytes,
                   &query->room.bytes, (uint32_t)more, 1);
}

int dbc__tree_reserve_value(dbc_query *query, size_t bytes)
{
    return reserve_values(query, 1) && reserve_bytes(query, bytes);
}

static int reserve_all(dbc_query *query, dbc_query_size more)
{
    return reserve_nodes(query, more.nodes) &&
           (more.values == 0 || reserve_values(query, more.values)) &&
           (more.names == 0 || reserve_names(query, more.names)) &&
           (more.bytes == 0 || reserve_bytes(query, more.bytes));
}

// A node as two words for the hash. Fields are read as they were written, one
// by one: a load of all sixteen bytes behind stores of one, two and four has to
// wait until these are in the cache. Odd factors keep them from cancelling out.
static inline uint64_t hash_fields(const dbc__node *node)
{
    uint64_t first = node->op * UINT64_C(0xd6e8feb86659fd93) +
                     node->sub * UINT64_C(0x9fb21c651e98df25) +
                     node->len * UINT64_C(0xff51afd7ed558ccd) +
                     node->a * UINT64_C(0xc4ceb9fe1a85ec53);
    uint64_t second =
        node->u.at.b + node->u.at.c * UINT64_C(0xa0761d6478bd642f);

    return first ^ second * UINT64_C(0x9e3779b97f4a7c15);
}

// The hash with one more node in it, and with the names it brings along.
static uint64_t hash_node(const dbc_query *query, const dbc__node *node)
{
    uint8_t fields = fields_of[node->op];
    uint64_t hash = dbc__hash_mix(query->hash, hash_fields(node));

    if (node->op == DBC__SQL || node->op == DBC__RAW)
        return dbc__hash(hash, query->names + node->a, node->u.at.b);
    if ((fields & HAS_NAME) && node->len)
        hash = dbc__hash(hash, query->names + node->a, node->len);
    if (fields & HAS_NAME2)
        hash = dbc__hash(hash, query->names + node->u.at.b, node->u.at.c);
    return hash;
}

dbc_expr dbc__tree_add(dbc_query *query, const dbc__node *node)
{
    if (!reserve_nodes(query, 1)) return 0;
    dbc__node *made = &query->nodes[query->used.nodes++];
    made->op = node->op;
    made->sub = node->sub;
    made->len = node->len;
    made->a = node->a;
    made->u.at.b = node->u.at.b;
    made->u.at.c = node->u.at.c;
    query->hash = hash_node(query, node);
    return query->used.nodes;
}

void dbc__tree_rehash(dbc_query *query)
{
    query->hash = 0;
    for (uint32_t i = 0; i < query->used.nodes; i++)
        query->hash = hash_node(query, &query->nodes[i]);
}

// Copies `len` bytes behind the names; the offset goes to `*offset`.
static int keep_name(dbc_query *query, uint32_t *offset, const char *name,
                     size_t len)
{
    if (!reserve_names(query, len)) return 0;
    *offset = query->used.names;
    if (len) memcpy(query->names + *offset, name, len);
    query->used.names += (uint32_t)len;
    return 1;
}

static int check_name(dbc_query *query, const char *name, size_t len,
                      const char *what)
{
    dbc_error err; // filled when the check fails

    if (query->status < 0) return 0;
    if (dbc__name_check(name, len, what, &err) == DBC_OK) return 1;
    dbc__tree_fail(query, err.code, "%s", err.message);
    return 0;
}

int dbc__tree_name(dbc_query *query, dbc__node *node, const char *name,
                   const char *what)
{
    size_t len = strlen(name);
    if (!check_name(query, name, len, what)) return 0;
    node->len = (uint16_t)len;
    return keep_name(query, &node->a, name, len);
}

int dbc__tree_name2(dbc_query *query, dbc__node *node, const char *name,
                    const char *what)
{
    size_t len = strlen(name);
    if (!check_name(query, name, len, what)) return 0;
    node->u.at.c = (uint32_t)len;
    return keep_name(query, &node->u.at.b, name, len);
}

int dbc__tree_text(dbc_query *query, dbc__node *node, const char *text,
                   size_t len)
{
    if (query->status < 0) return 0;
    if (len && memchr(text, '\0', len)) {
        dbc__tree_fail(query, DBC_EINVALID, "SQL text holds a NUL byte");
        return 0;
    }
    node->u.at.b = (uint32_t)len;
    return keep_name(query, &node->a, text, len);
}

int dbc__tree_adopt(dbc_query *query, dbc__node *node, const dbc_query *src)
{
    uint8_t fields = fields_of[node->op];
    int is_text = node->op == DBC__SQL || node->op == DBC__RAW;
    size_t len = is_text ? node->u.at.b : node->len;

    if ((fields & HAS_NAME) &&
        !keep_name(query, &node->a, src->names + node->a, len))
        return 0;
    if (!(fields & HAS_NAME2)) return query->status == DBC_OK;
    return keep_name(query, &node->u.at.b, src->names + node->u.at.b,
                     node->u.at.c);
}

static uint32_t redirect(const dbc_query *query, uint32_t place, uint32_t back,
                         const uint32_t *map)
{
    return back ? query->used.nodes + 1 - map[place - back] : 0;
}

void dbc__tree_mark(const dbc__node *node, uint32_t place, uint8_t *marks)
{
    uint8_t fields = fields_of[node->op];

    if ((fields & HAS_A) && node->a) marks[place - node->a] = 1;
    if ((fields & HAS_B) && node->u.at.b) marks[place - node->u.at.b] = 1;
    if ((fields & HAS_C) && node->u.at.c) marks[place - node->u.at.c] = 1;
}

void dbc__tree_redirect(const dbc_query *query, dbc__node *node, uint32_t place,
                        const uint32_t *map)
{
    uint8_t fields = fields_of[node->op];

    if (fields & HAS_A) node->a = redirect(query, place, node->a, map);
    if (fields & HAS_B)
        node->u.at.b = redirect(query, place, node->u.at.b, map);
    if (fields & HAS_C)
        node->u.at.c = redirect(query, place, node->u.at.c, map);
}

uint32_t dbc__tree_back(dbc_query *query, dbc_expr expr)
{
    if (query->status < 0) return 0;
    if (expr == 0 || expr > query->used.nodes) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "an expression is missing or of another query");
        return 0;
    }
    return query->used.nodes - (expr - 1);
}

// Moves the copied nodes' offsets behind what the pools held before.
static void relocate(dbc__node *nodes, dbc_query_size copied,
                     dbc_query_size base)
{
    if ((base.names == 0 || copied.names == 0) &&
        (base.values == 0 || copied.values == 0))
        return;
    for (uint32_t i = 0; i < copied.nodes; i++) {
        uint8_t fields = fields_of[nodes[i].op];
        if (fields & HAS_VALUE) nodes[i].a += base.values;
        if (fields & HAS_NAME) nodes[i].a += base.names;
        if (fields & HAS_NAME2) nodes[i].u.at.b += base.names;
    }
}

// Behind values that were there before, the text of the copied ones lies
// further back.
static void copy_values(dbc_query *query, const dbc_query *src)
{
    uint32_t base = query->used.bytes;

    if (!src->used.values) return; // there may be no memory for any
    dbc__slot *values = query->values + query->used.values;
    memcpy(values, src->values, src->used.values * sizeof *values);
    if (!base) return;
    for (uint32_t i = 0; i < src->used.values; i++)
        if (values[i].type >= DBC_TEXT && values[i].type != DBC_BOOL)
            values[i].as.offset += base;
}

static void copy_pools(dbc_query *query, const dbc_query *src)
{
    if (src->used.names)
        memcpy(query->names + query->used.names, src->names, src->used.names);
    if (src->used.bytes)
        memcpy(query->bytes + query->used.bytes, src->bytes, src->used.bytes);
}

// A lone column, which is most of what is appended: no pools, nothing to move.
static inline int is_lone_node(const dbc_query *src)
{
    return src->used.nodes == 1 && src->used.values == 0 &&
           src->used.names == 0 && src->status == DBC_OK && !src->policy;
}

// What was started under a policy stays under it as a part of something else;
// and so does all the rest of that.
static int join_policies(dbc_query *query, const dbc_query *src)
{
    if (!src->policy || src->policy == query->policy) return 1;
    if (query->policy) {
        dbc__tree_fail(query, DBC_EDENIED,
                       "the parts of the query were started under different "
                       "policies: start all of them from one handle");
        return 0;
    }
    query->policy = src->policy;
    return 1;
}

static dbc_expr append_node(dbc_query *query, const dbc_query *src)
{
    if (!reserve_nodes(query, 1)) return 0;
    query->hash =
        query->used.nodes ? dbc__hash_mix(query->hash, src->hash) : src->hash;
    query->nodes[query->used.nodes++] = src->nodes[0];
    return query->used.nodes;
}

dbc_expr dbc_query_append(dbc_query *query, const dbc_query *src)
{
    dbc_query_size base = query->used;

    if (query->status < 0) return 0;
    if (is_lone_node(src)) return append_node(query, src);
    if (src->status < 0) {
        dbc__tree_fail(query, src->status, "%s",
                       src->err ? src->err->message
                                : dbc_status_text(src->status));
        return 0;
    }
    if (!join_policies(query, src)) return 0;
    if (src->used.nodes == 0) return 0;
    if (!reserve_all(query, src->used)) return 0;

    memcpy(query->nodes + base.nodes, src->nodes,
           src->used.nodes * sizeof *src->nodes);
    relocate(query->nodes + base.nodes, src->used, base);
    copy_values(query, src);
    copy_pools(query, src);
    query->used.nodes += src->used.nodes;
    query->used.values += src->used.values;
    query->used.names += src->used.names;
    query->used.bytes += src->used.bytes;
    query->hash =
        base.nodes ? dbc__hash_mix(query->hash, src->hash) : src->hash;
    return query->used.nodes;
}

const dbc_table *dbc__tree_table(const dbc_query *query, uint32_t place)
{
    const dbc__node *node = &query->nodes[place];

    switch (node->op) {
    case DBC__TABLE:
    case DBC__INSERT:
    case DBC__UPDATE:
    case DBC__DELETE:
        return node->u.ptr;
    case DBC__COLUMN:
    case DBC__PARAM:
    case DBC__SET:
    case DBC__SLOT:
    case DBC__CONFLICT_COLUMN:
    case DBC__CONFLICT_SET: {
        const dbc_column *column = node->u.ptr;
        return column ? column->table : NULL;
    }
    default:
        return NULL;
    }
}

int dbc__tree_same_shape(const dbc_query *a, const dbc_query *b)
{
    if (a->used.nodes != b->used.nodes || a->used.names != b->used.names)
        return 0;
    if (a->used.nodes &&
        memcmp(a->nodes, b->nodes, a->used.nodes * sizeof *a->nodes) != 0)
        return 0;
    return a->used.names == 0 || memcmp(a->names, b->names, a->used.names) == 0;
}
