-- The rules of the shop: what an order must be, what it costs, what happens
-- when it is there. The host calls these three; it may load another text in
-- their place while it runs.

-- Why an order is refused, or nil.
function validate(order)
  if order.quantity < 1 then
    return "an order has at least one piece"
  end
  if order.quantity > order.stock then
    return ("only %d of %s are left"):format(order.stock, order.product)
  end
end

-- What it costs, in cents.
function price(order)
  local cents = order.quantity * order.price
  if order.quantity >= 10 then
    cents = cents - cents // 10 -- a tenth off from ten pieces on
  end
  return cents
end

-- After it was written, in the same transaction.
function after_order(order)
  local left = db:query("SELECT stock FROM products WHERE name = ?", order.product):value()
  if left < 5 then
    notify("reorder " .. order.product, left)
  end
end
