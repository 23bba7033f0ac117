-- The definitions for editors (LuaCATS, lua/meta) as ldoc reads them: a file for each class that
-- can do something, one with all that are only fields and names, one for the module, which has a
-- section for each file of the definitions.
--
--   lua5.4 translate.lua TARGET SOURCE…
local target, sources = arg[1], table.pack(table.unpack(arg, 2))

local classes, order, aliases = {}, {}, {} -- by name; names as they come; { name, text, values }
local owners = {} -- local of a definition file → its class
local section -- of the module: { title =, text = }, by the file that is read

-- The module is declared in parts, any other class once.
local function class_of(name, parent, text)
  if name == "dbcore" and classes[name] then
    return classes[name]
  end
  local class = { name = name, parent = parent, text = text, fields = {}, operators = {},
    overloads = {},
    functions = {} }
  classes[name] = class
  order[#order + 1] = name
  return class
end

---------------------------------------------------------------------------------------------------
-- Reading

-- The type at the head of `text`, which may hold blanks in brackets and behind `fun(…):` and `|`;
-- and the words behind it.
local function split_type(text)
  local depth, at = 0, 1
  while at <= #text do
    local c = text:sub(at, at)
    if c:find("[%(%{%[<]") then
      depth = depth + 1
    elseif c:find("[%)%}%]>]") then
      depth = depth - 1
    elseif c == " " and depth == 0 and not text:sub(at - 1, at - 1):find("[:|,]")
      and text:sub(at + 1, at + 1) ~= "|" then
      break
    end
    at = at + 1
  end
  assert(depth == 0, "a type does not end: " .. text)
  return text:sub(1, at - 1), text:sub(at + 1)
end

-- A comment as { text =, tags = { { kind =, words = }, … } }; a line that begins with a blank goes
-- on with the one before.
local function parse(lines)
  local comment = { text = {}, tags = {} }
  for _, line in ipairs(lines) do
    local kind, words = line:match("^@(%w+)%s*(.*)$")
    local value = line:match("^|%s*(.*)$")
    local last = comment.tags[#comment.tags]
    if kind then
      comment.tags[#comment.tags + 1] = { kind = kind, words = words }
    elseif value then
      last.values = last.values or {}
      table.insert(last.values, value)
    elseif last then
      last.words = last.words .. " " .. line:match("^%s*(.*)$")
    else
      table.insert(comment.text, (line:match("^%s?(.*)$")))
    end
  end
  return comment
end

local function read_class(comment, at)
  local words = comment.tags[at].words
  local name, parent = words:match("^([%w_.]+):?%s*([%w_.]*)")
  local class = class_of(name, parent ~= "" and parent or nil, comment.text)
  for i = at + 1, #comment.tags do
    local tag = comment.tags[i]
    if tag.kind == "field" then
      local field, rest = tag.words:match("^(%b[])%s+(.*)$")
      if not field then
        field, rest = tag.words:match("^(%S+)%s+(.*)$")
      end
      local kind, text = split_type(rest)
      table.insert(class.fields, { name = field, kind = kind, text = text })
    elseif tag.kind == "operator" then
      table.insert(class.operators, tag.words)
    elseif tag.kind == "overload" then
      table.insert(class.overloads, tag.words)
    end
  end
  return class
end

local function read_function(comment, owner, separator, name, parameters)
  local one = { name = name, separator = separator, parameters = parameters, text = comment.text,
    section = section, params = {}, returns = {}, overloads = {} }
  for _, tag in ipairs(comment.tags) do
    if tag.kind == "param" then
      local param, rest = tag.words:match("^(%S+)%s+(.*)$")
      local kind, text = split_type(rest)
      table.insert(one.params, { name = param:gsub("%?$", ""), optional = param:find("%?$") ~= nil,
        kind = kind, text = text })
    elseif tag.kind == "return" then
      local kind, text = split_type(tag.words)
      table.insert(one.returns, { kind = kind, text = text })
    elseif tag.kind == "overload" then
      table.insert(one.overloads, tag.words)
    end
  end
  table.insert(assert(classes[owner], owner).functions, one)
end

-- What a comment is about: a class, names, or the line of code behind it.
local function take(lines, code, last)
  local comment = parse(lines)
  for i, tag in ipairs(comment.tags) do
    if tag.kind == "class" then
      last = read_class(comment, i).name
    elseif tag.kind == "alias" then
      local name, rest = tag.words:match("^(%S+)%s*(.*)$")
      -- The words of one that goes on over several lines are one list.
      local values = tag.values or {}
      if rest ~= "" then
        values = { table.concat({ rest, table.unpack(values) }, "|") }
      end
      table.insert(aliases, { name = name, kind = values[1], values = values, text = comment.text })
    end
  end
  local owner = code:match("^local ([%w_]+) = {}$")
  if owner then
    owners[owner] = last
  end
  local holder, separator, name, parameters =
    code:match("^function ([%w_]+)([.:])([%w_]+)%((.-)%) end$")
  if holder then
    read_function(comment, owners[holder], separator, name, parameters)
  end
  return last
end

-- What a file is called, and what it says of itself below its first line.
local function read_head(path)
  local text = {}
  for line in io.lines(path) do
    local words = line:match("^%-%-%s?([^%-].*)$")
    if words then
      text[#text + 1] = words
    elseif #text > 0 then
      break
    end
  end
  local name = path:match("([%w_]+)%.lua$"):gsub("_", " ")
  return { title = name:gsub("^%l", string.upper), text = text }
end

local function read(path)
  local lines, last = {}, nil
  section = read_head(path)
  for line in io.lines(path) do
    local comment = line:match("^%-%-%-(.*)$")
    if comment and not line:find("^%-%-%-%-") and not line:find("^%-%-%-@meta") then
      table.insert(lines, comment)
    else
      last = take(lines, line, last)
      lines = {}
    end
  end
  take(lines, "", last)
end

---------------------------------------------------------------------------------------------------
-- Writing

-- Text as HTML: what stands between backticks is code.
local function html(text)
  local plain = text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" })
  return (plain:gsub("`([^`]*)`", "<code>%1</code>"):gsub("@", "&#64;"))
end

local function has_verbs(class)
  return #class.functions > 0
end

-- Where a class or an alias is described, from any page.
local function place_of(name)
  if classes[name] and has_verbs(classes[name]) then
    return "../classes/" .. name .. ".html"
  end
  return "../modules/dbcore.shapes.html#" .. name
end

-- A type, in which each name leads to its page.
local function code(text)
  local linked = html(text):gsub("`", ""):gsub("dbcore%.%u%w*", function(name)
    return ('<a href="%s">%s</a>'):format(place_of(name), name)
  end)
  return "<code>" .. linked .. "</code>"
end

local function comment(out, line)
  out[#out + 1] = ("-- " .. line):gsub("%s+$", "")
end

-- The words of a comment; the first sentence is the summary. An empty line parts paragraphs.
local function write_text(out, text, otherwise)
  local first = true
  for _, line in ipairs(#text > 0 and text or { otherwise }) do
    out[#out + 1] = (first and "--- " or "-- ") .. (line == "" and "<p>" or html(line))
    first = false
  end
end

-- What goes on behind a summary.
local function write_rest(out, text)
  for _, line in ipairs(text) do
    comment(out, line == "" and "<p>" or html(line))
  end
end

local function write_function(out, class, one)
  write_text(out, one.text)
  for _, words in ipairs(one.overloads) do
    comment(out, "<p>Also " .. code(words))
  end
  local object = one.separator == ":" and class.name:match("%w+$"):lower() .. ":" or ""
  comment(out, ("@function %s%s"):format(object, one.name))
  for _, param in ipairs(one.params) do
    comment(out, ("@param%s %s %s %s"):format(param.optional and "[opt]" or "", param.name,
      code(param.kind), html(param.text)))
  end
  for _, result in ipairs(one.returns) do
    comment(out, ("@return %s %s"):format(code(result.kind), html(result.text)))
  end
  out[#out + 1] = ""
end

local function write_fields(out, class, name)
  write_text(out, class.text, "What it holds.")
  comment(out, "@table " .. name)
  for _, field in ipairs(class.fields) do
    comment(out, ("@field %s %s %s"):format(field.name:gsub("[%[%]?]", ""), code(field.kind),
      html((field.name:find("%?$") and "maybe absent; " or "") .. field.text)))
  end
  out[#out + 1] = ""
end

local function write_file(name, out)
  local file = assert(io.open(target .. "/" .. name .. ".lua", "w"))
  assert(file:write(table.concat(out, "\n"), "\n"))
  assert(file:close())
end

-- A section of the module, when `one` begins it.
local function write_section(out, one, before)
  if one.section ~= before then
    write_text(out, { one.section.title .. "." })
    write_rest(out, one.section.text)
    comment(out, "@section " .. one.section.title:lower():gsub(" ", "_"))
    out[#out + 1] = ""
  end
  return one.section
end

local function write_class(class)
  local out = {}
  write_text(out, class.text, "What its methods are.")
  if class.parent then
    comment(out, "<p>It has the methods of " .. code(class.parent) .. ", too.")
  end
  for _, words in ipairs(class.overloads) do
    comment(out, "<p>It can be called: " .. code(words))
  end
  for _, words in ipairs(class.operators) do
    comment(out, "<p>Operator " .. code(words))
  end
  comment(out, (class.name == "dbcore" and "@module " or "@classmod ") .. class.name)
  out[#out + 1] = ""
  if #class.fields > 0 then
    write_fields(out, { text = { "Its fields." }, fields = class.fields }, "fields")
  end
  local before = class.name == "dbcore" and class.functions[1].section
  for _, one in ipairs(class.functions) do
    if class.name == "dbcore" then
      before = write_section(out, one, before)
    end
    write_function(out, class, one)
  end
  write_file(class.name, out)
end

local function write_words()
  local out = { "--- Tables that are given and taken, and what stands for several types.",
    "-- @module dbcore.shapes", "" }
  for _, name in ipairs(order) do
    if not has_verbs(classes[name]) then
      write_fields(out, classes[name], name)
    end
  end
  for _, alias in ipairs(aliases) do
    write_text(out, alias.text,
      ("Stands for %s."):format(alias.kind ~= "" and alias.kind or "these"))
    comment(out, "@table " .. alias.name)
    for _, value in ipairs(alias.values or { alias.kind }) do
      local word, text = value:match("^(.-)%s*#%s*(.*)$")
      comment(out, ("@field %s %s"):format(code(word or value):gsub(" ", "&nbsp;"),
        html(text or "")))
    end
    out[#out + 1] = ""
  end
  write_file("dbcore.shapes", out)
end

for _, path in ipairs(sources) do
  read(path)
end
local count = 0
for _, name in ipairs(order) do
  if has_verbs(classes[name]) then
    write_class(classes[name])
    count = count + #classes[name].functions
  end
end
write_words()
assert(count > 0, "no function was found")
print(("%d classes, %d functions"):format(#order, count))
