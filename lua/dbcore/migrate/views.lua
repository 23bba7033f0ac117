-- What stands on views: other views, and full-text indexes whose text is a view's. One that is made
-- again takes those that read it along: something whose source is gone does not work, and nothing
-- may leave such a thing behind.
local token = require("dbcore.token")

local views = {}

-- The tokens of an SQL text that may say something.
local function say(sql)
  local list = {}
  for kind, text in token.each(sql) do
    if kind ~= "space" and kind ~= "comment" then
      local is_name = kind == "name" or kind == "text"
      list[#list + 1] = { kind = kind, text = is_name and token.unquote(text) or text }
    end
  end
  return list
end

--- The table or view whose text a full-text index holds.
---@param sql string its CREATE statement
---@return string? name nil when it keeps its text itself, or nothing
function views.content(sql)
  local list = say(sql)
  for i = 1, #list - 2 do
    if list[i].text:lower() == "content" and list[i + 1].text == "="
      and (list[i - 1].text == "," or list[i - 1].text == "(") then
      local found = list[i + 2]
      return found.kind ~= "sign" and found.text ~= "" and found.text or nil
    end
  end
  return nil
end

--- Whether a virtual table of `catalog` is a full-text index over a view.
---@param catalog userdata
---@param name string
---@return boolean
function views.carry(catalog, name)
  local object = catalog:find("virtual", name)
  local content = object and views.content(object.sql)
  return content ~= nil and catalog:find("view", content) ~= nil
end

-- Names in an SQL text, in lower case. What is taken for one wrongly is made again for nothing.
local function names_in(sql)
  local found = {}
  for _, one in ipairs(say(sql)) do
    if one.kind == "name" or one.kind == "word" or one.kind == "text" then
      found[one.text:lower()] = true
    end
  end
  return found
end

--- Whether an SQL text speaks of that name.
---@param sql string
---@param name string
---@return boolean
function views.mention(sql, name)
  return names_in(sql)[name:lower()] == true
end

local function of(catalog)
  local list = {}
  for _, one in ipairs(catalog:objects()) do
    if one.kind == "view" or one.kind == "virtual" and views.carry(catalog, one.name) then
      one.key, one.reads = one.name:lower(), names_in(one.sql)
      list[#list + 1] = one
    end
  end
  return list
end

-- Whether `view` reads another one of `list`.
local function reads_any(view, list)
  for _, other in ipairs(list) do
    if other ~= view and view.reads[other.key] then
      return true
    end
  end
  return false
end

-- Those that are read behind those that read them; in a circle, which only words can make, as they
-- come.
local function sort(list)
  local sorted = {}
  while #list > 0 do
    local first = 1
    for i, view in ipairs(list) do
      if not reads_any(view, list) then
        first = i
        break
      end
    end
    table.insert(sorted, 1, table.remove(list, first))
  end
  return sorted
end

--- Adds to `names` what in `catalog` reads one of them, directly or not.
---@param catalog userdata
---@param names table<string, boolean> in lower case
function views.spread(catalog, names)
  local all, has_grown = of(catalog), true
  while has_grown do
    has_grown = false
    for _, view in ipairs(all) do
      for _, other in ipairs(all) do
        if names[other.key] and not names[view.key] and view.reads[other.key] then
          names[view.key], has_grown = true, true
        end
      end
    end
  end
end

--- Those of `names` that are in `catalog`, each before the ones that it reads.
---@param catalog userdata
---@param names table<string, boolean> in lower case
---@return table[] objects views and full-text indexes over views, as catalog:objects() has them
function views.readers_first(catalog, names)
  local list = {}
  for _, view in ipairs(of(catalog)) do
    if names[view.key] then
      list[#list + 1] = view
    end
  end
  return sort(list)
end

return views
