-- Policies: which rows of a table a context may see, make, change and remove. The rules of a table
-- are functions; db:as(context) calls them once and hands the conditions to the native part, which
-- holds them for every query of the new handle.
local native = require("dbcore.native")
local check = require("dbcore.check")

local policy = {}

local OPERATIONS = { "select", "insert", "update", "delete" }
local BITS = { select = 1, insert = 2, update = 4, delete = 8 }
local KEYS = { "all", "delete", "insert", "name", "select", "update" }

-- Descriptor → list of its policies, as they were declared. A policy refers to its descriptor,
-- which keeps nothing alive: the entry lives as long as the descriptor is reached otherwise.
local declared = setmetatable({}, { __mode = "k" })

-- Number of a policy → its descriptor, to go through all of them. As weak values they are gone
-- before they are finalized; as weak keys they would still be there.
local described = setmetatable({}, { __mode = "v" })
local serial = 0

local Policy_mt = {
  __name = "dbcore.policy",
  __tostring = function(self)
    return ("policy of %s"):format(check.quote(self.label))
  end,
}

local function is_rule(value)
  local kind = type(value)
  return kind == "function" or kind == "boolean" or native.kind(value) == "expr"
end

local function check_rules(rules, label)
  local what = ("the policy of %s"):format(check.quote(label))
  if type(rules) ~= "table" or getmetatable(rules) ~= nil then
    check.fail("%s takes a table of rules, got %s", what, check.describe(rules))
  end
  local any = false
  for key in pairs(rules) do
    check.word(key, KEYS, "a rule of " .. what)
  end
  for _, key in ipairs(KEYS) do
    local rule = rules[key]
    if key == "name" then
      check.kind(rule or "", "string", "the name of " .. what)
    elseif rule ~= nil then
      any = true
      if not is_rule(rule) then
        check.fail("rule %s of %s is a function of the context, a condition, true or false; got %s",
          check.quote(key), what, check.describe(rule))
      end
    end
  end
  if not any then
    check.fail("%s has no rule; give it select, insert, update, delete, or all", what)
  end
end

