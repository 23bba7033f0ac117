-- The rules of the shop: what an order must be and what it costs. The host
-- calls these two; it may load another text in their place while it runs.

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
