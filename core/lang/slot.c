// Values at rest in a query: put into slots, read as views, copied from one
// query to another with the bytes that belong to them.
#include <assert.h>
#include <string.h>

#include "tree.h"

static size_t payload(const dbc_value *value)
{
    size_t size = 0;

    switch (value->type) {
    case DBC_TEXT:
    case DBC_BLOB:
    case DBC_FOREIGN:
        return value->len;
    case DBC_LIST:
        for (size_t i = 0; i < value->len && size <= DBC__TREE_MOST_BYTES; i++)
            size += sizeof(dbc__slot) + payload(&value->as.list[i]);
        return size;
    default:
        return 0;
    }
}

void dbc__slot_store(dbc__slot *slot, const dbc_value *value)
{
    slot->type = value->type;
    if (value->type == DBC_REAL)
        slot->as.r = value->as.r;
    else if (value->type == DBC_INT || value->type == DBC_BOOL)
        slot->as.i = value->as.i;
}

// Fills `slot` with `value`, whose bytes go to `bytes + *used`; offsets count
// from `bytes`. A list is filled by the caller.
static void fill_slot(dbc__slot *slot, const dbc_value *value, char *bytes,
                      uint32_t *used)
{
    memset(slot, 0, sizeof *slot);
    slot->len = (uint32_t)value->len;
    dbc__slot_store(slot, value);
    if (value->type != DBC_TEXT && value->type != DBC_BLOB &&
        value->type != DBC_FOREIGN)
        return;
    slot->as.offset = *used;
    if (value->len) memcpy(bytes + *used, value->as.text, value->len);
    *used += (uint32_t)value->len;
}

static void fill_list(dbc__slot *slot, const dbc_value *value, char *bytes,
                      uint32_t *used)
{
    uint32_t inside = (uint32_t)(value->len * sizeof(dbc__slot));

    slot->type = DBC_LIST;
    slot->len = (uint32_t)value->len;
    slot->as.offset = *used;
    if (value->len == 0) return; // there may be no memory for any bytes
    char *start = bytes + *used;
    for (size_t i = 0; i < value->len; i++) {
        dbc__slot item;
        fill_slot(&item, &value->as.list[i], start, &inside);
        memcpy(start + i * sizeof item, &item, sizeof item);
    }
    *used += inside;
}

int dbc__tree_value(dbc_query *query, uint32_t *number, const dbc_value *value)
{
    if (!dbc__tree_reserve_value(query, payload(value))) return 0;

    dbc__slot *slot = &query->values[query->used.values];
    if (value->type == DBC_LIST)
        fill_list(slot, value, query->bytes, &query->used.bytes);
    else
        fill_slot(slot, value, query->bytes, &query->used.bytes);
    *number = query->used.values++;
    return 1;
}

// The bytes that belong to the slot.
static size_t slot_bytes(const dbc__slot *slot, const char *bytes)
{
    size_t size = slot->len;

    switch (slot->type) {
    case DBC_TEXT:
    case DBC_BLOB:
    case DBC_FOREIGN:
        return size;
    case DBC_LIST:
        size *= sizeof *slot;
        for (size_t i = 0; i < slot->len; i++)
            size += dbc__slot_item(slot, bytes, i).len;
        return size;
    default:
        return 0;
    }
}

int dbc__tree_copy_value(dbc_query *query, uint32_t *number,
                         const dbc_query *src)
{
    const dbc__slot *slot = &src->values[*number];
    size_t size = slot_bytes(slot, src->bytes);

    if (!dbc__tree_reserve_value(query, size)) return 0;
    dbc__slot *copy = &query->values[query->used.values];
    *copy = *slot;
    if (size) {
        // Offsets in a list count from its own start and stay as they are.
        memcpy(query->bytes + query->used.bytes, src->bytes + slot->as.offset,
               size);
        copy->as.offset = query->used.bytes;
        query->used.bytes += (uint32_t)size;
    }
    *number = query->used.values++;
    return 1;
}

dbc_value dbc__slot_view(const dbc__slot *slot, const char *bytes)
{
    dbc_value value = {(dbc_value_type)slot->type, 0, {0}};

    switch (value.type) {
    case DBC_REAL:
        value.as.r = slot->as.r;
        break;
    case DBC_TEXT:
    case DBC_BLOB:
    case DBC_FOREIGN:
        value.len = slot->len;
        // Where all texts are empty there may be no memory for any.
        value.as.text = bytes != NULL ? bytes + slot->as.offset : "";
        break;
    case DBC_LIST:
        value.len = slot->len;
        break;
    default:
        value.as.i = slot->as.i;
        break;
    }
    return value;
}

dbc_value dbc__slot_item(const dbc__slot *slot, const char *bytes, size_t i)
{
    const char *start = bytes + slot->as.offset;
    dbc__slot item;

    assert(slot->type == DBC_LIST && i < slot->len);
    memcpy(&item, start + i * sizeof item, sizeof item);
    return dbc__slot_view(&item, start);
}

void dbc__slot_store_item(const dbc__slot *slot, char *bytes, size_t i,
                          const dbc_value *value)
{
    char *place = bytes + slot->as.offset + i * sizeof(dbc__slot);
    dbc__slot item;

    memcpy(&item, place, sizeof item);
    dbc__slot_store(&item, value);
    memcpy(place, &item, sizeof item);
}

dbc_value dbc_query_value(const dbc_query *query, uint32_t index)
{
    assert(index < query->used.values);
    return dbc__slot_view(&query->values[index], query->bytes);
}

dbc_value dbc_query_list_item(const dbc_query *query, uint32_t index, size_t i)
{
    assert(index < query->used.values);
    return dbc__slot_item(&query->values[index], query->bytes, i);
}
