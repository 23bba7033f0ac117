-- Merging branches: migrations of one version that were written beside each other. Databases may
-- have them in any order, so every order is tried in memory and must come to the same. Which of
-- the later migrations is of which branch is not written anywhere; all that could be is tried.
local native = require("dbcore.native")
local check = require("dbcore.check")
local base = require("dbcore.migrate.migrator")
local folder = require("dbcore.migrate.folder")
local generate = require("dbcore.migrate.generate")

local Migrator = base.Migrator

local MOST_RUNS = 1000 -- databases in memory, each with all migrations

-- "a", "a and b", "a, b and c".
local function in_words(ids)
  if #ids < 2 then
    return ids[1] or "nothing"
  end
  return table.concat(ids, ", ", 1, #ids - 1) .. " and " .. ids[#ids]
end

-- What is common to all branches, the groups of versions from the first heads on, and how many
-- branches there are. Merges say only that others fit together: they come when all is there.
local function split(list, heads)
  local is_head, common, groups, count = {}, {}, {}, 1
  for _, id in ipairs(heads) do
    is_head[id] = true
  end
  for _, group in ipairs(folder.groups(list)) do
    if #groups == 0 and not is_head[group[1].id] then
      table.move(group, 1, #group, #common + 1, common)
    elseif not group[1].merges then
      groups[#groups + 1] = group
      count = math.max(count, #group)
    end
  end
  return common, groups, count
end

-- Calls `visit` with each list that holds `size` of the numbers up to `count`, in each order.
local function each_choice(size, count, visit)
  local chosen, taken = {}, {}
  local function choose()
    if #chosen == size then
      return visit(chosen)
    end
    for i = 1, count do
      if not taken[i] then
        taken[i], chosen[#chosen + 1] = true, i
        choose()
        taken[i], chosen[#chosen] = nil, nil
      end
    end
  end
  choose()
end

-- Calls `visit` with the branches as they may have been: each of the migrations of one version in
-- a branch of its own. The numbers of branches mean nothing, so the widest group stays where it is.
local function each_assignment(groups, count, visit)
  local branches, fixed = {}, nil
  for i = 1, count do
    branches[i] = {}
  end
  local function assign(at)
    local group = groups[at]
    if not group then
      return visit(branches)
    end
    local function place(chosen)
      for i, one in ipairs(group) do
        table.insert(branches[chosen[i]], one)
      end
      assign(at + 1)
      for i in ipairs(group) do
        table.remove(branches[chosen[i]])
      end
    end
    if #group == count and (fixed == nil or fixed == at) then
      fixed = at
      local straight = {}
      for i = 1, count do
        straight[i] = i
      end
      return place(straight)
    end
    each_choice(#group, count, place)
  end
  assign(1)
end

-- How many databases all that takes.
local function runs(groups, count)
  local orders, assignments, is_fixed = 1, 1, false
  for i = 2, count do
    orders = orders * i
  end
  for _, group in ipairs(groups) do
    if #group == count and not is_fixed then
      is_fixed = true
    else
      for i = 0, #group - 1 do
        assignments = assignments * (count - i)
      end
    end
  end
  return assignments * (orders + count)
end

-- Another migrator of the same options, with these migrations.
local function with(self, list)
  local other = { _options = self._options, _handle = self._handle, _migrations = list }
  other._box = base.build(other)
  return other
end

-- The migrations when some branches have come. Heads among them are merged.
local function delivery(work, branches, order, count)
  local list, names = table.move(work.common, 1, #work.common, 1, {}), {}
  for i = 1, count do
    local branch = branches[order[i]]
    table.move(branch, 1, #branch, #list + 1, list)
  end
  table.sort(list, folder.before)
  for i, id in ipairs(folder.heads(list)) do
    names[i] = id
  end
  if #names > 0 then
    local merge = check.copy(work.merge)
    merge.sql, merge.merges = ("-- merges: %s\n"):format(table.concat(names, " ")), names
    list[#list + 1] = merge
  end
  return list
end

local function ids_of(branches, order, first, last)
  local ids = {}
  for i = first, last do
    for _, one in ipairs(branches[order[i]]) do
      ids[#ids + 1] = one.id
    end
  end
  table.sort(ids)
  return in_words(ids)
end

-- Lets branches come one after the other. Returns the fingerprint of what comes out, or nil and
-- what went wrong.
local function run(self, work, branches, order)
  local scratch <close> = base.scratch(self)
  for count = 1, #order do
    local is_last = count == #branches
    local list = is_last and work.list or delivery(work, branches, order, count)
    local good, err = pcall(function()
      base.rehearse(with(self, list), scratch, { kind = "up" })
    end)
    if not good then
      return nil, { count = count, err = err,
        words = ("with %s %s, %s"):format(ids_of(branches, order, count, count),
          count == 1 and "before the others" or "after " .. ids_of(branches, order, 1, count - 1),
          type(err) == "table" and err.message or tostring(err)) }
    end
  end
  return native.catalog(scratch):fingerprint()
end

local function raise_failure(failure)
  native.raise("conflict", "the heads cannot be merged: " .. failure.words,
    { cause = failure.err })
end

-- Whether each of the branches works without the others: else these are not what they were.
local function is_possible(self, work, branches)
  for i = 1, #branches do
    local found, failure = run(self, work, branches, { i })
    if not found then
      return false, failure
    end
  end
  return true
end

-- What a new database comes to, which has all of them in the order of their names.
local function fresh(self, work)
  local good, scratch = pcall(base.end_state, with(self, work.list))
  if not good then
    raise_failure({ err = scratch, words = "in a new database, "
      .. (type(scratch) == "table" and scratch.message or tostring(scratch)) })
  end
  local _ <close> = scratch
  return native.catalog(scratch):fingerprint()
end

local function prove(self, work, heads, groups, count)
  local wanted, is_proved, refused = fresh(self, work), false, nil
  each_assignment(groups, count, function(branches)
    local good, failure = is_possible(self, work, branches)
    if not good then
      refused = refused or failure
      return
    end
    each_choice(count, count, function(order)
      local found, why = run(self, work, branches, order)
      if not found then
        raise_failure(why)
      elseif found ~= wanted then
        native.raise("conflict", ("the heads %s come to something else in another order: give %s "
          .. "of them a later version"):format(in_words(heads),
          #heads == 2 and "one" or "all but one"))
      end
    end)
    is_proved = true
  end)
  if not is_proved then
    raise_failure(refused)
  end
end

--- Writes a migration that only says that heads, of one version, may come in any order, after every
--- order was tried in memory and came to the same.
---@param options? { name: string, dry_run: boolean }
---@return { id: string, heads: string[], text: string, path: string? }? result nil when there is
--- one head only
function Migrator:merge(options)
  generate.check_folder(self, "merge()")
  local given = check.options(options, { name = "string", dry_run = "boolean" }, "merge()")
  local list = folder.load(self._options.dir)
  local heads = folder.heads(list)
  if #heads == 0 then
    return nil
  end
  local version, name = folder.next_version(list), folder.name(given.name or "merge")
  local id = base.id_of(version, name)
  local text = ("-- merges: %s\n"):format(table.concat(heads, " "))
  local common, groups, count = split(list, heads)
  if runs(groups, count) > MOST_RUNS then
    native.raise("conflict", ("%s have too many orders to try them all: give those of one branch "
      .. "later versions than all others"):format(in_words(heads)))
  end
  local merge = { version = version, name = name, id = id, sql = text, merges = heads }
  list[#list + 1] = merge
  prove(self, { common = common, merge = merge, list = list }, heads, groups, count)
  return base.write(self, { id = id, heads = heads, text = text }, ".sql", given)
end
