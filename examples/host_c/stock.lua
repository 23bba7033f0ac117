-- What stands around every write of the program to its table of products. It is written in C, and
-- knows nothing of this.
local d = dbcore

local products = d.table("products", {
  d.text "name" :primary_key(),
  d.integer "price" :not_null(),
  d.integer "stock" :not_null() :range(0),
})

Products = d.repository(products, {
  before_update = function(changes, _, old)
    if changes.price and changes.price > 2 * old.price then
      error(("%s would cost more than twice as much"):format(old.name), 0)
    end
  end,
  after_update = function(row)
    if row.stock < 5 then
      notify("reorder " .. row.name, row.stock)
    end
  end,
})
