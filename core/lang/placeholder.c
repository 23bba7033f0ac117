// Placeholders: a value or a parameter of the query, and what has to be bound
// where it stands in the text.
#include <string.h>

#include "render.h"

static int grow_parameters(dbc__compiler *c)
{
    size_t cap = c->parameter_cap ? c->parameter_cap * 2 : 8;
    dbc_parameter *grown =
        dbc__arena_take_array(&c->scratch, cap, sizeof *grown);

    if (!grown) return dbc__compiler_nomem(c);
    if (c->parameter_count)
        memcpy(grown, c->parameters, c->parameter_count * sizeof *grown);
    c->parameters = grown;
    c->parameter_cap = cap;
    return DBC_OK;
}

void dbc__render_parameter(dbc__compiler *c, const dbc_parameter *parameter)
{
    if (c->parameter_count == c->parameter_cap && grow_parameters(c) < 0)
        return;
    c->parameters[c->parameter_count++] = *parameter;
    c->dialect->placeholder(&c->text, c->parameter_count);
}

static void put_bound(dbc__compiler *c, uint32_t place, int list)
{
    const dbc__node *node = &c->query->nodes[place];
    dbc_parameter parameter = {0};

    parameter.list = list;
    parameter.type = (dbc_type)node->sub;
    if (node->op == DBC__VALUE) {
        parameter.kind = DBC_PARAMETER_VALUE;
        parameter.index = node->a;
        if (c->level) {
            parameter.kind = DBC_PARAMETER_POLICY;
            parameter.index += c->level->first_value;
        }
        if (!list && c->query->values[node->a].type == DBC_LIST) {
            dbc__compiler_fail(c, DBC_EINVALID,
                               "a list is only allowed on the right of in_");
            return;
        }
    } else {
        parameter.kind = DBC_PARAMETER_NAMED;
        parameter.column = node->u.ptr;
        parameter.name =
            dbc__arena_copy(c->memory, c->query->names + node->a, node->len);
        if (!parameter.name) dbc__compiler_nomem(c);
    }
    dbc__render_parameter(c, &parameter);
}

void dbc__render_value(dbc__compiler *c, uint32_t place)
{
    put_bound(c, place, 0);
}

void dbc__render_list(dbc__compiler *c, uint32_t place)
{
    put_bound(c, place, 1);
}

void dbc__render_written(dbc__compiler *c, uint32_t place,
                         const dbc_column *column, dbc_written written)
{
    dbc__node_op op = (dbc__node_op)c->query->nodes[place].op;
    size_t before = c->parameter_count;

    dbc__render(c, place);
    if (op != DBC__VALUE && op != DBC__PARAM) return;
    if (c->parameter_count == before) return; // it has failed
    dbc_parameter *parameter = &c->parameters[before];
    parameter->type = column->def.type;
    parameter->column = column;
    parameter->written = written;
}