--- Declares which rows of `table` a context may reach. Each rule is a function that takes the
--- context and returns a condition on the table's columns, true (every row) or false (none).
---
---     d.policy(posts, {
---       select = function(ctx) return posts.org_id:eq(ctx.org_id) | posts.public:eq(true) end,
---       insert = function(ctx) return posts.org_id:eq(ctx.org_id) end,
---     })
---
--- A rule may ask other tables, by queries or by relations, d.has("org", …); of those it sees every
--- row.
---
--- `select` says which rows are seen, by any query; `insert` what a new row must be; `update` which
--- rows may be changed, and what they must be afterwards; `delete` which may be removed. `all` is
--- for those that are not said; an operation that nothing is said of is refused. `name` shows in
--- errors. Several policies of one table must all be satisfied. They hold for handles that are made
--- later, by db:as(context).
---@param descriptor dbcore.Table
---@param rules { select: any, insert: any, update: any, delete: any, all: any, name: string }
---@return dbcore.Policy policy an item of d.schema{…}: needed there only when the table itself is
--- not in the schema
function policy.policy(descriptor, rules)
  if native.kind(descriptor) ~= "table" then
    check.fail("policy() takes a table, got %s", check.describe(descriptor))
  end
  local base = native.base(descriptor)
  local label = native.describe(base).name
  check_rules(rules, label)
  serial = serial + 1
  local made = { descriptor = base, label = label, rules = {}, name = rules.name }
  for _, operation in ipairs(OPERATIONS) do
    if rules[operation] ~= nil then
      made.rules[operation] = rules[operation]
    else
      made.rules[operation] = rules.all
    end
  end
  local list = declared[base] or {}
  list[#list + 1] = setmetatable(made, Policy_mt)
  declared[base] = list
  described[serial] = base
  return made
end

--- Whether `value` is what d.policy() returned.
---@param value any
---@return boolean
function policy.is(value)
  return getmetatable(value) == Policy_mt
end

-- Schema → descriptors that are not in it, but have a policy that stands in it.
local attached = setmetatable({}, { __mode = "k" })

--- Makes policies of tables that a schema has no description of hold for its connections.
---@param schema dbcore.Schema
---@param policies dbcore.Policy[]
function policy.attach(schema, policies)
  local list, seen = {}, {}
  for _, descriptor in pairs(schema) do
    seen[descriptor] = true
  end
  for _, one in ipairs(policies) do
    if not seen[one.descriptor] then
      seen[one.descriptor] = true
      list[#list + 1] = one.descriptor
    end
  end
  attached[schema] = list[1] and list or nil
end

---------------------------------------------------------------------------------------------------
-- The context

local function copy(value, seen)
  if type(value) ~= "table" or getmetatable(value) ~= nil then
    return value
  elseif seen[value] then
    check.fail("a context cannot hold itself")
  end
  seen[value] = true
  local copied = {}
  for key, item in next, value do
    copied[key] = copy(item, seen)
  end
  seen[value] = nil
  return copied
end

-- What rules are given: a copy that cannot be changed, in which a key that is missing is an error.
-- That error is remembered, so that a rule which swallows it is not taken at its word.
local function open_context(given, what)
  if type(given) ~= "table" or getmetatable(given) ~= nil then
    check.fail("%s takes a context, a table such as { user_id = 7 }; got %s", what,
      check.describe(given))
  end
  local values, state = copy(given, {}), {}
  local context = setmetatable({}, {
    __name = "dbcore.context",
    __metatable = false,
    __index = function(_, key)
      local value = values[key]
      if value == nil then
        state.missing = ("the context has no %s%s"):format(
          type(key) == "string" and check.quote(key) or check.describe(key),
          check.suggestion(key, check.sorted_keys(values)))
        native.raise("invalid", state.missing)
      end
      return value
    end,
    __newindex = function()
      check.fail("a context cannot be changed")
    end,
    __pairs = function()
      return pairs(copy(values, {}))
    end,
  })
  return context, state
end

---------------------------------------------------------------------------------------------------
-- From rules to conditions

local function check_condition(condition, operation, label)
  if type(condition) ~= "boolean" and native.kind(condition) ~= "expr" then
    check.fail("rule %s of the policy of %s returned %s; it returns a condition, true or false",
      check.quote(operation), check.quote(label), check.describe(condition))
  end
  return condition
end

-- One rule as the native part takes it. A rule that asked for what the context does not have
-- refuses whoever needs it: the same handle may be good for other tables.
local function resolve(rule, operation, one, context, state)
  if type(rule) ~= "function" then
    return { condition = check_condition(rule, operation, one.label) }
  end
  state.missing = nil
  local good, result = pcall(rule, context)
  if state.missing then
    return { refusal = ("the policy of %s cannot be applied to %s: %s"):format(
      check.quote(one.label), operation, state.missing) }
  elseif not good then
    error(result, 0)
  end
  return { condition = check_condition(result, operation, one.label) }
end

-- Adds the rules of one policy. A function that serves several operations is called once.
local function add_rules(rules, descriptor, one, context, state)
  local known = {}
  for _, operation in ipairs(OPERATIONS) do
    local rule = one.rules[operation]
    local made = rule ~= nil and known[rule]
    if made and not made.refusal then
      made.operations = made.operations | BITS[operation]
    elseif rule ~= nil then
      made = resolve(rule, operation, one, context, state)
      made.table, made.operations, made.name = descriptor, BITS[operation], one.name
      known[rule] = made
      rules[#rules + 1] = made
    end
  end
end

-- Descriptors with policies: those of the schema in its order, then those attached to it; without
-- a schema all there are, as they were declared.
local function ruled_tables(schema)
  local list = {}
  if schema then
    for _, descriptor in pairs(schema) do
      list[#list + 1] = declared[descriptor] and descriptor or nil
    end
    return table.move(attached[schema] or {}, 1, #(attached[schema] or {}), #list + 1, list)
  end
  local seen = {}
  for number = 1, serial do
    local descriptor = described[number]
    if descriptor and not seen[descriptor] then
      seen[descriptor] = true
      list[#list + 1] = descriptor
    end
  end
  return list
end

local OPTIONS = { raw = "boolean", tables = { "closed", "open" } }

-- The rules of all tables for a context, and the options of the native part.
local function read(schema, context, options, what)
  local given = check.options(options, OPTIONS, what)
  local opened, state = open_context(context, what)
  local rules = {}
  for _, descriptor in ipairs(ruled_tables(schema)) do
    for _, one in ipairs(declared[descriptor]) do
      add_rules(rules, descriptor, one, opened, state)
    end
  end
  if #rules == 0 and given.tables ~= "closed" then
    check.fail("%s: no table of this connection has a policy; declare one with d.policy(table, "
      .. "{ … }) for a table of the schema it was opened with", what)
  end
  return rules, {
    raw = given.raw or false,
    schema = schema,
    open = given.tables ~= "closed" and schema or nil,
  }
end

--- A handle under the policies of its tables: for every query, join, subquery, relation, count and
--- write that is started from it, in transactions, too, there are only the rows that the context
--- may reach, and what cannot be filtered is refused with `denied`. It has no way back. From such
--- a handle, as() gives a narrower one: then both contexts must be satisfied.
---
--- The context is copied. Rules read it when the handle is made; a rule that reads a key it does
--- not have makes every use of its table an error.
---@param handle dbcore.Conn|dbcore.Tx
---@param context table such as { org_id = 7, user_id = 12 }
---@param options? { raw: boolean, tables: string } raw: SQL text is let through, not filtered
--- (false); tables: what has no policy but stands in the schema is "open" (default) or "closed"
---@return dbcore.Conn
function policy.as(handle, context, options)
  check.handle(handle, "as")
  return native.restrict(handle, read(handle:schema(), context, options, "as()"))
end

--- Puts the connection itself under the policies of its tables, for good: every handle of it, and
--- what a host in C runs on it, has only the rows that the context may reach. Again, it narrows
--- further.
---@param conn dbcore.Conn
---@param context table
---@param options? { raw: boolean, tables: string } as of as()
function policy.restrict(conn, context, options)
  check.handle(conn, "restrict")
  native.connection(conn) -- which refuses a handle under a policy
  native.restrict_connection(conn, read(conn:schema(), context, options, "restrict()"))
end

--- For a host in C: a handle under the policies for a context, of `schema` or, with nil, of every
--- table there is.
---@param handle dbcore.Conn
---@param schema dbcore.Schema?
---@param context table
---@return dbcore.Conn
function policy.under(handle, schema, context)
  return native.restrict(handle, read(schema, context, nil, "the host"))
end

--- For the library's own use: a handle that does not see the rows a condition leaves out. It
--- forbids nothing; policies that hold go on holding. native.unfiltered(handle) is the way back.
---@param handle dbcore.Conn|dbcore.Tx
---@param conditions { table: dbcore.Table, condition: dbcore.Expr }[] in an order that stays
---@return dbcore.Conn
function policy.filtered(handle, conditions)
  local rules = {}
  for i, one in ipairs(conditions) do
    rules[i] = { table = one.table, condition = one.condition, operations = BITS.select }
  end
  return native.restrict(handle, rules, { filter = true })
end

for _, kind in ipairs({ "conn", "txn" }) do
  native.methods(kind).as = policy.as
end

native.methods("conn").restrict = policy.restrict

return policy
