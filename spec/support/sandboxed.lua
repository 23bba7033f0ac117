-- Runs a script in `dbscript --sandbox`, as a shell does.
local files = require("spec.support.files")

local sandboxed = {}

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- Runs `text`, with these words before its file, which stands in `folder`.
---@param folder table of files.folder()
---@param text string
---@param ... string
---@return { code: integer, how: string, output: string, errors: string }
function sandboxed.run(folder, text, ...)
  local program = os.getenv("DBSCRIPT") or (os.getenv("DBCORE_BUILD") or "build") .. "/bin/dbscript"
  files.write(folder.path("script.lua"), text)
  local words = { quote(program), "--sandbox" }
  for _, word in ipairs({ ... }) do
    words[#words + 1] = quote(word)
  end
  words[#words + 1] = quote(folder.path("script.lua"))
  local _, how, code = os.execute(("%s </dev/null >%s 2>%s"):format(table.concat(words, " "),
    quote(folder.path("output")), quote(folder.path("errors"))))
  return { code = code, how = how, output = files.read(folder.path("output")),
    errors = files.read(folder.path("errors")) }
end

return sandboxed
