-- What every spec of the Lua face expects of a failure: an error object, one clear line, no full
-- stop, the right code.
local assert = require("luassert")

local expect = {}

--- Calls `f(...)`, which must raise an error object.
---@return table err
function expect.error(f, ...)
  local good, err = pcall(f, ...)
  assert.is_false(good, "it should have raised, and did not")
  assert.is_table(err, "no error object: " .. tostring(err))
  assert.is_string(err.code)
  assert.is_string(err.message)
  assert.is_nil(err.message:find("[%c]"), "not one line: " .. err.message)
  assert.is_nil(err.message:find("%.$"), "a full stop: " .. err.message)
  assert.is_true(#err.message > 8, "too short: " .. err.message)
  assert.is_true(#err.message < 512, "too long: " .. #err.message)
  assert.truthy(tostring(err):find(err.message, 1, true))
  return err
end

--- The same, with the code and a piece of the message that are due.
---@param code string
---@param piece string plain text
---@return table err
function expect.failure(code, piece, f, ...)
  local err = expect.error(f, ...)
  assert.equal(code, err.code, err.message)
  if not err.message:find(piece, 1, true) then
    assert.equal(piece, err.message)
  end
  return err
end

--- The caller's mistake: code `invalid`, or `schema` for a name that is none, and the place is in
--- the spec itself.
---@param piece string
---@return table err
function expect.misuse(piece, f, ...)
  local err = expect.error(f, ...)
  assert.truthy(err.code == "invalid" or err.code == "schema", err.code .. ": " .. err.message)
  assert.truthy(tostring(err):find("spec/[%w_/]+%.lua:%d+: "), "no place: " .. tostring(err))
  if not err.message:find(piece, 1, true) then
    assert.equal(piece, err.message)
  end
  return err
end

return expect
