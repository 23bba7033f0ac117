-- What a script must not be able to do: it catches every error and goes on
-- for ever, and tries to leave.
function price()
  if io or os.execute or require then
    return -1
  end
  while true do
    pcall(function()
      while true do end
    end)
  end
end
